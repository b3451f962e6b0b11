"""What staff order by mail: one command a line, and nothing that only resembles one.

An attestation moves a ticket towards closing, so a line with a doubt in it is no command.
"""

import re
from typing import NamedTuple

from mailflow.understanding.meaning import CommandKind, StaffCommand, StaffOrders


class Command(NamedTuple):
    """A command as mails and help explain it."""

    kind: CommandKind
    word: str
    meaning: str


COMMANDS = (
    Command(
        CommandKind.VERIFIED,
        "VERIFIED",
        "I attest that the fix is technically verified. A text may follow after a colon.",
    ),
    Command(
        CommandKind.VALIDATED,
        "VALIDATED",
        "I attest that the change is in the system. A text may follow after a colon.",
    ),
    Command(
        CommandKind.SCREENSHOT_OK,
        "SCREENSHOT OK",
        "I looked at the picture, and it proves what it should. A text may follow after a colon.",
    ),
    Command(CommandKind.REACTIVATE, "REACTIVATE", "Switch the job on again, on trial."),
    Command(
        CommandKind.KEEP_PAUSED,
        "KEEP PAUSED: reason",
        "Leave the job off until its review date, for this reason.",
    ),
    Command(CommandKind.HAND_BACK, "HAND BACK", "Give the ticket back to mailflow."),
    Command(CommandKind.NOTE, "NOTE: text", "Write this into the ticket's journal, no more."),
)

_WORDS = {
    CommandKind.VERIFIED: ("verified", "verifiziert", "technisch geprüft"),
    CommandKind.VALIDATED: ("validated", "validiert", "änderung geprüft"),
    CommandKind.SCREENSHOT_OK: ("screenshot ok", "bild ok"),
    CommandKind.REACTIVATE: ("reactivate", "reaktivieren"),
    CommandKind.KEEP_PAUSED: ("keep paused", "pausiert lassen"),
    CommandKind.HAND_BACK: ("hand back", "zurückgeben"),
    CommandKind.NOTE: ("note", "notiz"),
}
_KIND_OF = {word: kind for kind, words in _WORDS.items() for word in words}
_ATTESTS = {CommandKind.VERIFIED, CommandKind.VALIDATED, CommandKind.SCREENSHOT_OK}
_NEEDS_TEXT = {CommandKind.KEEP_PAUSED, CommandKind.NOTE}

_BULLET = r"^\s*(?:[/\-*\u2022\u2013]\s*)?"
_ANY_WORD = "|".join(re.escape(word).replace(r"\ ", r"[ \t]+") for word in _KIND_OF)
_COMMAND = re.compile(
    rf"{_BULLET}(?P<word>{_ANY_WORD})(?:\s*(?P<mark>[:,\u2013\u2014]|-(?=\s)|[.!](?=\s*$))|(?=\s|$))"
    r"\s*(?P<text>.*?)\s*$",
    re.IGNORECASE,
)
_LIKE = re.compile(
    rf"{_BULLET}(?:(?:not|nicht|no|don['\u2019]?t|do\s+not|never|nie|un|please|bitte|can\s+you)\s*)?"
    r"(?:verif|valid|screen\s?shot\b|bild\s+ok|re-?a[ck]tiv|keep\b.*\bpaus|pausiert\s+lass|"
    r"hand\w*\s+(?:it\s+)?back|zurückgeb|not(?:e|iz)\b|technisch\s+gepr|änderung\s+gepr)",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"^\s*[>|]")
_DOUBT = re.compile(
    r"\?|n['\u2019]t\b|\b(?:not?|never|none|cannot|without|un\w*able|if|when|once|unless|until|"
    r"as soon as|will|shall|going to|later|soon|tomorrow|tonight|next|may|maybe|perhaps|"
    r"probably|possibly|likely|should|would|could|might|must|seems?|appears?|think|believe|guess|"
    r"hope\w*|assum\w+|apparently|presumably|but|however|except|only|part\w*|almost|nearly|"
    r"pending|still|yet|fail\w*|wrong|broken|unverified|"
    r"nicht|kein\w*|nie|niemals|ohne|wenn|falls|sobald|sofern|bis|wird|werde\w*|später|bald|"
    r"morgen|vielleicht|wahrscheinlich|vermutlich|wohl|eventuell|sollte\w*|könnte\w*|müsste\w*|"
    r"scheint|glaube\w*|denke\w*|hoff\w+|aber|jedoch|außer|nur|teil\w*|fast|noch|fehl\w*|falsch)\b",
    re.IGNORECASE,
)


def read_orders(own_text: str) -> StaffOrders:
    """Read the commands in what a member of staff wrote above the quote.

    Text after an attestation stands behind a colon, comma or dash, or behind a command in
    capitals: "Verified the token, but ..." is prose. Two commands that contradict are none.
    """
    commands: dict[StaffCommand, None] = {}
    not_understood: list[str] = []
    for line in own_text.splitlines():
        if _QUOTED.match(line):
            continue
        command = _command(line)
        if command:
            commands[command] = None
        elif _LIKE.match(line):
            not_understood.append(line.strip())
    ordered = {command.kind for command in commands}
    if {CommandKind.REACTIVATE, CommandKind.KEEP_PAUSED} <= ordered:
        against = [
            c for c in commands if c.kind in (CommandKind.REACTIVATE, CommandKind.KEEP_PAUSED)
        ]
        not_understood += [command.line for command in against]
        commands = {command: None for command in commands if command not in against}
    return StaffOrders(commands=tuple(commands), not_understood=tuple(not_understood))


def _command(line: str) -> StaffCommand | None:
    found = _COMMAND.match(line)
    if not found:
        return None
    kind = _KIND_OF[" ".join(found["word"].lower().split())]
    text = found["text"]
    if kind in _NEEDS_TEXT:
        sound = bool(text) and found["mark"] == ":"
    elif kind in _ATTESTS:
        set_off = bool(found["mark"]) or found["word"].isupper()
        sound = not text or (set_off and not _DOUBT.search(text))
    else:
        sound = not text
    return StaffCommand(kind=kind, text=text, line=line.strip()) if sound else None
