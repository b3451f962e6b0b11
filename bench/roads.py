"""Roads: processes that carry connections to a server, and that can be cut or stopped at will.

    python -m bench.roads PORT...

The first line printed is READY and a port for each one named. SIGUSR1 resets every connection at
once. SIGUSR2 carries only a part of what comes next, in whichever direction, and resets it then: so
a connection ends in the midst of a command, a mail or an answer. SIGSTOP makes the server silent.
"""

import asyncio
import random
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

_CHUNK = 65_536
_AT_ONCE = struct.pack("ii", 1, 0)  # SO_LINGER: a close is a reset


class Roads:
    """A process of roads to some ports of this machine."""

    def __init__(self, ports: Sequence[int]) -> None:
        command = [sys.executable, "-m", "bench.roads", *map(str, ports)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        self.ports = [int(word) for word in self._process.stdout.readline().split()[1:]]

    def cut(self) -> None:
        self._process.send_signal(signal.SIGUSR1)

    def cut_midway(self) -> None:
        self._process.send_signal(signal.SIGUSR2)

    @contextmanager
    def silent(self) -> Iterator[None]:
        """Carry nothing meanwhile; what was sent arrives later, though nobody may listen."""
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


class _Carrier:
    def __init__(self) -> None:
        self._open: set[asyncio.StreamWriter] = set()
        self._midway = False

    async def serve(self, target: int) -> int:
        async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await self._carry(target, reader, writer)

        server = await asyncio.start_server(carry, "127.0.0.1", 0)
        return int(server.sockets[0].getsockname()[1])

    async def _carry(
        self, target: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", target)
        ends = {writer, back}
        self._open |= ends
        try:
            await asyncio.gather(self._pump(reader, back), self._pump(there, writer))
        except OSError:
            pass
        finally:
            self._open -= ends
            for end in ends:
                end.close()

    async def _pump(self, source: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
        while chunk := await source.read(_CHUNK):
            if self._midway:
                self._midway = False
                to.write(chunk[: random.randrange(len(chunk) + 1)])
                await to.drain()
                self.cut()
                return
            to.write(chunk)
            await to.drain()
        if to.can_write_eof():
            to.write_eof()

    def cut(self) -> None:
        for writer in self._open:
            with suppress(OSError):
                linger: socket.socket = writer.get_extra_info("socket")
                linger.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
            writer.transport.abort()

    def cut_midway(self) -> None:
        self._midway = True


async def _serve(targets: list[int]) -> None:
    carrier, loop = _Carrier(), asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, carrier.cut)
    loop.add_signal_handler(signal.SIGUSR2, carrier.cut_midway)
    ports = [await carrier.serve(target) for target in targets]
    print("READY", *ports, flush=True)
    await asyncio.to_thread(sys.stdin.read)  # whoever started it has ended
    asyncio.get_running_loop().stop()


if __name__ == "__main__":
    with suppress(RuntimeError):
        asyncio.run(_serve([int(word) for word in sys.argv[1:]]))
