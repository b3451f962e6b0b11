"""The author's words are kept, everybody else's are set apart."""

import time

import pytest

from mailflow.understanding.parse import parse
from mailflow.understanding.reply_text import split_reply


def _own(body: str, kind: str = "plain", sent: tuple[str, ...] = ()) -> str:
    head = f"From: a@b.example\r\nContent-Type: text/{kind}; charset=utf-8\r\n\r\n"
    return split_reply(parse((head + body).encode()), sent).own


@pytest.mark.parametrize(
    "history",
    [
        "##- Please reply above this line -##\nold",
        "##- Bitte oberhalb dieser Zeile antworten -##\nold",
        "On Mon, 23 Nov 2026 at 10:00, Bo <b@x.example> wrote:\n> old",
        "On Mon, 23 Nov 2026 at 10:00, Bo\n<b@x.example> wrote:\n\nold without marks",
        "Am 23.11.2026 um 10:00 schrieb Bo <b@x.example>:\n> old",
        "Le 23/11/2026 à 10:00, Bo a écrit :\n> old",
        "El lun, 23 nov 2026 a las 10:00, Bo (<b@x.example>) escribió:\n> old",
        "Il giorno lun 23 nov 2026 alle ore 10:00 Bo ha scritto:\n> old",
        "Op ma 23 nov. 2026 om 10:00 schreef Bo <b@x.example>:\n> old",
        "W dniu 23.11.2026 o 10:00, Bo pisze:\n> old",
        "Em seg., 23 de nov. de 2026 às 10:00, Bo <b@x.example> escreveu:\n> old",
        "-----Original Message-----\nold",
        "From: Bo <b@x.example>\nSent: Monday 10:00\nTo: A\nSubject: job\n\nold",
        "Von: Bo <b@x.example>\nGesendet: Montag 10:00\nAn: A\nBetreff: job\n\nold",
        "De : Bo\nEnvoyé : lundi 10:00\nÀ : A\nObjet : job\n\nold",
        "De: Bo\nEnviado el: lunes 10:00\nPara: A\nAsunto: job\n\nold",
        "Da: Bo\nInviato: lunedì 10:00\nA: A\nOggetto: job\n\nold",
        "Van: Bo\nVerzonden: maandag 10:00\nAan: A\nOnderwerp: job\n\nold",
        "Od: Bo\nWysłano: poniedziałek 10:00\nDo: A\nTemat: job\n\nold",
        "De: Bo\nEnviada em: segunda 10:00\nPara: A\nAssunto: job\n\nold",
    ],
)
def test_history_is_set_apart_in_every_language(history):
    assert _own(f"It is fixed.\n\n{history}\n") == "It is fixed."


@pytest.mark.parametrize(
    "signature", ["-- \nAnna", "Sent from my phone", "Best regards,\nAnna", "Viele Grüße\nAnna"]
)
def test_a_signature_is_set_apart(signature):
    assert _own(f"It is fixed.\n\n{signature}\n") == "It is fixed."


def test_answers_between_quoted_lines_are_kept():
    body = "On 23 Nov 2026, b@x.example wrote:\n> Fixed?\nyes\n> When?\ntoday\n"
    assert _own(body) == "yes\ntoday"


def test_html_quotes_are_cut_out_and_answers_below_them_stay():
    body = "<div>It is fixed.</div><div class='gmail_quote'>old words</div><div>Restart it</div>"
    own = _own(body, "html")
    assert "old" not in own
    assert own.split() == ["It", "is", "fixed.", "Restart", "it"]


def test_outlook_history_is_cut_to_the_end():
    body = "<div>It is fixed.</div><div id='divRplyFwdMsg'>From: Bo</div><div>old</div>"
    assert _own(body, "html") == "It is fixed."


def test_a_run_of_our_own_lines_is_a_quote_without_any_mark():
    sent = (
        "Your feed job 7 was stopped today.\nPlease renew the token of the shop.\nThen tell us so."
    )
    assert _own(f"Done.\n{sent}", sent=(sent,)) == "Done."
    assert "Then tell us so." in _own("Then tell us so.", sent=(sent,))


@pytest.mark.parametrize("body", ["> only a quote", "Best regards", "##- reply above -##\nbelow"])
def test_nothing_is_ever_emptied(body):
    assert _own(body)


@pytest.mark.parametrize(
    "line",
    [
        "On a " * 9,
        "Am a schrieb ",
        ">" * 50,
        "From: a\n",
        "\n",
        "##- ",
        "-" * 70,
        "Le a\n",
        "On 1 a ",
        "this e-mail is from outside ",
        "Caution: this mail ",
        "1 a.\n\n",
    ],
)
def test_hostile_text_takes_linear_time(line):
    body = line * (400_000 // len(line))
    started = time.process_time()
    _own(body)
    _own(body.replace(" ", "\n"))
    assert time.process_time() - started < 5


@pytest.mark.parametrize("part", ["<i hidden>a</i>b", "<p style='font-size:0'><b>", "<p hidden>"])
def test_hidden_parts_take_linear_time_and_leave_the_seen_words(part):
    started = time.process_time()
    assert _own(f"<div>It is fixed.</div>{part * 20_000}", "html").startswith("It is fixed.")
    assert time.process_time() - started < 5


def test_a_mail_of_which_nothing_is_seen_is_not_emptied():
    assert _own("<div style='display: none'>It is fixed.</div>", "html")


def test_banners_and_legal_notices_are_set_apart():
    body = (
        "[EXTERNAL] This message was sent from outside the company. Do not open attachments "
        "unless you expect them. We renewed the token.\n\nDo not hesitate to ask.\n\n"
        "The information contained in this message is confidential and must not be copied.\n"
    )
    text = split_reply(parse(f"From: a@b.example\r\n\r\n{body}".encode()))
    assert text.own == "We renewed the token.\n\nDo not hesitate to ask."
    assert "must not be copied" in text.disclaimer
    assert "outside the company" in text.disclaimer


def test_a_notice_alone_stays_since_a_mail_is_never_emptied():
    assert _own("This e-mail is confidential and intended for the addressee only.\n")
