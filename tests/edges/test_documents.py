import base64
import io
import random
import zipfile

import plutoprint
import pytest
from PIL import Image, ImageDraw

from mailflow.edges.documents import MAX_PAGES, MAX_PICTURES, pictures_in
from mailflow.edges.images import decode
from mailflow.tickets.errors import GiveUp


def screen(text: str = "Succeeded", size: tuple[int, int] = (640, 400)) -> Image.Image:
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).text((20, 40), text, fill="black", font_size=28)
    return image


def saved(image: Image.Image, kind: str = "PNG", **options) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def office(
    *media: bytes, folder: str = "word/media", more: dict[str, bytes] | None = None
) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        for number, content in enumerate(media, 1):
            archive.writestr(f"{folder}/image{number}.png", content)
        for name, content in (more or {}).items():
            archive.writestr(name, content)
    return out.getvalue()


def typed_pdf(text: str) -> bytes:
    book = plutoprint.Book(plutoprint.PAGE_SIZE_A4)
    book.load_html(f"<html><body><h1>{text}</h1></body></html>")
    out = io.BytesIO()
    book.write_to_pdf_stream(out)
    return out.getvalue()


def test_a_picture_is_the_only_picture_of_itself():
    content = saved(screen())

    (picture,) = pictures_in(content)

    assert picture.content == content
    assert picture.place == ""


def test_a_picture_on_a_pdf_page_is_taken_at_its_own_size():
    pdf = saved(screen(size=(1280, 800)), "PDF", resolution=400)

    (picture,) = pictures_in(pdf)

    decoded = decode(picture.content)
    assert (decoded.width, decoded.height) == (1280, 800)
    assert (picture.place, picture.findings) == ("page 1", ())


def test_every_page_gives_its_pictures_and_a_repeated_one_counts_once():
    pages = [screen("Failed"), screen("Failed"), screen("Running")]
    pdf = saved(screen("Succeeded"), "PDF", save_all=True, append_images=pages)

    assert [p.place for p in pictures_in(pdf)] == ["page 1", "page 2", "page 4"]


def test_a_typed_page_is_drawn_but_flagged():
    (picture,) = pictures_in(typed_pdf("Order import succeeded"))

    assert decode(picture.content).width > 1000
    assert any("typed" in finding for finding in picture.findings)


def test_a_typed_page_with_a_logo_is_drawn_as_well():
    logo = base64.b64encode(saved(screen("Lindner", (320, 90)))).decode()
    content = typed_pdf(f"Invoice 4711</h1><img src='data:image/png;base64,{logo}'><h1>")

    _, page = pictures_in(content)

    assert any("typed" in finding for finding in page.findings)


@pytest.mark.parametrize("folder", ["word/media", "xl/media", "ppt/media", "Pictures"])
def test_the_pictures_of_an_office_file_come_out_as_they_are(folder):
    shot = saved(screen())

    (picture,) = pictures_in(office(shot, saved(screen(size=(60, 20))), folder=folder))

    assert picture.content == shot
    assert picture.findings == ()


def test_an_office_file_that_shows_a_picture_from_elsewhere_is_flagged():
    link = (
        b'<Relationships><Relationship Id="r1" Type="http://example.com/image" '
        b'Target="http://example.com/a.png" TargetMode="External"/></Relationships>'
    )

    (picture,) = pictures_in(office(saved(screen()), more={"word/_rels/d.xml.rels": link}))

    assert picture.findings == ("the document shows a picture from elsewhere",)


def test_macros_are_flagged():
    (picture,) = pictures_in(office(saved(screen()), more={"word/vbaProject.bin": b"x"}))

    assert picture.findings == ("the document holds macros",)


def lying_about_its_size() -> bytes:
    """Give an office file whose picture unpacks to 40 MB but claims a few bytes."""
    packed = bytearray(office(bytes(40 << 20)))
    true_size = (40 << 20).to_bytes(4, "little")
    return bytes(packed.replace(true_size, (900).to_bytes(4, "little")))


REFUSED = {
    "a bomb": (office(bytes(30 << 20)), "far too much"),
    "many small bombs": (office(*[bytes(3 << 20)] * 4), "far too much"),
    "a lie about the size": (lying_about_its_size(), "far too much|damaged"),
    "more pictures than anyone sends": (
        office(*[saved(screen(str(n))) for n in range(MAX_PICTURES + 1)]),
        "more than",
    ),
    "no picture": (office(more={"word/document.xml": b"<w/>"}), "without a picture"),
    "only a logo": (office(saved(screen(size=(90, 40)))), "without a picture"),
    "a plain archive": (b"PK\x03\x04" + bytes(200), "an archive"),
    "a cut off office file": (office(saved(screen()))[:-60], "damaged"),
    "a broken PDF": (b"%PDF-1.7\n" + b"x" * 400, "damaged"),
    "a PDF of many pages": (
        saved(
            screen(),
            "PDF",
            save_all=True,
            append_images=[screen(str(n), (300, 200)) for n in range(MAX_PAGES)],
        ),
        "pages",
    ),
    "an SVG": (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>' * 2, "SVG"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_holds_no_decent_picture_is_refused_with_a_reason(case):
    content, reason = REFUSED[case]

    with pytest.raises(GiveUp, match=reason):
        pictures_in(content)


def test_an_empty_page_gives_no_picture():
    with pytest.raises(GiveUp, match="without a picture"):
        pictures_in(typed_pdf(""))


@pytest.mark.parametrize("kind", ["office", "PDF"])
def test_a_document_with_bytes_changed_at_will_is_read_or_refused_and_nothing_crashes(kind):
    """The archive reader once sought before the start, and decoded names that were none."""
    whole = office(saved(screen())) if kind == "office" else saved(screen(), "PDF")
    chance = random.Random(5)
    refused = 0
    for _ in range(400):
        changed = bytearray(whole)
        for _ in range(chance.choice((1, 5, 40))):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        try:
            pictures_in(bytes(changed))
        except GiveUp:
            refused += 1
    assert 0 < refused < 400
