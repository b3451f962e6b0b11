"""Confirmation: only an unmistakable one counts, and everything else is UNCLEAR or says no."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailflow.tickets.ticket import Subject
from mailflow.understanding.confirmation import Asked, Topic, closed_options, judge
from mailflow.understanding.meaning import Answer

REPAIR = Asked(
    ticket="MF-4711",
    marketplace="Bazaro",
    subject=Subject.REPAIR,
    language="en",
    all_marketplaces=("Bazaro", "Shopora", "Marktly"),
)
REMOVAL = replace(REPAIR, subject=Subject.REMOVAL)
GERMAN = replace(REPAIR, language="de")
FIXED = (
    "We have renewed the Bazaro token this morning.",
    "Hello,\n\nthe feed was corrected today. Please restart the job.\n\nKind regards",
    "I reinstalled the app and granted all permissions again.",
    "Token renewed!",
)
BEHOBEN = (
    "Guten Tag,\n\nder Token wurde heute erneuert und im Portal hinterlegt.",
    "Wir haben den Feed korrigiert. Bitte starten Sie den Job wieder.",
)
GONE = (
    "We no longer sell on Bazaro. Please remove the integration.",
    "Yes, we have left Bazaro. Go ahead and remove the integration.",
)


@pytest.mark.parametrize("text", FIXED)
def test_a_clear_repair_is_confirmed(text: str) -> None:
    verdict = judge(text, REPAIR)
    assert (verdict.answer, verdict.confirms) == (Answer.CONFIRMED, Subject.REPAIR)
    assert verdict.sentence
    assert verdict.sentence in text


@pytest.mark.parametrize("text", BEHOBEN)
def test_a_clear_german_repair_is_confirmed(text: str) -> None:
    verdict = judge(text, GERMAN)
    assert (verdict.answer, verdict.confirms) == (Answer.CONFIRMED, Subject.REPAIR)
    assert verdict.language == "de"


@pytest.mark.parametrize("text", GONE)
@pytest.mark.parametrize("asked", [REPAIR, REMOVAL])
def test_having_left_and_wanting_removal_is_confirmed(text: str, asked: Asked) -> None:
    verdict = judge(text, asked)
    assert (verdict.answer, verdict.confirms) == (Answer.CONFIRMED, Subject.REMOVAL)


def test_a_wish_for_removal_alone_counts_only_where_removal_was_asked() -> None:
    wish = "Please remove the Bazaro integration."
    assert judge(wish, REMOVAL).confirms is Subject.REMOVAL
    assert judge(wish, REPAIR).answer is Answer.UNCLEAR


@pytest.mark.parametrize("asked", [REPAIR, REMOVAL, GERMAN])
@pytest.mark.parametrize(
    "text",
    [
        "ok",
        "Done.",
        "Yes",
        "Thanks!",
        "Fixed",
        "I confirm",
        "Erledigt.",
        "Ja",
        "",
        "\U0001f44d",
        "Ok thanks",
        "confirmed",
        "All good now",
        "See attachment.",
        "Go ahead",
        "Danke",
        "x" * 7_000,
    ],
)
def test_a_bare_word_is_unclear(text: str, asked: Asked) -> None:
    assert judge(text, asked).answer is Answer.UNCLEAR


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("I will renew the token tomorrow.", Answer.PROMISE),
        ("Which token do you mean?", Answer.QUESTION),
        ("We haven't renewed the token yet.", Answer.DENIAL),
        ("Please keep the integration paused until May.", Answer.KEEP_PAUSED),
        ("The token was renewed, wasn't it?", Answer.QUESTION),
        ("We renewed the Shopora token.", Answer.UNCLEAR),
        ("We renewed the Elsewhere token.", Answer.UNCLEAR),
        ("I think we renewed the token.", Answer.UNCLEAR),
        ("Our agency says the token was renewed.", Answer.UNCLEAR),
        ("The feed is corrected for NL only.", Answer.PARTIAL),
        ("We renewed the token but it shows an error.", Answer.TROUBLE),
        ("Vi har förnyat vår nyckel nu igen för er skull.", Answer.UNCLEAR),
        ("Out of office: the token was renewed.", Answer.AUTOMATIC),
        ("The token for the test account was renewed.", Answer.UNCLEAR),
        ("We updated some products.", Answer.UNCLEAR),
        ("I reinstalled the app and now all my products are gone!!", Answer.UNCLEAR),
    ],
)
def test_what_is_no_confirmation_is_none(text: str, answer: Answer) -> None:
    assert judge(text, REPAIR).answer is answer


REVERSALS = (
    "I think {}",
    "If all is well, {}",
    "{} But it does not work.",
    "{} Only for one shop though.",
    "I was told that {}",
    "{} Or not?",
    "Maybe {}",
    "{} Not yet, sorry.",
    "{} That was on Shopora.",
    "{} We will see tomorrow.",
    "Unfortunately not: {}",
)


@pytest.mark.parametrize("text", [*FIXED, *GONE])
@pytest.mark.parametrize("reversal", REVERSALS)
def test_a_doubt_added_to_a_confirmation_always_undoes_it(text: str, reversal: str) -> None:
    said = text.removesuffix("\n\nKind regards")
    assert judge(reversal.format(said), REPAIR).answer is not Answer.CONFIRMED


@pytest.mark.parametrize("text", BEHOBEN)
@pytest.mark.parametrize(
    "reversal",
    [
        "Ich glaube, {}",
        "{} Aber es geht nicht.",
        "{} Stimmt das?",
        "Falls alles passt: {}",
        "{} Nur Test.",
    ],
)
def test_a_german_doubt_undoes_it_too(text: str, reversal: str) -> None:
    assert judge(reversal.format(text), GERMAN).answer is not Answer.CONFIRMED


@pytest.mark.parametrize("text", FIXED)
def test_courtesy_changes_no_verdict(text: str) -> None:
    bare = text.removeprefix("Hello,\n\n").removesuffix("\n\nKind regards")
    assert judge(f"Hi everyone,\n\n{bare}\n\nBest regards", REPAIR).answer is Answer.CONFIRMED


@settings(deadline=None)  # the reader takes its time on a busy machine
@given(st.text(max_size=300))
def test_any_text_gets_a_verdict_that_cites_its_own_words(text: str) -> None:
    for asked in (REPAIR, REMOVAL, GERMAN):
        verdict = judge(text, asked)
        assert verdict.sentence in " ".join(text.split()) or verdict.sentence in text
        assert (verdict.confirms is not None) == (verdict.answer is Answer.CONFIRMED)


@settings(deadline=None)
@given(st.sampled_from(GONE), st.text("abcdefgh ", min_size=4).filter(str.strip))
def test_what_takes_a_removal_back_is_heard_behind_words_that_nobody_understands(
    text: str, noise: str
) -> None:
    asked = f"{text}\n\nqx {noise}. But please do not remove it yet."
    assert judge(asked, REPAIR).answer is not Answer.CONFIRMED


IN_EIGHT_LANGUAGES = {
    "en": (
        "We have renewed the token for Bazaro.",
        "I was told that {}",
        "{} But it does not work.",
    ),
    "de": (
        "Wir haben den Token für Bazaro erneuert.",
        "Laut Kollegin: {}",
        "{} Aber es geht nicht.",
    ),
    "fr": (
        "Nous avons renouvelé la clé pour Bazaro.",
        "Je crois que {}",
        "{} Mais ça ne marche pas.",
    ),
    "es": ("Hemos renovado el token de Bazaro.", "Me dicen que {}", "{} Pero no funciona."),
    "it": ("Abbiamo rinnovato il token di Bazaro.", "Mi dicono che {}", "{} Ma non funziona."),
    "nl": (
        "We hebben de token voor Bazaro vernieuwd.",
        "Ik denk dat {}",
        "{} Maar het werkt niet.",
    ),
    "pl": ("Odnowiliśmy token dla Bazaro.", "Podobno {}", "{} Ale nie działa."),
    "pt": ("Renovámos o token da Bazaro.", "Dizem que {}", "{} Mas não funciona."),
}


@pytest.mark.parametrize("language", IN_EIGHT_LANGUAGES)
def test_a_plain_confirmation_counts_in_eight_languages_and_a_doubt_undoes_it(
    language: str,
) -> None:
    asked = replace(REPAIR, language=language, topic=Topic.TOKEN)
    text, *reversals = IN_EIGHT_LANGUAGES[language]

    assert judge(text, asked).answer is Answer.CONFIRMED
    assert judge(text, asked).language == language
    for reversal in reversals:
        assert judge(reversal.format(text), asked).answer is not Answer.CONFIRMED, reversal


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Wir haben den Token heute morgen erneuert und bei Ihnen im Portal hinterlegt.", "de"),
        ("Hemos renovado el token esta mañana y ya está guardado en el portal.", "es"),
    ],
)
def test_a_morning_beside_the_act_is_no_doubt(text: str, language: str) -> None:
    asked = replace(REPAIR, language=language, topic=Topic.TOKEN)
    assert judge(text, asked).answer is Answer.CONFIRMED


@pytest.mark.parametrize(
    "text",
    [
        "We renewed the token in the wrong account.",
        "We renewed the token for the other subsidiary, not for this account.",
    ],
)
def test_an_act_in_the_wrong_place_confirms_nothing(text: str) -> None:
    assert judge(text, replace(REPAIR, topic=Topic.TOKEN)).answer is not Answer.CONFIRMED


def test_a_clear_act_on_another_topic_does_not_answer_the_question() -> None:
    asked = replace(REPAIR, topic=Topic.TOKEN)
    assert judge("We have corrected the price column.", asked).answer is not Answer.CONFIRMED


@pytest.mark.parametrize("text", [*FIXED, *BEHOBEN])
def test_case_wrapping_and_a_signature_change_no_verdict(text: str) -> None:
    asked = GERMAN if text in BEHOBEN else REPAIR
    for changed in (text.upper(), text.replace(" ", "  "), f"Hi all,\n{text}"):
        assert judge(changed, asked).answer is judge(text, asked).answer, changed


@pytest.mark.parametrize("language", ["en", "de", "fr"])
@pytest.mark.parametrize("asked", [REPAIR, REMOVAL])
def test_every_option_offered_is_understood(asked: Asked, language: str) -> None:
    for answer, line in closed_options(asked, language):
        for text in (line, line.lower(), f"Hello,\n\n{line}.\n\nThanks", f"- {line}"):
            assert judge(text, asked).answer is answer


@pytest.mark.parametrize(
    "name", ["Kauf & Welt", "Kauf&Welt", "A <B> C", "Käufe.shop", "3-2-1 Markt"]
)
def test_an_option_is_understood_whatever_stands_in_a_marketplaces_name(name: str) -> None:
    asked = replace(REMOVAL, marketplace=name, all_marketplaces=(name,))
    for answer, line in closed_options(asked, "en"):
        assert judge(line, asked).answer is answer


def test_options_name_what_they_confirm() -> None:
    assert [line for _, line in closed_options(REPAIR, "en")] == [
        "CHANGE DONE MF-4711",
        "REMOVE BAZARO MF-4711",
        "NOT YET MF-4711",
    ]
    assert judge("Änderung erledigt MF-4711", GERMAN).confirms is Subject.REPAIR
    assert judge("REMOVE BAZARO MF-4711", REPAIR).confirms is Subject.REMOVAL


@pytest.mark.parametrize(
    "text",
    [
        "CHANGE DONE MF-4712",
        "CHANGE DONE MF-4711\nNOT YET MF-4711",
        "CHANGE DONE MF-4711\nbut only for one shop",
        "CHANGE DONE MF-4711\nCHANGE DONE MF-4711",
        "CHANGE DONE? MF-4711",
        "REMOVE SHOPORA MF-4711",
        "NOT CHANGE DONE MF-4711",
    ],
)
def test_an_option_with_anything_more_is_unclear(text: str) -> None:
    assert judge(text, REPAIR).answer is not Answer.CONFIRMED


def test_an_option_that_answers_another_question_is_unclear() -> None:
    assert judge("CHANGE DONE MF-4711", REMOVAL).answer is Answer.UNCLEAR
