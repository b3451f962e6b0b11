"""Evidence told apart from logos, icons, tracking pixels and what only claims to be a picture."""

import hashlib
import io
import zipfile
from email.message import EmailMessage

import pytest
from PIL import Image, ImageDraw

from mailflow.understanding.file_kinds import size_of
from mailflow.understanding.parse import parse
from mailflow.understanding.pictures import MOST_PICTURES, evidence_in


def drawn(size: tuple[int, int], kind: str = "PNG", word: str = "Succeeded") -> bytes:
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).text((2, 2), word, fill="black")
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()


SCREEN = drawn((1280, 800))
LOGO = drawn((320, 90))


def mail(html: str, *attached: tuple[str, bytes], **inline: bytes) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "shop@example.com"
    message["To"] = "inbox@example.com"
    message["Subject"] = "Re: job"
    message.set_content("see the picture")
    message.add_alternative(html, subtype="html")
    page = list(message.iter_parts())[1]
    assert isinstance(page, EmailMessage)
    for name, content in inline.items():
        page.add_related(content, "image", "png", cid=f"<{name}>", disposition="inline")
    for name, content in attached:
        message.add_attachment(content, maintype="application", subtype="x", filename=name)
    return message


def sorted_out(
    message: EmailMessage, seen: dict[bytes, int] | None = None
) -> tuple[list[bytes], dict[str, str]]:
    known = {hashlib.sha256(c).hexdigest(): count for c, count in (seen or {}).items()}
    evidence, aside = evidence_in(parse(message.as_bytes()), lambda sha256: known.get(sha256, 0))
    return [one.content for one in evidence], {one.attachment.sha256: one.because for one in aside}


def why_not(message: EmailMessage, content: bytes, seen: dict[bytes, int] | None = None) -> str:
    evidence, aside = sorted_out(message, seen)
    assert content not in evidence
    return aside[hashlib.sha256(content).hexdigest()]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "WEBP"])
def test_the_size_is_read_off_the_head_alone(kind):
    assert size_of(drawn((321, 123), kind)[:600]) == (321, 123)


def test_the_size_of_a_lossless_webp_and_of_one_with_alpha_is_read_too():
    out, alpha = io.BytesIO(), io.BytesIO()
    Image.new("RGB", (321, 123), "white").save(out, "WEBP", lossless=True)
    Image.new("RGBA", (321, 123), (9, 9, 9, 9)).save(alpha, "WEBP", exif=b"Exif\x00\x00")

    assert size_of(out.getvalue()) == (321, 123)
    assert size_of(alpha.getvalue()) == (321, 123)


def test_a_picture_pasted_into_the_text_is_evidence():
    pasted = mail('<p>Done:</p><img src="cid:shot">', shot=SCREEN)

    assert sorted_out(pasted) == ([SCREEN], {})


def test_an_attached_picture_is_known_by_its_bytes_not_by_its_type():
    assert sorted_out(mail("<p>x</p>", ("scan", SCREEN))) == ([SCREEN], {})


def test_what_calls_itself_a_picture_is_looked_at_so_that_it_is_answered():
    web_page = b"<html><body>no picture</body></html>" * 3

    assert sorted_out(mail("<p>x</p>", ("shot.png", web_page))) == ([web_page], {})


