"""What the author of a reply wrote, apart from what was quoted and signed.

Losing the author's words is the worse mistake: what is not plainly a quote stays.
"""

import re
from collections.abc import Sequence

from mailflow.understanding.disclaimers import without_disclaimers
from mailflow.understanding.html_text import without_quotes
from mailflow.understanding.meaning import ReplyText
from mailflow.understanding.message import Message
from mailflow.understanding.quoting import MARKER, header_block, intro_lines, is_separator

_MAX_LINES = 4000
_MAX_LINE = 2000
_MAX_SENT_LINES = 20_000
_QUOTE = (">", "|")
_SENT_GRAM = 8  # that many words in a row of ours are a quote, however the lines were broken
_MAX_SENT_WORDS = 20_000
_SENT_RUN = 3  # that many of our own lines in a row are a quote, whatever they are marked with
_SENT_WORDS = 12  # in that run: three short lines may be chance
_RULE = re.compile(r"\s{0,3}_{20,}\s*$")
_SIGNATURE = re.compile(r"(?:--|—|__) ?$|-- ?\S{0,3}$")
_DEVICE = re.compile(
    r"[<(\s]{0,4}(?:sent (?:from|via|by|with)(?: my)? \[?\w.{0,80}|get outlook for .{0,80}"
    r"|get \[?outlook.{0,80}|from my (?:iphone|ipad|mobile|android).{0,30}"
    r"|(?:diese nachricht wurde )?von meinem .{1,60} gesendet|gesendet (?:von|mit) .{1,60}"
    r"|envoyé (?:de|depuis|avec|à partir d) ?.{1,60}|obtenir outlook .{1,60}"
    r"|enviado (?:desde|do|de|com) .{1,60}|obtener outlook .{1,60}"
    r"|scarica outlook .{1,60}|outlook für .{1,40} (?:beziehen|herunterladen).{0,20}"
    r"|outlook voor .{1,40} downloaden.{0,20}"
    r"|pobierz .{0,20}outlook .{1,60}|obter o outlook .{1,60}"
    r"|inviato (?:da|dal) .{1,60}|verzonden (?:met|vanaf|via) .{1,60}"
    r"|wysłan[eoay] z .{1,60}|skickat från .{1,60}|sendt fra .{1,60}|lähetetty .{1,60}"
    r"|odesláno z .{1,60}|отправлено .{1,60}|надіслано .{1,60}|從我的 .{1,40} 傳送"
    r"|.{1,40}から送信|ᐧ)[.>)\s]{0,4}$",
    re.IGNORECASE,
)
_SIGN_OFF = re.compile(
    r"\s{0,3}(?:(?:kind|best|warm|many)? ?regards|best wishes|all the best|cheers"
    r"|yours (?:sincerely|faithfully|truly)|sincerely(?: yours)?"
    r"|mit (?:freundlichen|besten|vielen|herzlichen) grü(?:ß|ss)en|mfg"
    r"|(?:freundliche|beste|viele|liebe|herzliche|schöne) grü(?:ß|ss)e|lg|vg"
    r"|(?:bien )?cordialement|bien à vous|meilleures salutations|salutations(?: distinguées)?"
    r"|(?:un )?(?:cordial )?saludos?(?: cordiales)?|atentamente|un saludo"
    r"|(?:cordiali|distinti) saluti|saluti|un cordiale saluto"
    r"|met vriendelijke groet(?:en)?|vriendelijke groet(?:en)?|groet(?:en|jes)?|mvg"
    r"|z poważaniem|pozdrawiam|pozdrowienia"
    r"|atenciosamente|com os melhores cumprimentos|cumprimentos|abraços)[\s,.!]{0,4}$",
    re.IGNORECASE,
)
# Thanks end a mail as often as they stand in its middle: they close it only above a mere name.
_THANKS = re.compile(
    r"\s{0,3}(?:(?:many |best |kind )?(?:thanks?|thx|tks|ta)(?: (?:you|a lot|again|in advance))?"
    r"|best|take care|rgds|br|(?:vielen |herzlichen )?danke?|merci(?: d'avance| beaucoup)?|cdt|cdlt"
    r"|bonne journée|(?:muchas )?gracias|grazie(?: mille)?|(?:alvast )?bedankt|dzięki|dziękuję"
    r"|(?:muito )?obrigad[oa])[\s,.!]{0,4}$",
    re.IGNORECASE,
)
_BANNER = re.compile(r"\s{0,3}(?:_{4,}|-{3,}|={3,}|\*{3,}.*)\s*$")
_POSTSCRIPT = re.compile(r"\s{0,3}p\.? ?p?\.? ?s\.?(?:[:.,\s]|$)", re.IGNORECASE)
_NAME_WORDS = 6  # a line below the thanks with more words, or a full stop, is text again
_MAX_SIGNED_LINES = 12  # below a sign-off; more than that is text again
_WORD = re.compile(r"\w+")
_PUNCTUATION = re.compile(r"[\s\"\u201c\u201d\u00bb\u00ab.:;,\[\]()-]+")
_BLANKS = re.compile(r"\n{3,}")


