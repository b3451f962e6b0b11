"""Every mail that a retailer gets, in every language that we write."""

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from mailflow.edges.mail_dates import moment, zone_named
from mailflow.edges.mail_templates import shipped_folder
from mailflow.tickets.effects import Purpose, Stop
from mailflow.tickets.ticket import (
    AccountStatus,
    Cause,
    Outcome,
    ProofKind,
    Standing,
    Subject,
    Witness,
)
from mailflow.understanding.confirmation import judge
from mailflow.understanding.confirmation.asked import Asked
from mailflow.understanding.confirmation.closed import closed_options, judge_closed
from mailflow.understanding.confirmation.lexicon import shipped_lexicons
from mailflow.understanding.parse import parse
from mailflow.understanding.reply_text import split_reply
from tests.edges.letters import (
    AT,
    OUTCOMES,
    assert_sound,
    html_of,
    letter_of,
    ticket_of,
    write,
)

BERLIN = zone_named("Europe/Berlin")
MAIL = shipped_folder() / "mail"
LANGUAGES = sorted(folder.name for folder in (MAIL / "_layout").iterdir() if folder.is_dir())
FURTHER = [language for language in LANGUAGES if language not in {"en", "de"}]
TO_STAFF = {
    Purpose.HAND_OVER, Purpose.ESCALATION, Purpose.EVIDENCE_WANTED, Purpose.COMMAND_ANSWER,
    Purpose.TRIAGE, Purpose.DAILY_DIGEST,
}  # fmt: skip
TO_RETAILERS = [(Purpose.FIRST_NOTICE, cause) for cause in Cause] + [
    (purpose, Cause.FEED_FAILED) for purpose in Purpose
    if purpose not in {*TO_STAFF, Purpose.FIRST_NOTICE}
]  # fmt: skip
# Each pair of a mail and a language, of a mail and an outcome, of a language and an outcome.
PAIRS = [
    (*mail, language, OUTCOMES[(n + m) % len(OUTCOMES)])
    for n, mail in enumerate(TO_RETAILERS)
    for m, language in enumerate(FURTHER)
]
# What a mail may say only of a job that was stopped, and how it says that none was.
CLAIMS = {
    "en": (r"paused|switched? (off|on)", r"nothing (was|is) switched off"),
    "de": (r"pausiert|abgeschaltet", r"(es wurde|bisher ist) nichts abgeschaltet"),
    "fr": (r"en pause|désactivé|suspend|interromp|réactiv", r"rien n'(a été|est) désactivé"),
    "es": (r"en pausa|desactiv|suspendi|se detuvo|reactiv", r"no se ha desactivado nada"),
    "it": (r"in pausa|disattivat|sospes|riattiv", r"non è stato disattivato nulla"),
    "nl": (r"gepauzeerd|schakel|stilgelegd|onderbroken", r"er (is )?niets uitgeschakeld"),
    "pl": (r"\bwstrzym|włącz|wyłącz|zawiesz|zatrzymano", r"niczego nie wyłączono"),
    "pt": (r"em pausa|desativ|suspens|interromp|reativ", r"nada foi desativado"),
}
AGAIN = {
    "en": "fails again", "de": "wieder fehl", "fr": "échoue de nouveau", "es": "vuelve a fallar",
    "it": "fallisce di nuovo", "nl": "opnieuw", "pl": "znów", "pt": "voltar a falhar",
}  # fmt: skip
ANSWERS = {
    "en": "We have renewed the token.", "de": "Wir haben das Token erneuert.",
    "fr": "Nous avons renouvelé le jeton.", "es": "Hemos renovado el token.",
    "it": "Abbiamo rinnovato il token.", "nl": "Wij hebben het token vernieuwd.",
    "pl": "Odnowiliśmy token.", "pt": "Renovámos o token.",
}  # fmt: skip


def plain(purpose, cause, language, outcome=Outcome.PAUSED, **more):
    ticket = replace(ticket_of(outcome, cause, words="plain"), **more)
    letter = letter_of(purpose, ticket, language, for_staff=False)
    # The reasons are English sentences of mailflow: only the English mail adds them.
    return write(replace(letter, facts={**letter.facts, "reasons": []}))


def on_one_line(text):
    return " ".join(text.split())


def test_every_language_has_every_mail_that_a_retailer_gets():
    names = {c.value if p is Purpose.FIRST_NOTICE else p.value for p, c in TO_RETAILERS}
    assert set(LANGUAGES) == set(CLAIMS)
    for language in LANGUAGES:
        here = {folder.parent.name for folder in MAIL.glob(f"*/{language}")} - {"_layout"}
        assert here >= names, language
        assert language in {"en", "de"} or here == names, language


