"""What the words of a status cell say. Every word of it must be explained before it counts."""

import re
from enum import StrEnum

from mailflow.evidence.words import normal


class Says(StrEnum):
    """The sense of one cell."""

    SUCCESS = "success"
    WEAK_SUCCESS = "weak_success"  # "OK": counts below a heading such as Status only
    TROUBLE = "trouble"  # failed, partial, running, queued, nothing processed
    REMOVED = "removed"
    IDLE = "idle"  # the job is switched off
    NOTHING = "nothing"  # numbers, durations, empty marks
    UNCLEAR = "unclear"


_NO_TROUBLE = re.compile(
    r"\b(?:failed|failures?|errors?|warnings?|fehler|warnungen|erreurs?|errores|rejected|skipped)"
    r"\s*[:=]\s*0\b(?![.,:]?\d)"
    r"|(?<![\d.,])\b0\s+(?:failed|failures?|errors?|warnings?|fehler|warnungen|erreurs?|errores)\b"
)
_TROUBLE = re.compile(
    r"\bnot\b|n't\b|\bnever\b|\bno (?!errors|failures|warnings)\w+|\bcould\b|\bunable\b|\bwithout\b"
    r"|\bun(?:success|stable|known)\w*|\bincomplete\w*|\bnicht\b|\bkein\w*|\bohne\b|\bpas\b|\bsin\b"
    r"|\bfail\w*|\berror\w*|\babort\w*|\bcancel\w*|\bterminated\b|\btimed? ?-?out\b|\btimeout\b"
    r"|\bexception\w*|\bcrash\w*|\bkilled\b|\breject\w*|\bskipped\b|\bpartial\w*|\bwarn\w*"
    r"|\bissues?\b|\brunning\b|\bin progress\b|\bexecuting\b|\bprocessing\b|\bretr(?:y|ies|ying)\b"
    r"|\bqueued\b|\bpending\b|\bscheduled\b|\bwaiting\b|\bblocked\b|\bstale\b|\bloading\b"
    r"|\bfehl\w*|\babgebr\w*|\babbruch\w*|\bgescheitert\w*|\bteilweise\b|\blauft\b|\bgeplant\b"
    r"|\bwartend\b|\bin bearbeitung\b|\babgelehnt\w*|\bechou\w*|\bechec\w*|\berreur\w*|\ben cours\b"
    r"|\ben attente\b|\bannul\w*|\bpartiel\w*|\bfallid\w*|\bfallo\w*|\ben curso\b|\bpendiente\b"
    r"|\bparcial\w*|\bcancelad\w*"
)
_SUCCESS = re.compile(
    r"\bsucce(?:ss|eded|ssful|ssfully)\b|\bcompleted\b|\bpassed\b|\berfolgreich\w*|\babgeschlossen\b"
    r"|\breussie?s?\b|\bsucces\b|\bcompletad[oa]\b|\bcorrect[oa]\b|\bexito(?:so|sa)?\b"
)
_WEAK = re.compile(r"\bok\b")
_REMOVED = re.compile(r"\bremoved\b|\bdeleted\b|\bentfernt\b|\bgeloscht\b|\bsupprimee?\b")
_IDLE = re.compile(r"\bpaused\b|\bstopped\b|\bdisabled\b|\bsuspended\b|\bpausiert\b|\bgestoppt\b")
_RATIO = re.compile(r"(?<![\d.,:/-])(\d[\d.,]*)\s*(?:of|/|von|sur|de)\s*(\d[\d.,]*)(?![\d:/-])")
_COUNTED = re.compile(
    r"(?<![\d.,])(\d[\d.,]*)\s*(?:items?|records?|rows?|orders?|products?|datensatze?|artikel)\b"
)
_DURATION = re.compile(
    r"\b\d+(?:[.,]\d+)?\s*(?:ms|s|secs?|seconds?|sek|m|mins?|minutes?|minuten|h|hours?|std)\b"
)
_CLOCK_SPAN = re.compile(r"(?<!\d)\d{1,2}:\d{2}(?::\d{2})?(?!\d)")
_FILL = frozenset(
    re.findall(
        r"\w+",
        "a avec beendet con das der die finished has in items job last lauf mit records result run "
        "state status the took und and was with wurde",
    )
)


def sense(text: str) -> Says:
    """Tell what a cell says; the worst reading wins."""
    rest = _NO_TROUBLE.sub(" ", normal(text).replace("_", " "))
    if _falls_short(rest) or _TROUBLE.search(rest):
        return Says.TROUBLE
    rest = _DURATION.sub(" ", _CLOCK_SPAN.sub(" ", _COUNTED.sub(" ", _RATIO.sub(" ", rest))))
    for pattern, meaning in (
        (_REMOVED, Says.REMOVED),
        (_IDLE, Says.IDLE),
        (_SUCCESS, Says.SUCCESS),
        (_WEAK, Says.WEAK_SUCCESS),
    ):
        if pattern.search(rest):
            return meaning if _explained(pattern.sub(" ", _WEAK.sub(" ", rest))) else Says.UNCLEAR
    return Says.NOTHING if _explained(rest) else Says.UNCLEAR


def number(text: str) -> int | None:
    """Read a bare count such as 4,120; None when it is anything else."""
    plain = normal(text).replace(" ", "")
    if re.fullmatch(r"\d{1,3}(?:[.,']\d{3})+|\d+", plain):
        return int(re.sub(r"\D", "", plain))
    return None


def _falls_short(text: str) -> bool:
    for part, whole in _RATIO.findall(text):
        done, due = number(part.strip(".,")), number(whole.strip(".,"))
        if done is None or due is None or done == 0 or done < due:
            return True
    return any(number(count.strip(".,")) == 0 for count in _COUNTED.findall(text)) or bool(
        re.search(
            r"\b(?:succeeded|successful|success|completed|passed|processed)\s*[:=]\s*0\b", text
        )
    )


def _explained(text: str) -> bool:
    left = re.findall(r"[^\s.,;:()\[\]|>•·✓✔✅+\-]+", text)
    return all(word in _FILL or re.fullmatch(r"[1-9]\d*", word) for word in left)
