"""Words and phrases of one language, kept as data. A language without a file never confirms."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from mailflow.understanding.confirmation.text import fold


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """All patterns meet folded text; `{marketplace}` stands for the name that was asked about."""

    language: str
    function_words: frozenset[str]
    repair: tuple[str, ...]  # the change is done
    left: tuple[str, ...]  # no longer on the marketplace
    remove: tuple[str, ...]  # the integration is to go
    harmless: tuple[re.Pattern[str], ...]  # taken out before danger is looked for
    danger: Mapping[str, re.Pattern[str]]  # what it is -> how it is said
    benign: re.Pattern[str]  # sentences that may stand beside a confirmation
    courtesy: re.Pattern[str]  # lines that may stand beside a closed option
    promise: re.Pattern[str]
    denial: re.Pattern[str]
    keep_paused: re.Pattern[str]
    automatic: re.Pattern[str]
    options: Mapping[str, tuple[str, ...]]  # change_done, remove, not_yet; the first is shown


def load_lexicons(texts: Mapping[str, str]) -> dict[str, Lexicon]:
    """Read lexicons: language -> TOML text. Raises KeyError or re.error for a broken one."""
    return {language: _lexicon(language, tomllib.loads(text)) for language, text in texts.items()}


@cache
def shipped_lexicons() -> Mapping[str, Lexicon]:
    """Read the lexicons that come with mailflow, once."""
    files = (resources.files(__package__) / "lexicons").iterdir()
    texts = {f.name[:-5]: f.read_text("utf-8") for f in files if f.name.endswith(".toml")}
    return load_lexicons(texts)


def marketplace_pattern(name: str) -> str:
    """Give a pattern that finds a marketplace's name, whatever stands between its words."""
    words = re.findall(r"[^\W_]+", fold(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)))
    return r"[\s._-]?".join(map(re.escape, words)) or r"(?!)"


def _lexicon(language: str, data: dict[str, object]) -> Lexicon:
    words = _strings(data["words"])
    frames = {name: _list(phrases) for name, phrases in _table(data["evidence"]).items()}
    answers = {name: _any(_list(p), words) for name, p in _table(data["answers"]).items()}
    danger = _table(data["danger"])
    return Lexicon(
        language=language,
        function_words=frozenset(_list(data["function_words"])),
        repair=_filled(frames["repair"], words),
        left=_filled(frames["left"], words),
        remove=_filled(frames["remove"], words),
        harmless=tuple(re.compile(p) for p in _filled(_list(data["harmless"]), words)),
        danger={name: _any(_list(phrases), words) for name, phrases in danger.items()},
        benign=_whole(_list(data["benign"]), words),
        courtesy=_whole(_list(data["courtesy"]), words),
        promise=answers["promise"],
        denial=answers["denial"],
        keep_paused=answers["keep_paused"],
        automatic=_any(_list(data["automatic"]), words),
        options={name: tuple(_list(o)) for name, o in _table(data["options"]).items()},
    )


def _table(value: object) -> dict[str, object]:
    assert isinstance(value, dict)
    return value


def _list(value: object) -> list[str]:
    assert isinstance(value, list)
    return value


def _strings(value: object) -> dict[str, str]:
    return {name: "(?:" + "|".join(_list(words)) + ")" for name, words in _table(value).items()}


def _filled(phrases: list[str], words: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(re.sub(r"<(\w+)>", lambda found: words[found[1]], p) for p in phrases)


def _any(phrases: list[str], words: Mapping[str, str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{phrase})" for phrase in _filled(phrases, words)))


def _whole(phrases: list[str], words: Mapping[str, str]) -> re.Pattern[str]:
    return re.compile(rf"(?:{_any(phrases, words).pattern})[\s.,!:;)]*")