def office(**entries: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        for name, content in entries.items():
            archive.writestr(name.replace("__", "/") + ".png", content)
    return out.getvalue()


def test_a_document_is_evidence_only_with_a_picture_in_it():
    report, prices = office(word__media__image1=SCREEN), office(xl__worksheets__sheet1=b"1")

    both = mail("<p>x</p>", ("report.docx", report), ("prices.xlsx", prices))

    evidence, aside = sorted_out(both)
    assert evidence == [report]
    assert "without a picture" in aside[hashlib.sha256(prices).hexdigest()]


def test_a_table_or_a_note_is_no_matter_here():
    assert sorted_out(mail("<p>x</p>", ("jobs.csv", b"a,b\n1,2\n" * 20))) == ([], {})


@pytest.mark.parametrize("size", [(1, 1), (32, 32), (120, 60), (600, 4)])
def test_tracking_pixels_icons_and_lines_are_set_aside(size):
    tiny = drawn(size)

    assert "too small" in why_not(mail('<img src="cid:t">', t=tiny), tiny)


@pytest.mark.parametrize(
    "signature",
    [
        '<div class="gmail_signature">Jo<br><img src="cid:logo"></div>',
        '<div id="Signature"><p>Jo</p><img src="cid:logo"></div>',
        '<pre class="moz-signature">-- </pre><img src="cid:logo">',
        '<p>--</p><p>Jo</p><img src="cid:logo">',
    ],
)
def test_a_logo_in_a_signature_is_set_aside_and_the_screenshot_above_it_is_not(signature):
    both = mail(f'<img src="cid:shot">{signature}', shot=SCREEN, logo=LOGO)

    evidence, aside = sorted_out(both)

    assert evidence == [SCREEN]
    assert "signature" in aside[hashlib.sha256(LOGO).hexdigest()]


def test_a_screenshot_pasted_below_a_signature_is_evidence_all_the_same():
    below = mail('<div class="gmail_signature">Jo</div><img src="cid:shot">', shot=SCREEN)

    assert sorted_out(below) == ([SCREEN], {})


def test_a_picture_in_the_quoted_mail_is_not_in_the_signature_above_it():
    html = '<div class="gmail_signature">Jo</div><div class="gmail_quote"><img src="cid:s"></div>'
    small = drawn((640, 200))

    assert sorted_out(mail(html, s=small)) == ([small], {})


def test_a_small_picture_that_came_with_many_mails_is_stationery():
    again = mail('<img src="cid:logo">', logo=LOGO)

    assert sorted_out(again, {LOGO: 2}) == ([LOGO], {})
    assert "many mails" in why_not(again, LOGO, {LOGO: 3})


def test_a_screenshot_that_is_sent_again_and_again_is_still_looked_at():
    again = mail('<img src="cid:shot">', shot=SCREEN)

    assert sorted_out(again, {SCREEN: 9}) == ([SCREEN], {})


def test_pictures_of_mails_within_mails_are_found():
    inner = mail('<img src="cid:shot">', shot=SCREEN)
    middle = mail("<p>fwd</p>")
    middle.add_attachment(inner)
    outer = mail("<p>fwd</p>")
    outer.add_attachment(middle)

    assert sorted_out(outer) == ([SCREEN], {})


def test_more_pictures_than_anyone_looks_at_are_set_aside():
    many = [(f"{n}.png", drawn((640, 400), word=str(n))) for n in range(MOST_PICTURES + 2)]

    evidence, aside = sorted_out(mail("<p>x</p>", *many))

    assert (len(evidence), len(aside)) == (MOST_PICTURES, 2)


OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
UNOPENED = {
    "a mail saved by Outlook": ("RE: job", OLD + "__substg1.0_0037001F".encode("utf-16-le")),
    "a document of the old kind": ("screens", OLD + "WordDocument".encode("utf-16-le")),
    "the same by name alone": ("screens.doc", b"{\\rtf1}"),
    "a saved mail by name alone": ("job.msg", b"broken"),
    "a container by name alone": ("winmail.dat", b"broken"),
    "a sheet with a picture": ("book", OLD + "Workbook".encode("utf-16-le") + SCREEN[:40]),
    "an archive with a picture": ("all", b"PK\x03\x04" + bytes(26) + b"screen.PNG" + bytes(90)),
}


@pytest.mark.parametrize("name", UNOPENED)
def test_a_file_that_nobody_opens_is_answered_and_not_passed_over(name):
    evidence, aside = sorted_out(mail("<p>see</p>", UNOPENED[name]))
    assert (evidence, aside) == ([UNOPENED[name][1]], {})


def test_such_a_file_in_an_attached_mail_is_answered_too():
    outer = mail("<p>see</p>")
    outer.add_attachment(mail("<p>this</p>", ("job.msg", b"broken")))
    assert sorted_out(outer) == ([b"broken"], {})


@pytest.mark.parametrize(
    "file",
    [
        ("stock.xls", OLD + "Workbook".encode("utf-16-le")),
        ("feed.zip", b"PK\x03\x04" + bytes(26) + b"feed.csv" + bytes(90)),
        ("notes.txt", b"see winmail.dat"),
    ],
)
def test_a_file_that_holds_no_picture_is_no_matter(file):
    assert sorted_out(mail("<p>see</p>", file)) == ([], {})


def test_a_picture_under_the_name_of_a_saved_mail_is_a_picture():
    assert sorted_out(mail("<p>see</p>", ("job.msg", SCREEN))) == ([SCREEN], {})
