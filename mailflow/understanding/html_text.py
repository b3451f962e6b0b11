"""HTML of a mail as text, and its quoted history cut out."""

import re
from html import unescape

from inscriptis import Inscriptis
from lxml import etree, html  # type: ignore[import-untyped]

from mailflow.understanding.limits import LIMITS

_DATA_URI = re.compile(r"data:[^\"'<>\s]{100,}")
_HUGE_TAG = re.compile(r"<[^<>]{20000,}")
_TAG = re.compile(r"<[^<>]*>")
_UNSEEN = re.compile(r"<(?:style|script|title)\b[^<>]*>[^<]*", re.IGNORECASE)
_DECLARATION = re.compile(r"^\s*<\?xml[^<>]*\?>")
_BLANK_LINES = re.compile(r"\n[ \t]*\n(?:[ \t]*\n)+")

_QUOTE_CONTAINERS = (
    "//*[contains(concat(' ', normalize-space(@class), ' '), ' gmail_quote ')]",
    "//*[contains(concat(' ', normalize-space(@class), ' '), ' gmail_quote_container ')]",
    "//blockquote[@type='cite' or contains(@class, 'cite') or contains(@class, 'quote')]",
    "//*[contains(@class, 'moz-cite-prefix') or contains(@class, 'moz-forward-container')]",
    "//*[contains(@class, 'yahoo_quoted') or starts-with(@id, 'yahoo_quoted')]",
    "//*[contains(@class, 'protonmail_quote') or contains(@class, 'tutanota_quote')]",
)
# Outlook does not enclose the history: it starts at one of these and runs to the end.
_TURNING_POINTS = (
    "//*[@id='appendonsend' or @id='divRplyFwdMsg' or @id='x_divRplyFwdMsg' "
    "or @id='mail-editor-reference-message-container' or @id='reply-intro'] "
    "| //div[contains(translate(@style, ' ', ''), 'border-top:solid#E1E1E1') "
    "or contains(translate(@style, ' ', ''), 'border-top:solid#B5C4DF')"
    " or contains(translate(@style, ' ', ''), 'border:none;border-top:solid')]"
)


_HIDDEN = re.compile(
    r"(?:display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all"
    r"|(?:font-size|max-height|opacity)\s*:\s*0(?:px|pt|em|%)?\s*(?:[;!]|$))",
    re.IGNORECASE,
)


def html_to_text(source: str, max_chars: int = LIMITS.html_chars) -> str:
    """Turn HTML into text with its lines and tables kept; never raises."""
    tree = _tree(source[:max_chars])
    text = "" if tree is None else _rendered(tree)
    return text or _stripped(source[:max_chars])


def without_quotes(source: str, max_chars: int = LIMITS.html_chars) -> tuple[str, str]:
    """Give the text outside and the text inside the containers that mail programs quote in.

    A quote in the middle of new text is cut out as well; what was answered below it stays.
    """
    tree = _tree(source[:max_chars])
    if tree is None:
        return _stripped(source[:max_chars]), ""
    quoted = [_cut(element) for element in tree.xpath(" | ".join(_QUOTE_CONTAINERS))]
    for turn in tree.xpath(_TURNING_POINTS)[:1]:
        quoted.extend(_cut_from(turn))
    # Containers within containers are indented by the renderer, which says nothing here.
    own = "\n".join(line.strip() for line in _rendered(tree).split("\n"))
    return own, "\n".join(text for text in quoted if text)


def _tree(source: str) -> html.HtmlElement | None:
    source = _DECLARATION.sub("", _DATA_URI.sub("data:", source))
    if not source.strip() or _HUGE_TAG.search(source):
        return None  # thousands of attributes in one tag take lxml half a minute
    try:
        tree = html.document_fromstring(source)
    except (etree.LxmlError, ValueError, AssertionError):
        return None
    for element in tree.xpath("//body//*[@style or @hidden]"):
        # Nobody who reads the mail sees it, so nobody can be held to it.
        if "hidden" in element.attrib or _HIDDEN.search(element.get("style", "")[:2000]):
            element.clear(keep_tail=True)
    return tree


def _rendered(tree: html.HtmlElement) -> str:
    try:
        text = Inscriptis(tree).get_text()
    except Exception:  # noqa: BLE001 - hostile HTML reaches every corner of a foreign renderer
        return ""
    return _tidied(text)


def _stripped(source: str) -> str:
    return _tidied(unescape(_TAG.sub(" ", _UNSEEN.sub(" ", source))))


def _tidied(text: str) -> str:
    lines = "\n".join(line.rstrip() for line in text.replace("\u00a0", " ").splitlines())
    return _BLANK_LINES.sub("\n\n", lines).strip()


def _cut(element: html.HtmlElement) -> str:
    """Take an element out and give its text; the text behind it stays."""
    parent = element.getparent()
    if parent is None or element.tag in {"body", "html"}:
        return ""
    tail, element.tail = element.tail, None
    text = _tidied("\n".join(str(piece) for piece in element.itertext()))
    before = element.getprevious()
    if tail and before is not None:
        before.tail = (before.tail or "") + "\n" + tail
    elif tail:
        parent.text = (parent.text or "") + "\n" + tail
    parent.remove(element)
    return text


def _cut_from(element: html.HtmlElement) -> list[str]:
    """Take out an element and all that follows it in the document."""
    texts = []
    current = element
    while current is not None and current.tag not in {"body", "html"}:
        parent = current.getparent()
        followers = list(current.itersiblings())
        current.tail = None
        for follower in followers:
            texts.append(_tidied("\n".join(str(piece) for piece in follower.itertext())))
            parent.remove(follower)
        current = parent
    return [_cut(element), *texts]
