"""Eight languages: a clear answer is read, and one edit that reverses its meaning is seen."""

import pytest

from mailflow.tickets.ticket import Subject
from mailflow.understanding.confirmation import Asked, closed_options, judge
from mailflow.understanding.meaning import Answer

CHANGED = {
    "en": "We have renewed the Bazaro token and saved it in the portal.",
    "de": "Wir haben den Bazaro-Token erneuert und im Portal hinterlegt.",
    "fr": "Nous avons renouvelé le jeton Bazaro et nous l'avons enregistré dans le portail.",
    "es": "Hemos renovado el token de Bazaro y lo hemos guardado en el portal.",
    "it": "Abbiamo rinnovato il token Bazaro e lo abbiamo salvato nel portale.",
    "nl": "We hebben het Bazaro-token vernieuwd en in het portaal opgeslagen.",
    "pl": "Odnowiliśmy token Bazaro i zapisaliśmy go w panelu.",
    "pt": "Renovámos o token da Bazaro e já o guardámos no portal.",
}
LEFT = {
    "en": "We no longer sell on Bazaro. Please remove the integration.",
    "de": "Wir verkaufen nicht mehr auf Bazaro. Bitte die Anbindung löschen.",
    "fr": "Nous ne vendons plus sur Bazaro. Merci de supprimer l'intégration.",
    "es": "Ya no vendemos en Bazaro. Por favor, eliminen la integración.",
    "it": "Non vendiamo più su Bazaro. Potete rimuovere l'integrazione.",
    "nl": "We zijn gestopt met verkopen via Bazaro. Graag de koppeling verwijderen.",
    "pl": "Nie sprzedajemy już na Bazaro. Proszę usunąć integrację.",
    "pt": "Já não vendemos na Bazaro. Podem remover a integração.",
}
REVERSALS = {
    "en": (
        "I think {}",
        "{} But it does not work.",
        "{} Only for the UK though.",
        "{} Or maybe not, I have to ask.",
        "{} That is what my colleague claims.",
        "{} The rest follows next week.",
        "Once we are back: {}",
        "{}?",
    ),
    "de": (
        "Ich glaube, {}",
        "{} Es funktioniert aber nicht.",
        "{} Allerdings nur teilweise.",
        "{} Das behauptet jedenfalls der Kollege.",
        "{} Der Rest folgt nächste Woche.",
        "{}?",
    ),
    "fr": (
        "Je crois que {}",
        "{} Mais cela ne fonctionne pas.",
        "{} Enfin, en partie seulement.",
        "{} C'est du moins ce que dit mon collègue.",
        "{} ?",
    ),
    "es": (
        "Creo que {}",
        "{} Pero no funciona.",
        "{} Solo en parte.",
        "{} Es lo que dice mi colega.",
        "{}?",
    ),
    "it": (
        "Credo che {}",
        "{} Ma non funziona.",
        "{} Solo in parte.",
        "{} Così dice il collega.",
        "{}?",
    ),
    "nl": (
        "Ik denk dat {}",
        "{} Maar het werkt niet.",
        "{} Slechts gedeeltelijk.",
        "{} Dat zegt mijn collega.",
        "{}?",
    ),
    "pl": (
        "Chyba {}",
        "{} Ale nie działa.",
        "{} Tylko częściowo.",
        "{} Tak twierdzi kolega.",
        "{}?",
    ),
    "pt": (
        "Acho que {}",
        "{} Mas não funciona.",
        "{} Só em parte.",
        "{} É o que diz o colega.",
        "{}?",
    ),
}


def _asked(language: str, subject: Subject = Subject.REPAIR) -> Asked:
    return Asked(
        ticket="MF-4711",
        marketplace="Bazaro",
        subject=subject,
        language=language,
        all_marketplaces=("Bazaro", "Shopora"),
    )


@pytest.mark.parametrize("language", sorted(CHANGED))
def test_a_clear_change_is_confirmed(language: str) -> None:
    verdict = judge(CHANGED[language], _asked(language))
    assert (verdict.answer, verdict.confirms) == (Answer.CONFIRMED, Subject.REPAIR), verdict
    assert verdict.sentence in CHANGED[language]


@pytest.mark.parametrize("language", sorted(LEFT))
def test_a_clear_removal_is_confirmed(language: str) -> None:
    for subject in (Subject.REPAIR, Subject.REMOVAL):
        verdict = judge(LEFT[language], _asked(language, subject))
        assert (verdict.answer, verdict.confirms) == (Answer.CONFIRMED, Subject.REMOVAL), verdict


@pytest.mark.parametrize("said", [CHANGED, LEFT], ids=["change", "removal"])
@pytest.mark.parametrize("language", sorted(REVERSALS))
def test_no_edit_that_reverses_the_meaning_is_accepted(language: str, said: dict[str, str]) -> None:
    subject = Subject.REPAIR if said is CHANGED else Subject.REMOVAL
    text = said[language]
    for reversal in REVERSALS[language]:
        bare = text.rstrip(".") if reversal.endswith("?") else text
        edited = reversal.format(bare)
        assert judge(edited, _asked(language, subject)).answer is not Answer.CONFIRMED, edited


@pytest.mark.parametrize("language", sorted(CHANGED))
def test_another_marketplace_is_never_the_one_asked_about(language: str) -> None:
    for other in ("Shopora", "Zalando"):
        text = CHANGED[language].replace("Bazaro", other)
        assert judge(text, _asked(language)).answer is not Answer.CONFIRMED, text


@pytest.mark.parametrize("language", sorted(CHANGED))
def test_casing_and_wrapping_do_not_change_a_verdict(language: str) -> None:
    text = CHANGED[language]
    half = text.index(" ", len(text) // 2)
    wrapped = f"{text[:half]}\n{text[half + 1 :]}"
    for edited in (text.upper(), text.lower(), wrapped if half >= 50 else text):
        assert judge(edited, _asked(language)).answer is Answer.CONFIRMED, edited


@pytest.mark.parametrize("language", sorted(CHANGED))
def test_every_language_offers_closed_options_that_it_understands(language: str) -> None:
    courtesy = {"en": "Kind regards", "de": "Viele Grüße", "pl": "Pozdrawiam"}.get(language, "")
    for answer, line in closed_options(_asked(language), language):
        verdict = judge(f"{line}\n{courtesy}".strip(), _asked(language))
        assert verdict.answer is answer, line
        more = judge(f"{line}\nHowever, see below.", _asked(language))
        assert more.answer is Answer.UNCLEAR, line


def test_the_beginning_of_a_removal_needs_both_words_where_a_change_was_asked() -> None:
    for language, text in LEFT.items():
        first = text.split(". ")[0] + "."
        assert judge(first, _asked(language)).answer is not Answer.CONFIRMED, first
