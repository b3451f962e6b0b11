"""What surrounds an answer, and how its mail is written, changes no verdict."""

from collections.abc import Callable
from email.message import EmailMessage
from html import escape

import pytest

from mailflow.tickets.ticket import Subject
from mailflow.understanding.confirmation import Asked, Topic, judge
from mailflow.understanding.meaning import Answer
from mailflow.understanding.parse import parse
from mailflow.understanding.reply_text import split_reply

ANSWERS = {
    "en": {
        "We have renewed the Bazaro token and saved it in the portal.": Answer.CONFIRMED,
        "We no longer sell on Bazaro. Please remove the integration.": Answer.CONFIRMED,
        "We will renew the token next week.": Answer.PROMISE,
        "Where can I find the token in the portal?": Answer.QUESTION,
    },
    "de": {
        "Wir haben den Bazaro-Token erneuert und im Portal hinterlegt.": Answer.CONFIRMED,
        "Wir verkaufen nicht mehr auf Bazaro. Bitte die Anbindung löschen.": Answer.CONFIRMED,
        "Wir werden das Token nächste Woche erneuern.": Answer.PROMISE,
        "Wo finde ich das Token im Portal?": Answer.QUESTION,
    },
    "fr": {
        "Nous avons renouvelé le jeton Bazaro dans le portail.": Answer.CONFIRMED,
        "Nous ne vendons plus sur Bazaro. Merci de supprimer l'intégration.": Answer.CONFIRMED,
        "Nous allons renouveler le jeton la semaine prochaine.": Answer.PROMISE,
        "Où se trouve le jeton dans le portail ?": Answer.QUESTION,
    },
    "es": {
        "Hemos renovado el token de Bazaro y lo hemos guardado en el portal.": Answer.CONFIRMED,
        "Ya no vendemos en Bazaro. Por favor, eliminen la integración.": Answer.CONFIRMED,
        "Renovaremos el token la próxima semana.": Answer.PROMISE,
        "¿Dónde encuentro el token en el portal?": Answer.QUESTION,
    },
    "it": {
        "Abbiamo rinnovato il token Bazaro e lo abbiamo salvato nel portale.": Answer.CONFIRMED,
        "Rinnoveremo il token la prossima settimana.": Answer.PROMISE,
        "Dove trovo il token nel portale?": Answer.QUESTION,
    },
    "nl": {
        "We hebben het Bazaro-token vernieuwd en in het portaal opgeslagen.": Answer.CONFIRMED,
        "We zullen het token volgende week vernieuwen.": Answer.PROMISE,
        "Waar vind ik het token in het portaal?": Answer.QUESTION,
    },
    "pl": {
        "Odnowiliśmy token Bazaro i zapisaliśmy go w panelu.": Answer.CONFIRMED,
        "Odnowimy token w przyszłym tygodniu.": Answer.PROMISE,
        "Gdzie znajdę token w panelu?": Answer.QUESTION,
    },
    "pt": {
        "Renovámos o token da Bazaro e já o guardámos no portal.": Answer.CONFIRMED,
        "Vamos renovar o token na próxima semana.": Answer.PROMISE,
        "Onde encontro o token no portal?": Answer.QUESTION,
    },
}
GREETINGS = {
    "en": ("Hello everyone,", "Kind regards"),
    "de": ("Sehr geehrte Damen und Herren,", "Mit freundlichen Grüßen"),
    "fr": ("Bonjour,", "Bien cordialement"),
    "es": ("Buenos días:", "Saludos cordiales"),
    "it": ("Buongiorno,", "Cordiali saluti"),
    "nl": ("Beste collega,", "Met vriendelijke groet"),
    "pl": ("Dzień dobry,", "Pozdrawiam"),
    "pt": ("Bom dia,", "Cumprimentos"),
}
BANNER = (
    "CAUTION: This email originated from outside of the organisation. "
    "Do not click links or open attachments unless you know the sender."
)
NOTICE = (
    "This e-mail and its attachments are confidential and intended for the addressee only. "
    "If you are not the intended recipient, you must not use, copy or disclose it."
)