def split_reply(message: Message, sent_texts: Sequence[str] = ()) -> ReplyText:
    """Cut a mail into the author's own text, quotes and signature.

    `sent_texts` are the mails of ours that it may quote. `own` is the whole text where nothing
    would be left. Takes time linear in the size of the text.
    """
    text, quoted_html = _readable(message)
    return _cut(text, quoted_html, sent_texts, message.text)


def split_text(text: str, sent_texts: Sequence[str] = (), phrase: str = "") -> ReplyText:
    """Cut a text the same way, where there is no mail around it.

    `phrase` is an answer that our mail proposed: it stays, since the author may have typed it.
    """
    return _cut(text.replace("\r\n", "\n"), "", sent_texts, text, phrase)


def _cut(
    text: str, quoted_html: str, sent_texts: Sequence[str], everything: str, phrase: str = ""
) -> ReplyText:
    lines = [line[:_MAX_LINE] for line in text.replace("\u00a0", " ").split("\n")[:_MAX_LINES]]
    own, quoted = _without_history(lines)
    own, repeated = _without_sent(own, sent_texts)
    own, strewn = _without_sent_words(own, sent_texts, phrase)
    own, signature = _without_signature(own)
    words, disclaimer = without_disclaimers(_joined(own))
    found = ReplyText(
        own=words,
        quoted=_joined([*quoted, *repeated, *strewn, quoted_html]),
        signature=_joined(signature),
        disclaimer=disclaimer,
    )
    if found.own:
        return found
    whole = "\n".join(own + signature).strip() or "\n".join(lines).strip() or everything.strip()
    return ReplyText(own=whole, quoted=found.quoted, signature="")


def _readable(message: Message) -> tuple[str, str]:
    """Give the text to cut. HTML is asked where there is no text part, or a bare stub of one."""
    if not message.html:
        return message.text, ""
    own, quoted = without_quotes(message.html)
    if quoted and own:
        return own, quoted
    if message.text.strip():
        return message.text, ""
    return own or quoted, ""


def _without_history(lines: list[str]) -> tuple[list[str], list[str]]:
    """Cut at the first sign of a full quote; drop marked quotes before it, keep answers between."""
    quoted_below = _quoted_below(lines)
    own: list[str] = []
    quoted: list[str] = []
    place = 0
    while place < len(lines):
        if _turns_into_history(lines, place):
            return own, quoted + lines[place:]
        length = intro_lines(lines, place)
        if length:
            written = any(line.strip() for line in own)
            if written and not quoted_below[min(place + length, len(lines))]:
                return own, quoted + lines[place:]
            quoted.extend(lines[place : place + length])
        elif lines[place].lstrip().startswith(_QUOTE):
            quoted.append(lines[place])
        else:
            own.append(lines[place])
        place += max(length, 1)
    return own, quoted


def _quoted_below(lines: list[str]) -> list[bool]:
    """Tell for each place whether the next line that is not blank is marked as a quote."""
    answers = [False] * (len(lines) + 1)
    for place in range(len(lines) - 1, -1, -1):
        line = lines[place].strip()
        answers[place] = line.startswith(_QUOTE) if line else answers[place + 1]
    return answers


def _turns_into_history(lines: list[str], place: int) -> bool:
    line = lines[place]
    if MARKER.search(line) or is_separator(line) or header_block(lines, place):
        return True
    if not _RULE.match(line):
        return False
    return any(header_block(lines, near) for near in range(place + 1, min(place + 3, len(lines))))


