"""Takes lines apart that say several things: a name and a word, labels and values, a word and when.

What cannot be told apart for certain stays whole, and is then judged as a whole: every part of a
line that names the job must be understood, or a longer name would be cut down to a shorter one.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, partial

from mailflow.evidence.layout import kind_of
from mailflow.evidence.lexicon import Pattern, alternatives, any_of, durations, words
from mailflow.evidence.naming import is_job
from mailflow.evidence.reading import Box, Words
from mailflow.evidence.statuses import Says, sense
from mailflow.evidence.times import times_in
from mailflow.evidence.verdict import Question
from mailflow.evidence.words import normal, same_name

_JOINT = re.compile(
    r"\s*[·•|;]\s*|\s+[-\u2013\u2014~]\s+|\s*[\u2013\u2014]\s*|\s*[()\[\]]\s*|,\s+(?=[^\W\d])"
    r"|\s+\.\s+|\s*[\u203a\u00bb\u2192]\s*|(?<!\d)\s+/\s+|\s+/\s+(?!\d)"
)
_SPOKEN = frozenset({Says.SUCCESS, Says.WEAK_SUCCESS, Says.TROUBLE, Says.REMOVED, Says.IDLE})
_LOG_LINE = re.compile(
    r"^\W{0,2}[\dT:.,Z+\-\s]{0,32}\W{0,3}\s*(?:inf[o0]|debug|notice)\b\W{0,3}\s*", re.IGNORECASE
)
_ARTICLE = r"(?:l'\s?|(?:la|le|der|die|de|il|el|a|o|the)\s)?"
_RUN = re.compile(
    rf"\W*{_ARTICLE}(?:(?P<label>[^\W\d]+)\s+)?(?P<word>[^\W\d]*)[\W_]*(?P<number>#?\d+)\W*"
)
_ORDINAL = re.compile(r"\d{1,3}[.)]\s+")
_SUBJECT = re.compile(rf"[\s=>*]*{_ARTICLE}(?P<run>[^\W\d]+\s#?\d+)(?=\s)\s*", re.IGNORECASE)
_RUN_IN_SENTENCE = re.compile(r"(?P<run>[^\W\d_]+ [(#]{0,2}\d+\)?)")
_FEWEST_TELLING = 3  # words that make a sentence of a line
_LONGEST_LABEL = 4  # words


@dataclass(frozen=True, slots=True)
class _Piece:
    start: int
    end: int
    label: bool = False
    time: bool = False


def apart(lines: tuple[Words, ...], question: Question) -> tuple[Words, ...]:
    """Give the lines, those that say several things as one for each of them."""
    return tuple(part for line in lines for part in _parts(line, question))


def _parts(line: Words, question: Question) -> tuple[Words, ...]:
    text = line.text
    plain = normal(text)
    if len(plain) != len(text):
        text = plain
    pieces = _pieces(text, question)
    if len(pieces) < 2:  # noqa: PLR2004 - one thing only
        return (line,) if pieces[0].start == 0 else (replace(line, text=text[pieces[0].start :]),)
    first = _first(line.first, text, pieces, question)
    return tuple(
        replace(
            line,
            text=text[p.start : p.end].rstrip(": ") + (":" if p.label else ""),
            level=_share(line.place, p, len(text)),
            first=first[i] if first else line.first,
        )
        for i, p in enumerate(pieces)
    )


def _first(first: str, text: str, pieces: list[_Piece], question: Question) -> list[str]:
    """Take the quick look's text apart as well, where it falls into as many parts.

    Where it does not, and both looks read the same digits, no part of them disputes a digit.
    """
    theirs = _pieces(first, question) if len(normal(first)) == len(first) else []
    if len(theirs) == len(pieces):
        return [first[p.start : p.end] for p in theirs]
    said = [text[p.start : p.end] for p in pieces]
    same = first and _digits(first) == _digits(text)
    return [one if _digits(one) else re.sub(r"#?\d+", "", first) for one in said] if same else []


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _share(place: Box, piece: _Piece, length: int) -> Box:
    width = (place.right - place.left) / max(1, length)
    return replace(
        place,
        left=place.left + piece.start * width,
        right=place.right - (length - piece.end) * width,
    )


def _pieces(text: str, question: Question) -> list[_Piece]:
    whole = [_Piece(0, len(text))]
    if len(text) < 4 or is_job(text, question) or kind_of(text) or is_run(text):  # noqa: PLR2004 - too short for two things
        return whole
    for one_of in (partial(_is_own, question=question), _is_heading):
        columns = _columns(text, one_of)
        if len(columns) > 1:
            return columns
    sentence = _sentence(text)
    if sentence:
        return sentence
    log = _LOG_LINE.match(text) or _ordinal(text, question)
    begin = log.end() if log else 0
    pieces: list[_Piece] = []
    for start, end in _between_joints(text, begin, question):
        pieces += _around_times(text, start, end, question)
    if not _worth_it(text, pieces, question):
        return [_Piece(begin, len(text))] if begin and len(text) > begin else whole
    return pieces


def _ordinal(text: str, question: Question) -> re.Match[str] | None:
    """Find the number of a line that lists jobs: "5. sync-alpenrad"."""
    number = _ORDINAL.match(text)
    names = (question.job, question.job_name)
    begins = number and normal(text[number.end() :]).startswith(tuple(normal(n) for n in names))
    return number if begins else None


def _sentence(text: str) -> list[_Piece]:
    """Take apart a sentence that tells of one run: "The latest run (51) ended ... as Succeeded".

    Beside the time, the number and one word about the run, it may hold words of telling only.
    """
    # "10:15 with the result", not a zone; MET is one, and so is Z.
    joint = _behind_time().search(text)
    until = joint.start() if joint else len(text)
    times = times_in(text[:until])
    if len(times) != 1 or (joint and times[0][1] != until):
        return []
    start, end = times[0]
    telling = set(words("told"))
    said = [
        (m.start(), m.end()) for m in re.finditer(r"[^\W_]+", text) if not start <= m.start() < end
    ]
    number = _RUN_IN_SENTENCE.search(text[:start])
    others = [
        (a, b)
        for a, b in said
        if normal(text[a:b]) not in telling and not (number and number.start() <= a < number.end())
    ]
    if not others or len(said) - len(others) < _FEWEST_TELLING:
        return []
    a, b = others[0][0], others[-1][1]
    if a < start < b or sense(text[a:b]) not in _SPOKEN:
        return []
    run = [_Piece(*number.span("run"))] if number and is_run(number["run"]) else []
    return sorted([*run, _Piece(start, end, time=True), _Piece(a, b)], key=lambda p: p.start)


@cache
def _behind_time() -> Pattern:
    return re.compile(rf"(?<=\w)\s+(?={alternatives(words('behind_time'))}\s)")


def _columns(text: str, one_of: Callable[[str], bool]) -> list[_Piece]:
    """Take cells of narrow columns apart: own names, words and times, or headings, one by one.

    Nothing may be left over: "sync-alpenrad wholesale" is another job.
    """
    spans = [(m.start(), m.end()) for m in re.finditer(r"\S+", text)]
    times = dict(times_in(text))
    pieces: list[_Piece] = []
    here = 0
    while here < len(spans):
        start = spans[here][0]
        if start in times:
            end = times[start]
        else:
            ends = [b for _, b in spans[here : here + 8]]
            end = next((e for e in reversed(ends) if one_of(text[start:e])), 0)
        if not end:
            return []
        pieces.append(_Piece(start, end, time=start in times))
        here = next((i for i, (a, _) in enumerate(spans) if a >= end), len(spans))
    return pieces


def _is_heading(text: str) -> bool:
    return ":" not in text and kind_of(text) is not None


def _is_own(text: str, question: Question) -> bool:
    own = (question.retailer, question.retailer_name, question.marketplace)
    spoken = ":" not in text and not _SUBJECT.match(text) and sense(text) in _SPOKEN
    return spoken or is_job(text, question) or same_name(text, own)


def _between_joints(text: str, begin: int, question: Question) -> list[tuple[int, int]]:
    """Cut at marks such as a dot or a stroke, never inside a time or a name."""
    kept = [*times_in(text), *_own_names(text, question)]
    found: list[tuple[int, int]] = []
    start = begin
    for joint in _JOINT.finditer(text, begin):
        if any(a < joint.end() and joint.start() < b for a, b in kept):
            continue
        found.append((start, joint.start()))
        start = joint.end()
    found.append((start, len(text)))
    return [(a, b) for a, b in found if text[a:b].strip(" .,:;-")]


def _own_names(text: str, question: Question) -> list[tuple[int, int]]:
    plain = normal(text)
    if len(plain) != len(text):
        return []
    names = (question.job, question.job_name, question.retailer, question.retailer_name)
    return [
        (at, at + len(name))
        for name in (*(normal(n) for n in names), normal(question.marketplace))
        if name and (at := plain.find(name)) >= 0
    ]


def _around_times(text: str, start: int, end: int, question: Question) -> list[_Piece]:
    columns = _columns(text[start:end], partial(_is_own, question=question))
    if len(columns) > 1:
        return [_moved(piece, start) for piece in columns]
    pieces: list[_Piece] = []
    here = start
    for a, b in times_in(text):
        if a < start or b > end:
            continue
        pieces += _before_time(text, here, a) if text[here:a].strip(" .,:;-") else []
        pieces.append(_Piece(a, b, time=True))
        here = b
    if text[here:end].strip(" .,:;-"):
        pieces += _labels(text, here, end, question)
    return pieces


def _before_time(text: str, start: int, end: int) -> list[_Piece]:
    """Take "Succeeded, finished at" apart: what it says, and the label of the time."""
    words_ = _words(text, start, end)
    for size in range(min(_LONGEST_LABEL, len(words_)), 0, -1):
        a, b = words_[-size][0], words_[-1][1]
        if kind_of(text[a:b]):
            alone = size == 1 and text[start:a].strip(" .,:;-") == ""
            if alone and sense(text[a:b]) in _SPOKEN and not text[a:b].endswith(":"):
                continue  # "Completed 10 March": the word of success itself
            before = _labels(text, start, a, None) if text[start:a].strip(" .,:;-") else []
            return [*before, _Piece(a, b, label=True)]
    stop = end
    match = _before().search(normal(text[start:end])) if len(normal(text)) == len(text) else None
    if match:
        stop = start + match.start()
    return _labels(text, start, stop, None) if text[start:stop].strip(" .,:;-") else []


@cache
def _before() -> Pattern:
    return re.compile(rf"(?<!\w)(?:{alternatives(words('before_date'))})\W*$")


def _words(text: str, start: int, end: int) -> list[tuple[int, int]]:
    return [(m.start(), m.end()) for m in re.compile(r"\S+").finditer(text, start, end)]


def _moved(piece: _Piece, by: int) -> _Piece:
    return replace(piece, start=piece.start + by, end=piece.end + by)


def _labels(text: str, start: int, end: int, question: Question | None) -> list[_Piece]:
    """Find labels that end in a colon; what stands between them are values.

    A sentence about a run begins with its number: "Run 58 was completed".
    """
    pieces: list[_Piece] = []
    here = start
    subject = _SUBJECT.match(text, start, end)
    if subject and is_run(subject["run"]) and text[subject.end() : end].strip(" .,:;-"):
        pieces.append(_Piece(*subject.span("run")))
        here = subject.end()
        if any_of("auxiliary").fullmatch(normal(text[here:end]).strip()):
            return pieces
    for colon in re.finditer(r":(?!\d\d)", text[start:end]):
        at = start + colon.start()
        found = _label_ending(text, here, at)
        if found is None:
            if is_run(text[here:at]):
                pieces.append(_trimmed(text, here, at))
                here = at + 1
            continue
        if text[here:found].strip(" .,:;-"):
            pieces.append(_trimmed(text, here, found))
        pieces.append(_Piece(found, at + 1, label=True))
        here = at + 1
    if text[here:end].strip(" .,:;-"):
        rest = _trimmed(text, here, end)
        pieces += [rest] if pieces else _without_colon(text, rest, question)
    return pieces


def _label_ending(text: str, start: int, end: int) -> int | None:
    """Give where the label begins that ends here; a word of success needs a time behind it."""
    spans = _words(text, start, end)
    for size in range(min(_LONGEST_LABEL, len(spans)), 0, -1):
        a = spans[-size][0]
        said = text[a:end]
        kind = kind_of(said)
        # "Completed: 12 of 12" is what it says; "Completed: 10 March" is a label.
        if kind and (kind in ("errors", "started") or sense(said) not in _SPOKEN):
            return a
    return None


def _without_colon(text: str, piece: _Piece, question: Question | None) -> list[_Piece]:
    """Take "Status Succeeded" and "sync-alpenrad Succeeded" apart."""
    spans = _words(text, piece.start, piece.end)
    for size in range(1, len(spans)):
        middle = spans[size][0]
        left, right = text[piece.start : middle].strip(), text[middle : piece.end].strip()
        if kind_of(left) in ("status", "state") and sense(right) in _SPOKEN:
            return [
                _Piece(piece.start, spans[size - 1][1], label=True),
                _Piece(middle, piece.end),
            ]
        if question and is_job(left, question) and is_run(right):
            return [_Piece(piece.start, spans[size - 1][1]), _Piece(middle, piece.end)]
        if (is_run(right) and sense(left) in _SPOKEN) or (is_run(left) and sense(right) in _SPOKEN):
            return [_Piece(piece.start, spans[size - 1][1]), _Piece(middle, piece.end)]
        if question and (
            (is_job(left, question) and sense(right) in _SPOKEN)
            or (is_job(right, question) and sense(left) in _SPOKEN)
        ):
            return [_Piece(piece.start, spans[size - 1][1]), _Piece(middle, piece.end)]
    return [piece]


def _trimmed(text: str, start: int, end: int) -> _Piece:
    while start < end and text[start] in " .,;":
        start += 1
    while end > start and text[end - 1] in " ,;":
        end -= 1
    return _Piece(start, end)


def _worth_it(text: str, pieces: list[_Piece], question: Question) -> bool:
    """Tell whether the parts say more than the whole, and hide nothing that the whole says."""
    if len(pieces) < 2:  # noqa: PLR2004
        return False
    said = [text[p.start : p.end] for p in pieces]
    if any(is_job(one, question) for one in said):
        return all(_understood(p, text, i, pieces, question) for i, p in enumerate(pieces))
    labelled = any(p.label for p in pieces[:-1])
    spoken = any(sense(one) in _SPOKEN for one in said)
    numbered = len(said) == 2 and any(is_run(one) for one in said)  # noqa: PLR2004
    if all(p.time for p in pieces):
        return True
    return labelled or (spoken and (numbered or any(p.time for p in pieces)))


def _understood(
    piece: _Piece, text: str, index: int, pieces: list[_Piece], question: Question
) -> bool:
    said = text[piece.start : piece.end]
    own = (question.retailer, question.retailer_name, question.marketplace)
    behind_label = index > 0 and pieces[index - 1].label
    return (
        piece.label
        or piece.time
        or behind_label
        or is_job(said, question)
        or same_name(said, own)
        or sense(said) in _SPOKEN
        or durations().fullmatch(normal(said)) is not None
        or is_run(said)
    )


def is_run(text: str) -> bool:
    """Tell whether it is the number of a run: "#42", "run-42", "Lauf 42"."""
    match = _RUN.fullmatch(normal(text))
    if match is None or (match["label"] and kind_of(match["label"]) != "run"):
        return False
    if match["label"] and not match["word"]:
        return True
    return kind_of(match["word"]) == "run" if match["word"] else "#" in text
