"""Edits that take a clear confirmation back. The reader learns from the outcome, not from the edit."""

import random

from bench.reader.replies import Reply
from mailflow.understanding.confirmation.names import READ_AS_OTHERS, READ_AS_OURS

_SIGN_OFF = 60  # characters of a last paragraph that is hardly more than a greeting
Edit = tuple[str, str]  # the intent that comes of it, and the words around the text
_EDITS: dict[str, tuple[Edit, ...]] = {
    "en": (
        ("hearsay", "Our agency says {}"), ("hearsay", "{} At least so I hear from the agency."),
        ("hedged", "If I am not mistaken, {}"), ("hedged", "Perhaps {}"), ("hedged", "I hope that {}"),
        ("trouble", "{} However, the same error comes up again."), ("trouble", "{} Still failing here."),
        ("question", "{} Can you see whether that is so?"), ("question", "Is it true that {}?"),
        ("conditional", "As soon as our admin has time: {}"), ("conditional", "In case it goes through, {}"),
        ("retraction", "{} Sorry, forget that, wrong ticket."), ("retraction", "{} No, wait, not done after all."),
        ("partial", "{} But just for half of the items."), ("partial", "{} For the German shop alone, that is."),
        ("promise", "Tomorrow you will hear from us: {}"), ("other_act", "{} On the test system only."),
        ("denial", "It is not the case that {}"), ("keep_paused", "{} Please leave it switched off though."),
    ),
    "de": (
        ("hearsay", "Laut Agentur: {}"), ("hearsay", "{} So hat man es mir jedenfalls gesagt."),
        ("hedged", "Vermutlich gilt: {}"), ("hedged", "Hoffentlich: {}"), ("hedged", "Soweit ich weiß: {}"),
        ("trouble", "{} Der Fehler kommt leider trotzdem wieder."), ("trouble", "{} Geht aber immer noch nicht."),
        ("question", "{} Ist das richtig so?"), ("question", "Kann es sein, dass Folgendes stimmt: {}?"),
        ("conditional", "Sobald der Kollege zurück ist: {}"), ("conditional", "Wenn nichts dazwischenkommt: {}"),
        ("retraction", "{} Ach nein, Kommando zurück, das war ein anderes Konto."), ("retraction", "{} Stimmt doch nicht, sorry."),
        ("partial", "{} Das gilt jedoch erst für einen Teil der Artikel."), ("other_act", "{} Bisher bloß auf dem Testsystem."),
        ("denial", "Leider stimmt es nicht: {}"), ("keep_paused", "{} Bitte trotzdem noch pausiert lassen."),
    ),
    "fr": (
        ("hearsay", "D'après l'agence, {}"), ("hearsay", "{} C'est ce qu'on m'a dit en tout cas."),
        ("hedged", "Si je ne me trompe pas, {}"), ("hedged", "J'espère que {}"), ("hedged", "Peut-être : {}"),
        ("trouble", "{} L'erreur revient pourtant toujours."), ("trouble", "{} Ça ne marche toujours pas."),
        ("question", "{} Pouvez-vous me dire si c'est bien le cas ?"), ("conditional", "Dès que le collègue sera rentré : {}"),
        ("retraction", "{} Ah non, oubliez, je me suis trompé de compte."), ("partial", "{} Pour une partie des articles, du moins."),
        ("other_act", "{} Sur l'environnement de test uniquement."), ("denial", "Malheureusement ce n'est pas vrai : {}"),
        ("keep_paused", "{} Laissez quand même en pause."),
    ),
    "es": (
        ("hearsay", "Según la agencia, {}"), ("hearsay", "{} Al menos eso me han dicho."),
        ("hedged", "Si no me equivoco, {}"), ("hedged", "Espero que {}"), ("hedged", "Quizás: {}"),
        ("trouble", "{} Aun así vuelve a salir el mismo error."), ("trouble", "{} Sigue fallando."),
        ("question", "{} ¿Me pueden decir si es así?"), ("conditional", "En cuanto vuelva el compañero: {}"),
        ("retraction", "{} Perdón, olvídenlo, era otra cuenta."), ("partial", "{} Para una parte de los artículos, eso sí."),
        ("other_act", "{} Únicamente en el entorno de pruebas."), ("denial", "Lamentablemente no es cierto: {}"),
        ("keep_paused", "{} Déjenlo en pausa de todos modos."),
    ),
    "it": (
        ("hearsay", "Secondo l'agenzia {}"), ("hearsay", "{} Almeno così mi hanno detto."),
        ("hedged", "Se non sbaglio, {}"), ("hedged", "Spero che {}"), ("hedged", "Forse: {}"),
        ("trouble", "{} Però torna sempre lo stesso errore."), ("trouble", "{} Continua a non andare."),
        ("question", "{} Mi potete dire se è così?"), ("conditional", "Appena torna il collega: {}"),
        ("retraction", "{} Anzi no, scusate, era un altro account."), ("partial", "{} Per una parte degli articoli, s'intende."),
        ("other_act", "{} Soltanto in ambiente di test."), ("denial", "Purtroppo non è vero: {}"),
        ("keep_paused", "{} Lasciate comunque in pausa."),
    ),
    "nl": (
        ("hearsay", "Volgens ons bureau: {}"), ("hearsay", "{} Dat heb ik althans gehoord."),
        ("hedged", "Als ik me niet vergis: {}"), ("hedged", "Hopelijk: {}"), ("hedged", "Misschien: {}"),
        ("trouble", "{} De fout komt toch steeds terug."), ("trouble", "{} Het loopt nog altijd vast."),
        ("question", "{} Kunnen jullie zeggen of dat klopt?"), ("conditional", "Zodra de collega terug is: {}"),
        ("retraction", "{} O nee, vergeet het, dat was een ander account."), ("partial", "{} Voor een deel van de artikelen dan."),
        ("other_act", "{} Alleen in de testomgeving."), ("denial", "Helaas klopt dit niet: {}"),
        ("keep_paused", "{} Laat het toch maar op pauze."),
    ),
    "pl": (
        ("hearsay", "Według agencji: {}"), ("hearsay", "{} Tak przynajmniej słyszałem."),
        ("hedged", "O ile się nie mylę: {}"), ("hedged", "Mam nadzieję, że {}"), ("hedged", "Być może: {}"),
        ("trouble", "{} Błąd jednak wciąż wraca."), ("trouble", "{} Dalej się wysypuje."),
        ("question", "{} Czy możecie sprawdzić, czy to prawda?"), ("conditional", "Jak tylko wróci kolega: {}"),
        ("retraction", "{} A nie, przepraszam, to było inne konto."), ("partial", "{} Dla części produktów."),
        ("other_act", "{} Wyłącznie na środowisku testowym."), ("denial", "Niestety to nieprawda: {}"),
        ("keep_paused", "{} Mimo to proszę zostawić wstrzymane."),
    ),
    "pt": (
        ("hearsay", "Segundo a agência, {}"), ("hearsay", "{} Pelo menos foi o que me disseram."),
        ("hedged", "Se não me engano, {}"), ("hedged", "Espero que {}"), ("hedged", "Talvez: {}"),
        ("trouble", "{} Mesmo assim o erro volta sempre."), ("trouble", "{} Continua a falhar."),
        ("question", "{} Conseguem dizer-me se é assim?"), ("conditional", "Assim que o colega voltar: {}"),
        ("retraction", "{} Ah não, esqueçam, era outra conta."), ("partial", "{} Para uma parte dos artigos, entenda-se."),
        ("other_act", "{} Apenas no ambiente de testes."), ("denial", "Infelizmente não é verdade: {}"),
        ("keep_paused", "{} Deixem em pausa na mesma."),
    ),
}  # fmt: skip
_SWAPPED = 0.25  # how often the marketplace is swapped instead, where that takes it back


def reversed_line(reply: Reply, chance: random.Random) -> tuple[str, str]:
    """Give the line of a clear reply with something that takes it back, and the intent it has now."""
    line = reply.line()
    swap = READ_AS_OURS in line and READ_AS_OTHERS not in line
    if swap and chance.random() < _SWAPPED:
        return line.replace(READ_AS_OURS, READ_AS_OTHERS), "other_marketplace"
    edits = _EDITS.get(reply.row.get("lang", "en"), _EDITS["en"])
    intent, around = chance.choice(edits)
    return reply.line_of(_edited(reply.own, around), chance), intent


def _edited(own: str, around: str) -> str:
    """Put the words around what comes before the greeting at the end."""
    parts = own.strip().split("\n\n")
    ends = len(parts) > 1 and len(parts[-1]) < _SIGN_OFF
    said = "\n\n".join(parts[:-1]) if ends else own.strip()
    if around.endswith("?") and around.endswith("{}?"):
        said = said.rstrip(".! ")
    edited = around.format(said)
    return f"{edited}\n\n{parts[-1]}" if ends else edited
