"""Words and phrases of one language, kept as data. A language without a file never confirms."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib import resources

from mailflow.tickets.errors import MailflowError
from mailflow.understanding.confirmation.asked import Topic
from mailflow.understanding.confirmation.text import fold

OURS = "ourmarket"  # stands in folded text for the marketplace that was asked about
OTHERS = "othermarket"  # and for every other one
Pattern = re.Pattern[str]
_NEVER = re.compile(r"(?!)")
_DOUBTS = (
    "negation", "future", "hedge", "condition", "question", "wish", "you_did", "asks_us", "do_it",
    "doubt", "retraction", "partial", "keep_paused", "reactivate", "trouble", "denial",
    "delegation", "temporary", "condition_after", "contrast_after", "scope", "all_of_it",
    "hearsay", "elsewhere", "gone",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """The phrases that depend on what was asked about."""

    thing: Pattern  # the thing that was to be changed
    strong: Pattern  # a whole verb that says by itself that the asked was done
    done: tuple[Pattern, ...]  # an act that is done; group "v" is the verb
    state: tuple[Pattern, ...]  # how things stand now; group "v" as well
    renewal: tuple[Pattern, ...]  # the act as a noun


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """All patterns meet folded text in which OURS stands for the marketplace asked about."""

    language: str
    version: str  # digest of the file
    function_words: frozenset[str]
    courtesy: Pattern  # lines that may stand beside a closed option
    bare: Pattern  # a word that says too little
    thanks: Pattern
    automatic: Pattern
    done: Pattern  # a verb that says that something was done, whatever it was
    light: Pattern  # verbs that need their object close by
    pronoun: Pattern
    joins: Pattern  # "and"
    clause: Pattern  # where a clause ends
    selling: Pattern
    integration: Pattern
    change: Pattern
    as_asked: Pattern
    left: tuple[Pattern, ...]
    request: tuple[Pattern, ...]
    doubts: Mapping[str, Pattern]
    no_doubt: Pattern  # sounds negative and is not
    no_doubt_in_removal: Pattern
    options: Mapping[str, tuple[str, ...]]  # change_done, remove, not_yet; the first is shown
    about: Mapping[Topic | None, About] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Common:
    """What all languages share."""

    benign: Pattern
    afterthought: Pattern
    marketplaces: tuple[str, ...]
    ordinary_words: frozenset[str]


class LexiconError(MailflowError):
    """Lexicons that cannot be used; `faults` names each with its file."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


def load_lexicons(texts: Mapping[str, str]) -> dict[str, Lexicon]:
    """Read lexicons: language -> TOML text.

    Raises:
        LexiconError: with every file that lacks a list or holds a broken pattern.
    """
    found: dict[str, Lexicon] = {}
    faults = []
    for language, text in texts.items():
        try:
            found[language] = _lexicon(language, text)
        except tomllib.TOMLDecodeError as broken:
            faults.append(f"{language}.toml: {broken}")
        except KeyError as missing:
            faults.append(f"{language}.toml: the list {missing} is missing; copy it from another")
        except re.error as broken:
            faults.append(f"{language}.toml: {broken.pattern!r} is no pattern: {broken}")
        except (TypeError, AttributeError) as broken:
            faults.append(f"{language}.toml: a list is of the wrong kind: {broken}")
    if faults:
        raise LexiconError(faults)
    return found


def lexicons_with(texts: Mapping[str, str]) -> Mapping[str, Lexicon]:
    """Give the lexicons that come with mailflow, with an operator's own in the place of theirs.

    Raises:
        LexiconError: as `load_lexicons`.
    """
    return {**shipped_lexicons(), **load_lexicons(texts)}


@cache
def shipped_lexicons() -> Mapping[str, Lexicon]:
    """Read the lexicons that come with mailflow, once."""
    files = (resources.files(__package__) / "lexicons").iterdir()
    texts = {f.name[:-5]: f.read_text("utf-8") for f in files if f.name.endswith(".toml")}
    return load_lexicons(texts)