@pytest.mark.parametrize(("purpose", "cause", "language", "outcome"), PAIRS, ids=str)
def test_every_mail_renders_whatever_the_facts_are(purpose, cause, language, outcome):
    mail = write(letter_of(purpose, ticket_of(outcome, cause), language))
    assert_sound(mail, language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("outcome", [Outcome.CANNOT, Outcome.FAILED], ids=str)
@pytest.mark.parametrize("cause", Cause)
def test_a_first_mail_never_claims_a_pause_that_did_not_happen(cause, outcome, language):
    mail = plain(Purpose.FIRST_NOTICE, cause, language, outcome)
    claim, nothing = (re.compile(words, re.IGNORECASE) for words in CLAIMS[language])
    for said in (mail.text, html_of(mail)):
        assert nothing.search(on_one_line(said))
        assert not claim.search(nothing.sub("", on_one_line(said)))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("cause", Cause)
def test_a_first_mail_says_that_a_job_was_stopped_and_when(cause, language):
    text = on_one_line(plain(Purpose.FIRST_NOTICE, cause, language).text)
    claim, nothing = (re.compile(words, re.IGNORECASE) for words in CLAIMS[language])
    assert not nothing.search(text)
    when = re.escape(moment(AT, BERLIN, language))
    assert re.search(rf"({claim.pattern}).{{0,40}}{when}", text, re.IGNORECASE)


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
@pytest.mark.parametrize(("purpose", "cause"), TO_RETAILERS, ids=str)
def test_a_mail_carries_the_facts_of_the_english_one(purpose, cause, language):
    def told(language):
        text = on_one_line(plain(purpose, cause, language).text)
        facts = {
            "the time of the failure": moment(AT, BERLIN, language),
            "the time of the answer": moment(AT + timedelta(days=2), BERLIN, language),
            **{
                word: word
                for word in ("MF-1001", "MF-1002", "job-7", "Prices plain", "Bazaar", "xxxxx",
                             "OPTION ONE MF-1001", "{{ 7*7 }}", "Desk Nine")
            },
        }  # fmt: skip
        return {name: text.count(on_one_line(fact)) for name, fact in facts.items()}

    assert told(language) == told("en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_removed_is_not_said_to_fail_again(language):
    status = AccountStatus(standing=Standing.REMOVED, because="", since=AT)
    removed = plain(Purpose.CLOSED, Cause.OFFBOARDED, language, status=status).text
    repaired = plain(Purpose.CLOSED, Cause.OFFBOARDED, language).text
    assert AGAIN[language] in on_one_line(repaired)
    assert AGAIN[language] not in on_one_line(removed)


def worded(language, part):
    """Give the keys that each macro puts into words."""
    source = (MAIL / "_layout" / language / f"words.{part}").read_text(encoding="utf-8")
    macros = re.findall(r"macro (\w+)\(key\) %}(.*?){% endmacro", source, re.DOTALL)
    return {name: set(re.findall(r'^  "(\w+)":', body, re.MULTILINE)) for name, body in macros}


@pytest.mark.parametrize("part", ["txt", "html"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_a_fact_may_be_has_words_of_its_own(language, part):
    here = worded(language, part)
    assert here == {macro: worded("en", part)[macro] for macro in here}
    assert here["proof_name"] == set(ProofKind)
    assert here["standing_name"] == set(Standing)
    assert here["witness_name"] == set(Witness)
    assert here["how_stopped"] == set(Stop)
    assert here["failed_check"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "quote",
    [
        lambda text: "\n".join(f"> {line}" for line in text.splitlines()),
        lambda text: text,
        lambda text: text.partition("-##\n")[2],
    ],
    ids=["marked", "unmarked", "without the marker line"],
)
@pytest.mark.parametrize(("purpose", "cause"), TO_RETAILERS, ids=str)
def test_our_own_mail_below_an_answer_is_no_part_of_it(purpose, cause, language, quote):
    sent = plain(purpose, cause, language).text
    answer = f"{ANSWERS[language]}\n\n{quote(sent)}"
    head = "From: a@b.example\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    assert split_reply(parse((head + answer).encode()), (sent,)).own == ANSWERS[language]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("marketplace", ["Bazaar", "A&B <x>"])
def test_each_closed_option_is_a_link_to_a_mail_that_says_just_this(language, marketplace):
    asked = asked_in(language, marketplace)
    options = closed_options(asked, language)
    html = html_of(clarification(language, options))
    links = [unescape(link) for link in re.findall(r'href="(mailto:[^"]*)"', html)]
    wanted = [urlsplit(link) for link in links]
    assert [unquote(link.path) for link in wanted] == ["inbox+t@example.com"] * len(options)
    told = [parse_qs(link.query) for link in wanted]
    assert all(words["subject"] == ["[MF-1001]"] for words in told)
    assert [words["body"] for words in told] == [[line] for _, line in options]


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_offered_line_alone_is_an_answer_and_no_line_of_our_mail_is(language):
    asked = asked_in(language, "Bazaar")
    options = closed_options(asked, language)
    assert [judge(line, asked).answer for _, line in options] == [answer for answer, _ in options]
    lines = [line for line in clarification(language, options).text.splitlines() if line]
    assert sum(option in line for line in lines for _, option in options) == len(options)
    assert not [line for line in lines if judge_closed(line, asked, shipped_lexicons())]


def asked_in(language, marketplace):
    return Asked(
        ticket="MF-1001", marketplace=marketplace, subject=Subject.REPAIR, language=language,
        all_marketplaces=(marketplace,),
    )  # fmt: skip


def clarification(language, options):
    letter = letter_of(Purpose.CLARIFICATION, language=language, for_staff=False)
    return write(replace(letter, facts={**letter.facts, "options": [line for _, line in options]}))