def _plain(text: str, language: str) -> EmailMessage:
    mail = EmailMessage()
    mail.set_content(text)
    return mail


def _html(text: str, language: str) -> EmailMessage:
    mail = EmailMessage()
    hello, bye = GREETINGS[language]
    parts = "".join(f"<p>{escape(part)}</p>" for part in (hello, text, bye, "Robin"))
    mail.set_content(f"<html><body><div>{parts}</div></body></html>", subtype="html", cte="base64")
    return mail


def _nested_html(text: str, language: str) -> EmailMessage:
    mail = EmailMessage()
    words = escape(text).replace(" ", "&nbsp;", 1)
    mail.set_content(
        f"<div dir=ltr><div><div>{words}</div></div><div><br></div><div>--&nbsp;<br>Robin</div>"
        '</div><div class="gmail_quote">Please renew the token: we have not yet heard.</div>',
        subtype="html",
    )
    return mail


def _signed(text: str, language: str) -> EmailMessage:
    hello, bye = GREETINGS[language]
    return _plain(f"{hello}\n\n{text}\n\n{bye}\nRobin\nNorth Shop\n+49 30 000000\n", language)


def _quoted_printable(text: str, language: str) -> EmailMessage:
    mail = EmailMessage()
    mail.set_content(text, charset="utf-8", cte="quoted-printable")
    return mail


def _lower(text: str, language: str) -> EmailMessage:
    return _plain(text.lower(), language)


def _with_notices(text: str, language: str) -> EmailMessage:
    return _plain(f"{BANNER}\n\n{text}\n\n{NOTICE}\n", language)


def _quoting(text: str, language: str) -> EmailMessage:
    return _plain(
        f"{text}\n\nOn Mon, 23 Nov 2026 at 10:00, Team <box@mailflow.test> wrote:\n"
        "> Please renew the token. It has not been renewed yet.\n",
        language,
    )


FORMS: tuple[Callable[[str, str], EmailMessage], ...] = (
    _plain, _html, _nested_html, _signed, _quoted_printable, _lower, _with_notices, _quoting,
)  # fmt: skip


def _asked(language: str) -> Asked:
    return Asked(
        ticket="MF-1",
        marketplace="Bazaro",
        subject=Subject.REPAIR,
        language=language,
        all_marketplaces=("Bazaro", "Marktly"),
        topic=Topic.TOKEN,
    )


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__.strip("_"))
@pytest.mark.parametrize("language", sorted(ANSWERS))
def test_the_form_of_a_mail_changes_no_verdict(
    language: str, form: Callable[[str, str], EmailMessage]
) -> None:
    asked = _asked(language)
    for text, answer in ANSWERS[language].items():
        mail = form(text, language)
        mail["From"] = "ops@shop.example"
        own = split_reply(parse(mail.as_bytes())).own
        assert judge(own, asked).answer is answer, own


def _mistyped(text: str) -> list[str]:
    """Swap two letters inside one longer word, once for each such word."""
    words = text.split(" ")
    return [
        " ".join([*words[:n], word[:2] + word[3] + word[2] + word[4:], *words[n + 1 :]])
        for n, word in enumerate(words)
        if len(word) > 5 and word.isalpha() and word[2] != word[3]
    ]


@pytest.mark.parametrize("language", sorted(ANSWERS))
def test_a_typo_changes_no_answer_into_a_confirmation_nor_a_confirmation_into_a_no(
    language: str,
) -> None:
    for text, expected in ANSWERS[language].items():
        for typed in _mistyped(text):
            answer = judge(typed, _asked(language)).answer
            if expected is Answer.CONFIRMED:
                assert answer in (Answer.CONFIRMED, Answer.UNCLEAR), typed
            else:
                assert answer is not Answer.CONFIRMED, typed


def test_most_confirmations_with_a_typo_are_ones_still() -> None:
    answers = [
        judge(typed, _asked(language)).answer
        for language, texts in ANSWERS.items()
        for text, expected in texts.items()
        if expected is Answer.CONFIRMED
        for typed in _mistyped(text)
    ]
    assert answers.count(Answer.CONFIRMED) >= 0.7 * len(answers)