def _without_sent(lines: list[str], sent_texts: Sequence[str]) -> tuple[list[str], list[str]]:
    """Take out runs of our own lines, which some programs quote without any mark."""
    sent = {
        bare
        for text in sent_texts
        for line in text.split("\n")[:_MAX_SENT_LINES]
        if (bare := _bare(line))
    }
    if not sent:
        return lines, []
    own: list[str] = []
    repeated: list[str] = []
    run: list[str] = []
    for line in [*lines, None]:
        if line is not None and (not line.strip() or _bare(line) in sent):
            run.append(line)
            continue
        (repeated if _is_ours(run) else own).extend(run)
        run = []
        if line is not None:
            own.append(line)
    return own, repeated


def _without_sent_words(
    lines: list[str], sent_texts: Sequence[str], phrase: str
) -> tuple[list[str], list[str]]:
    """Take out runs of our own words, which some programs wrap anew and quote without a mark."""
    grams = {gram for text in sent_texts for gram in _grams(_words(text))} - set(
        _grams(_words(phrase), partly=True)
    )
    if not grams:
        return lines, []
    text = "\n".join(lines)
    places = [found.span() for found in _WORD.finditer(text)]
    words = [text[start:end].casefold() for start, end in places]
    ours = bytearray(len(words))
    for at, gram in enumerate(_grams(words)):
        if gram in grams:
            ours[at : at + _SENT_GRAM] = b"\1" * _SENT_GRAM
    kept: list[str] = []
    taken: list[str] = []
    last = 0
    for (_, end), is_ours in zip(places, ours, strict=True):
        (taken if is_ours else kept).append(text[last:end])
        last = end
    kept.append(text[last:])
    left = "".join(kept).split("\n")
    return [line for line in left if not _PUNCTUATION.fullmatch(line)], ["".join(taken).strip()]


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)[:_MAX_SENT_WORDS]]


def _grams(words: list[str], *, partly: bool = False) -> list[tuple[str, ...]]:
    """Give every run of words; `partly`: the whole as one where it is shorter."""
    if partly and len(words) < _SENT_GRAM:
        return [tuple(words)]
    return [tuple(words[at : at + _SENT_GRAM]) for at in range(len(words) - _SENT_GRAM + 1)]


def _bare(line: str) -> str:
    return " ".join(line.strip(" >\t*_").split()).casefold()


def _is_ours(run: list[str]) -> bool:
    filled = [line for line in run if line.strip()]
    return len(filled) >= _SENT_RUN and sum(len(line.split()) for line in filled) >= _SENT_WORDS


def _without_signature(lines: list[str]) -> tuple[list[str], list[str]]:
    cut = _signature_start(lines)
    own = [line for line in lines[:cut] if not _DEVICE.match(line)]
    devices = [line for line in lines[:cut] if _DEVICE.match(line)]
    below = lines[cut:]
    # What somebody adds below their name is meant: it may take back everything above.
    more = next((n for n, line in enumerate(below) if _POSTSCRIPT.match(line)), len(below))
    return own + below[more:], devices + below[:more]


def _signature_start(lines: list[str]) -> int:
    written = False
    for place, line in enumerate(lines):
        if written and (_SIGNATURE.match(line) or _BANNER.match(line)):
            return place
        if written and _THANKS.match(line) and _only_a_name(lines[place + 1 :]):
            return place
        if written and _SIGN_OFF.match(line):
            below = sum(bool(later.strip()) for later in lines[place + 1 :])
            if below <= _MAX_SIGNED_LINES:
                return place
        written = written or bool(line.strip())
    return len(lines)


def _only_a_name(below: list[str]) -> bool:
    """Is there nothing below but a name and a banner?"""
    for line in below[:_MAX_SIGNED_LINES]:
        if _BANNER.match(line) or _SIGNATURE.match(line):
            return True
        if len(line.split()) > _NAME_WORDS or line.rstrip().endswith((".", "!", "?")):
            return False
    return len(below) <= _MAX_SIGNED_LINES


def _joined(lines: Sequence[str]) -> str:
    return _BLANKS.sub("\n\n", "\n".join(line.rstrip() for line in lines)).strip()
