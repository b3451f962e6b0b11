"""What the lexicon finds in each sentence, in the order in which it stands there."""

import re
from itertools import groupby

from mailflow.understanding.confirmation.asked import Asked
from mailflow.understanding.confirmation.events import Findings
from mailflow.understanding.confirmation.lexicon import OTHERS, OURS, Lexicon, common_words

_OURS, _OTHERS = re.compile(OURS), re.compile(OTHERS)
_FEW = 6  # sentences; more than that is many


def marks_of(found: Findings, lexicon: Lexicon, asked: Asked) -> list[list[str]]:
    """Give the names of the lists that meet each sentence, of the acts said in it, and its length.

    They are the same names in every language, so that what is learned of one serves the others.
    """
    patterns = {
        **lexicon.marks,
        "thing": lexicon.about[asked.topic].thing,
        "any_thing": lexicon.about[None].thing,
        "benign": common_words().benign,
        "ours": _OURS,
        "others": _OTHERS,
    }
    sentences = [
        sorted((m.start(), name) for name, p in patterns.items() for m in p.finditer(text))
        for text in found.texts
    ]
    for kind in ("clean", "doubted", "weak", "left", "request"):
        for event in getattr(found, kind):
            said = (f"said.{kind}", *(f"{kind}.{doubt}" for doubt in event.doubts))
            sentences[event.sentence] += [(event.start, name) for name in said]
    marks = [[name for name, _ in groupby(name for _, name in sorted(s))] for s in sentences]
    for number, text in enumerate(found.texts):
        marks[number] += ["asks"] * found.questions[number]
        marks[number].append(f"words.{min(8, len(text.split()) // 4)}")
    if marks:
        marks[0].append(f"sentences.{min(len(marks), _FEW)}")
    return marks
