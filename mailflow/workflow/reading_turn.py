"""One picture at a time, and no mail's pictures for longer than all of them may take."""

import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager

from mailflow.tickets.errors import TryAgainLater

_MAILS_KEPT = 256
_ASK_AGAIN_SECONDS = 1


class ReadingTurn:
    """Who may have a picture read. Safe for many threads.

    There is one reader. A worker that waited for it would keep every mail behind it waiting too, so
    the picture goes back into the line instead.
    """

    def __init__(self) -> None:
        self._busy = threading.Lock()
        self._spent: OrderedDict[str, float] = OrderedDict()  # seconds, by mail

    @contextmanager
    def taken(self, mail: str, *, most_seconds: float) -> Iterator[float]:
        """Give the moment of the monotonic clock until which pictures of this mail may be read.

        Raises:
            TryAgainLater: another picture is being read.
        """
        if not self._busy.acquire(blocking=False):
            raise TryAgainLater("another picture is being read", after_seconds=_ASK_AGAIN_SECONDS)
        began, spent = time.monotonic(), self._spent.pop(mail, 0.0)
        try:
            yield began + most_seconds - spent
        finally:
            self._spent[mail] = spent + time.monotonic() - began
            if len(self._spent) > _MAILS_KEPT:
                self._spent.popitem(last=False)
            self._busy.release()
