"""Sheets of facts beside lists that look like a proof and are none, as HTML; two are proofs."""

from tests.evidence.hostile_pages import GOOD, HEADS, JOB, NEIGHBOUR, OLD, html, row, table

STARTED = "2026-09-21 14:01:00"
FACTS = (("Job", JOB[0]), ("Retailer", JOB[1]), ("Marketplace", JOB[2]))
ENDED = (("Status", GOOD[0]), ("Started", STARTED), ("Finished at", GOOD[1]))
RUN_HEADS = ("Run", "Status", "Started", "Finished")
NEW = ("run-9", "Succeeded", STARTED, GOOD[1])
PAST = ("run-8", "Failed", "2026-09-21 09:20:00", OLD[1])
OTHERS = table(HEADS, NEIGHBOUR, ("sync-berger-at", "Berger", "Kaufwelt AT", "Failed", GOOD[1]))


def sheet(*pairs: tuple[str, str]) -> str:
    return table((), *(pairs or (*FACTS, *ENDED)))


def above(*pairs: tuple[str, str]) -> str:
    """Labels above their values, three to a line."""
    cells = "".join(f"<div><small>{k}</small><p>{v}</p></div>" for k, v in pairs)
    return f"<div class=g>{cells}</div>"


def beside(left: str, right: str) -> str:
    return html(f"<div style='display:flex;gap:70px'><div>{left}</div><div>{right}</div></div>")


GRID = (
    ".g{display:grid;grid-template-columns:auto auto auto;gap:12px 60px;width:760px}p{margin:2px 0}"
)
ALL = (*FACTS, *ENDED)

CONTROL_SHEETS = {
    "a sheet over a list of others": html(f"<h2>{JOB[0]}</h2>", sheet(), OTHERS),
    "labels above values, over older runs": html(
        above(*ALL), "<h3>Runs</h3>", table(RUN_HEADS, NEW, PAST), css=GRID
    ),
    "a page's title over a sheet that names no job": html(
        f"<h1>{JOB[0]}</h1><p>{JOB[1]} &middot; {JOB[2]}</p>", sheet(*FACTS[1:], *ENDED), OTHERS
    ),
}
HOSTILE_SHEETS = {
    "a filter with the job over the sheet of one that is not named": html(
        f"<p>Search <input value='{JOB[0]}' size=40></p>", sheet(*FACTS[1:], *ENDED), OTHERS
    ),
    "the title of an unknown job between the page's title and the sheet": html(
        f"<h1>{JOB[0]}</h1><p>See also</p><h3>Order import 77</h3>",
        sheet(*FACTS[1:], *ENDED),
        OTHERS,
    ),
    "the title of a known job between the page's title and the sheet": html(
        f"<h1>{JOB[0]}</h1><h3>sync-lindner-de</h3>", sheet(*FACTS[1:], *ENDED), OTHERS
    ),
    "a sheet, and a later run of the job that failed in the list": html(
        sheet(),
        table(HEADS, row("Failed", "2026-09-21 14:20:00"), NEIGHBOUR),
    ),
    "a sheet, and a later run without an end among its runs": html(
        sheet(),
        table(RUN_HEADS, ("run-10", "Running", "2026-09-21 14:20:00", "-"), NEW, PAST),
    ),
    "a sheet, and a run that failed with the same end": html(
        sheet(),
        table(RUN_HEADS, ("run-9", "Failed", STARTED, GOOD[1]), PAST),
    ),
    "a sheet, and trouble that names nobody": html(sheet(), OTHERS, "<p>Last import failed</p>"),
    "a sheet of an older run, and a later one that succeeded": html(
        sheet(*FACTS, ("Status", "Succeeded"), ("Finished at", "2026-09-21 13:05:10")),
        table(RUN_HEADS, ("run-9", "Succeeded", STARTED, GOOD[1]), PAST),
    ),
    "a sheet without a word over a sheet of another job": html(
        sheet(*FACTS),
        "<p>Order import 77</p>",
        sheet(*ENDED),
        OTHERS,
    ),
    "a sheet beside that of a job without a label": html(
        "<div style='display:flex;gap:60px'><div>",
        sheet(*FACTS),
        "</div><div><b>Order import 77</b>",
        sheet(*ENDED),
        "</div></div>",
        OTHERS,
    ),
    "a sheet without a word in the grid of another job's": html(
        above(
            ("Job", JOB[0]), ("Order import 77", "Berger"), ("Retailer", JOB[1]), *ENDED, FACTS[2]
        ),
        OTHERS,
        css=GRID,
    ),
    "a title above the facts of another job": html(
        f"<b>{JOB[0]}</b>",
        sheet(("Job", "sync-lindner-ch"), *FACTS[1:], *ENDED),
        OTHERS,
    ),
    "a sheet with a remark of rejected items": html(
        sheet(*FACTS, *ENDED, ("Remark", "312 items rejected")), OTHERS
    ),
    "a sheet with errors": html(sheet(*FACTS, *ENDED, ("Errors", "12")), OTHERS),
    "a sheet that tells of two runs": html(
        sheet(*FACTS, *ENDED, ("Status", "Failed"), ("Finished at", "2026-09-21 14:20:00")), OTHERS
    ),
    "a sheet of another marketplace": html(
        sheet(FACTS[0], FACTS[1], ("Marketplace", "Kaufwelt CH"), *ENDED), OTHERS
    ),
    "a sheet whose last success alone is late enough": html(
        sheet(*FACTS, ("Status", "Succeeded"), ("Last success", GOOD[1])), OTHERS
    ),
    "a sheet beside a list of runs that begins with a failed one": beside(
        "<p><b>run-10</b><br>Failed<br>Started: 2026-09-21 14:20:00</p>"
        f"<p><b>run-9</b><br>Succeeded<br>Started: {STARTED}<br>Finished: {GOOD[1]}</p>",
        sheet(),
    ),
    "the first row of a table, with more runs below": html(
        table(("Status", "Finished at", "Job"), ("Succeeded", GOOD[1], JOB[0]), ("Failed", "", "")),
        f"<p>Retailer: {JOB[1]}</p><p>Marketplace: {JOB[2]}</p>",
        OTHERS,
    ),
    "a badge of a preview system at the end of the menu": html(
        "<p>Jobs &nbsp; &nbsp; Reports &nbsp; &nbsp; Users &nbsp; &nbsp; "
        "<span style='background:#ffd84d;padding:2px 9px'>PREVIEW</span></p>",
        sheet(),
        OTHERS,
    ),
    "a page that is called preview": html("<h2>Preview</h2>", sheet(), OTHERS),
}
