"""Regular expressions written by operators: checked before they meet a stranger's text."""

import re

MAX_PATTERN_CHARS = 500
MAX_WILD_REPEATS = 2  # each unbounded repeat of "." multiplies the work by the line's length
_TOKEN = re.compile(
    r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?[:=!<>P\w]|[()]|\.?[*+]|\.?\{\d*,\}|.", re.DOTALL
)
_REPEAT = re.compile(r"[*+]|\{\d*,\}")


def compile_safely(pattern: str) -> re.Pattern[str]:
    """Compile a pattern that cannot blow up on a long line.

    Raises ValueError, with what to do about it, for a pattern that is too long, is no regular
    expression, repeats a repeat, refers back, or repeats "." too often.
    """
    if not pattern or len(pattern) > MAX_PATTERN_CHARS:
        raise ValueError(f"has {len(pattern)} characters; write 1 to {MAX_PATTERN_CHARS}")
    try:
        compiled = re.compile(pattern)
    except re.error as fault:
        raise ValueError(f"is no regular expression ({fault}); correct it") from None
    if re.search(r"\\[1-9]|\(\?P=", pattern):
        raise ValueError("refers back to a group, which can take for ever; write it out")
    _refuse_costly(pattern)
    return compiled


def _refuse_costly(pattern: str) -> None:
    open_groups = [False]  # for each open group: does it repeat, or choose, inside?
    just_closed = False
    wild = 0
    for piece in _TOKEN.findall(pattern):
        repeats = bool(_REPEAT.fullmatch(piece.lstrip("."))) and not piece.startswith("\\")
        if repeats and just_closed:
            raise ValueError("repeats a group that itself repeats or chooses; flatten it")
        wild += repeats and piece.startswith(".")
        just_closed = False
        if piece.startswith("("):
            open_groups.append(False)
        elif piece == ")" and len(open_groups) > 1:
            just_closed = open_groups.pop()
            open_groups[-1] |= just_closed
        elif repeats or piece in ("|", "?") or piece.startswith("{"):
            open_groups[-1] = True
    if wild > MAX_WILD_REPEATS:
        raise ValueError(
            f"repeats '.' more than {MAX_WILD_REPEATS} times; say what may stand there"
        )
