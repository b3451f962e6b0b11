"""Paragraphs that a mail server or a legal department wrote, above or below the author's words.

They are full of "do not", "unless" and "if you are not", which would read as the author's doubts.
A banner goes sentence by sentence, so that words in the same paragraph stay; a legal notice is a
paragraph, and never the first one: losing the author's words is the worse mistake.
"""

import re

_PARAGRAPH = re.compile(r"(?:[^\n]*\S[^\n]*\n?)+")
_SENTENCE = re.compile(r"[^.!?\n]{1,400}(?:[.!?](?=\s|$)|\n|$)|[.!?\n]")
_SIGNS = r"[\W_]{0,12}"
_MAIL = (
    r"(?:this|diese|dieses|ce|cet|cette|este|esta|questo|questa|dit|deze|ta|niniejsz[ay])"
    r" (?:e-?mail|mail|message|nachricht|courriel|mensaje|correo|messaggio|bericht"
    r"|wiadomo[śs][ćc]|mensagem)"
)
_OUTSIDE = (
    r"(?:outside|external|au(?:ß|ss)erhalb|extern\w*|ext[ée]rieur\w*|fuera|esterno|esterna"
    r"|buiten|zewn[ąa]trz|zewn[ęe]trzn\w+|fora)"
)
_BANNER = re.compile(
    rf"{_SIGNS}(?:"
    r"(?:\[?external(?: e-?mail| sender)?\]?|\[?externe? (?:e-?mail|mail|nachricht)\]?)"
    rf"{_SIGNS}"
    rf"|(?:(?:caution|warning|attention|be careful|achtung|vorsicht|warnung|avertissement"
    rf"|atenci[óo]n|attenzione|let op|waarschuwing|uwaga|aten[çc][ãa]o|external(?: e-?mail)?)"
    rf"{_SIGNS})?{_MAIL}\b[^.!?]{{0,80}}\b{_OUTSIDE}\b.{{0,160}}"
    r"|(?:please )?(?:do not|don't|never) (?:click|open|follow|reply)\b.{0,80}\b(?:unless|links?"
    r"|attachments?)\b.{0,160}"
    r"|(?:bitte )?(?:klicken|öffnen) sie (?:nicht|keine)\b.{0,200}"
    r"|(?:ne cliquez (?:pas|sur aucun)|n'ouvrez (?:pas|aucune))\b.{0,200}"
    r"|no (?:haga clic|abra)\b.{0,200}|non (?:cliccare|aprire|fare clic)\b.{0,200}"
    r"|(?:klik niet|open geen)\b.{0,200}|nie (?:klikaj|otwieraj)\b.{0,200}"
    r"|não (?:clique|abra)\b.{0,200}"
    r"|you don\W?t often get e-?mail from\b.{0,200}|learn why this is important.{0,120}"
    r"|sie erhalten nicht (?:oft|häufig) e-?mails? von\b.{0,200}"
    r")\s*",
    re.IGNORECASE | re.DOTALL,
)
_LEGAL = re.compile(
    rf"{_SIGNS}(?:(?:disclaimer|confidentiality notice|confidential|haftungsausschluss"
    rf"|vertraulichkeitshinweis|avis de confidentialité|aviso legal|nota de confidencialidad"
    rf"|avviso di riservatezza|klauzula poufno[śs]ci|aviso de confidencialidade){_SIGNS}$"
    rf"|(?:disclaimer|confidentiality notice{_SIGNS})?"
    rf"(?:{_MAIL}|the (?:information|content)s? (?:contained )?(?:in|of) this"
    r"|(?:die|der inhalt) (?:in )?dieser (?:e-?mail|nachricht)|any views)\b.{0,160}"
    r"\b(?:confidential|privileged|intended|vertraulich\w*|bestimmt|confidentiel\w*|destinataire"
    r"|confidencial\w*|destinatari\w*|riservat\w*|vertrouwelijk\w*|bestemd|poufn\w+"
    r"|przeznaczon\w+|those of the author|checked for viruses|virenfrei|geprüft)\b"
    r"|if you (?:are not the intended|have received this (?:e-?mail|message) (?:in error|by))"
    r"|(?:falls|wenn|sollten) sie nicht der (?:richtige|vorgesehene|beabsichtigte)"
    r"|si vous n'êtes pas le destinataire|si no es usted el destinatario"
    r"|se non siete i destinatari|indien u niet de (?:beoogde|geadresseerde)"
    r"|(?:please )?consider the environment before|think before you print"
    r"|bitte denken sie an die umwelt|pensez à l'environnement)",
    re.IGNORECASE | re.DOTALL,
)
_SEEN = 1000  # characters of a paragraph that are looked at


def without_disclaimers(text: str) -> tuple[str, str]:
    """Give the text without banners and legal notices, and what was taken out.

    Takes time linear in the size of the text; where nothing would be left, all of it stays.
    """
    kept: list[str] = []
    taken: list[str] = []
    last = 0
    written = False
    for paragraph in _PARAGRAPH.finditer(text):
        words = paragraph.group()
        cut = len(words) if written and _LEGAL.match(words[:_SEEN]) else _banner_length(words)
        kept.append(text[last : paragraph.start()])
        kept.append(words[cut:])
        taken.append(words[:cut].strip())
        written = written or bool(words[cut:].strip())
        last = paragraph.end()
    kept.append(text[last:])
    if not written:
        return text, ""
    return "".join(kept).strip(), "\n".join(filter(None, taken))


def _banner_length(words: str) -> int:
    """Count the characters of the sentences at its beginning that a mail server wrote."""
    cut = 0
    for sentence in _SENTENCE.finditer(words[:_SEEN]):
        if sentence.group().strip() and not _BANNER.fullmatch(sentence.group()):
            break
        cut = sentence.end()
    return cut if words[:cut].strip() else 0