@cache
def common_words() -> Common:
    data = tomllib.loads((resources.files(__package__) / "common.toml").read_text("utf-8"))
    return Common(
        benign=_any(data["benign"]),
        afterthought=_any(data["afterthought"]),
        marketplaces=tuple(data["marketplaces"]),
        ordinary_words=frozenset(data["ordinary_words"]),
    )


@lru_cache(maxsize=512)
def marketplace_pattern(name: str) -> str:
    """Give a pattern that finds a marketplace's name, whatever stands between its words."""
    words = re.findall(r"[^\W_]+", fold(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)))
    return r"[\W_]{0,3}".join(map(re.escape, words)) or r"(?!)"


def _lexicon(language: str, text: str) -> Lexicon:
    data = tomllib.loads(text)
    words = {name: _group(list_) for name, list_ in data["words"].items()}

    def compiled(phrases: list[str]) -> Pattern:
        return _any([_filled(phrase, words) for phrase in phrases])

    doubts = {name: compiled(data["doubt"][name]) for name in _DOUBTS}
    selling = re.compile(rf"\b{words['selling']}\b")
    harmless = {name: compiled(phrases) for name, phrases in data["harmless"].items()}
    return Lexicon(
        language=language,
        version=_digest(text),
        function_words=frozenset(fold(word) for word in data["function_words"]),
        courtesy=re.compile(rf"(?:{compiled(data['courtesy']).pattern})[\s.,!:;)]*"),
        bare=compiled(data["bare"]),
        thanks=compiled(data["thanks"]),
        automatic=compiled(data["automatic"]),
        done=re.compile(rf"\b{_filled(words['done'], words)}\b"),
        light=compiled(data["words"]["light"]),
        pronoun=re.compile(rf"^\W*(?:\w+\W+){{0,2}}?(?:{words['pronoun']})"),
        joins=re.compile(rf"\s{words['and']}\s"),
        clause=re.compile(rf"[,;:]\s|\s-\s|{words['contrast']}"),
        selling=selling,
        integration=re.compile(rf"\b{words['integration_noun']}"),
        change=compiled(data["things"]["change"]),
        as_asked=compiled(data["things"]["as_asked"]),
        left=_each(data["removal"]["left"], words),
        request=_each(data["removal"]["request"], words),
        doubts=doubts,
        no_doubt=harmless["negation"],
        no_doubt_in_removal=harmless["removal"],
        options={name: tuple(o) for name, o in data["options"].items()},
        about={topic: _about(data, words, topic) for topic in (*Topic, None)},
    )


def _about(
    data: Mapping[str, Mapping[str, list[str]]], words: dict[str, str], topic: Topic | None
) -> About:
    topics = [topic] if topic else list(Topic)
    things = _group([w for t in topics for w in data["things"][t.value]])
    strong = _group([_filled(p, words) for t in topics for p in data["strong"][t.value]])
    renewal = _group([p for t in topics for p in data["renewal"][t.value]])
    words = words | {"thing": things, "renewal": renewal}
    return About(
        thing=re.compile(rf"\b{things}\b"),
        strong=re.compile(strong),
        done=_each(data["frames"]["done"], words),
        state=_each(data["frames"]["state"], words),
        renewal=_each(data["renewal"]["frames"], words),
    )


def _group(phrases: list[str]) -> str:
    return "(?:" + "|".join(phrases) + ")" if phrases else ""


def _filled(phrase: str, words: Mapping[str, str]) -> str:
    """Put the lists in; a list may name another one."""
    for _ in range(3):
        phrase = re.sub(r"<([a-z_]{3,})>", lambda found: words.get(found[1], found[0]), phrase)
    return phrase.replace("{marketplace}", OURS)


def _each(phrases: list[str], words: Mapping[str, str]) -> tuple[Pattern, ...]:
    return tuple(re.compile(_filled(phrase, words)) for phrase in phrases)


def _any(phrases: list[str]) -> Pattern:
    return re.compile("|".join(f"(?:{phrase})" for phrase in phrases)) if phrases else _NEVER


def _digest(text: str) -> str:
    """Name a version by its content; any change gives another name."""
    value = 0xCBF29CE484222325  # FNV-1a, 64 bits
    for byte in text.encode():
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"[:8]
