"""Lists without headings, tiles and sentences that look like a proof and are none, as HTML."""

from tests.evidence.hostile_pages import GOOD, JOB, html, table

_CSS = (
    ".e{display:flex;align-items:center;padding:9px 0;border-bottom:1px solid #d8dde4}"
    ".e p{margin:2px 0 0;font-size:14px}.s{width:210px}.n{width:420px}"
    ".c{display:flex;gap:60px}.c p{margin:7px 0}"
)
_HUNG = ".h{display:flex;gap:60px;margin-top:20px}.h p{margin:0;font-size:18px}"
_PLACE = f"{JOB[1]} / {JOB[2]}"
_BEFORE = "2026-09-21 12:10:00"
_OF_JOB = f"<h2>{JOB[0]}</h2><p>{JOB[1]} &middot; {JOB[2]}</p>"


def entry(job: str, place: str, status: str, time: str, *more: str) -> str:
    lines = "".join(f"<p>{line}</p>" for line in (place, *more))
    return (
        f"<div class=e><span class=s>{status}</span><div class=n><b>{job}</b>{lines}</div>"
        f"<span>{time}</span></div>"
    )


def own(status: str = GOOD[0], time: str = GOOD[1], *more: str) -> str:
    return entry(JOB[0], _PLACE, status, time, *more)


def other(land: str, status: str = GOOD[0], time: str = _BEFORE) -> str:
    return entry(f"sync-lindner-{land}", f"{JOB[1]} / Kaufwelt {land.upper()}", status, time)


def entries(*parts: str, above: str = "<h2>Jobs</h2>") -> str:
    return html(above, *parts, css=_CSS)


def tiles(*texts: tuple[str, ...]) -> str:
    cards = "".join("<div>" + "".join(f"<p>{t}</p>" for t in one) + "</div>" for one in texts)
    return html(_OF_JOB, f"<div class=c>{cards}</div>", css=_CSS)


def _facts(*pairs: tuple[str, str]) -> str:
    """Lay facts out with each label small below its value."""
    cells = "".join(f"<div><p>{value}</p><small>{label}</small></div>" for value, label in pairs)
    return f"<div class=h>{cells}</div>"


def told(sentence: str) -> str:
    """Give a report in prose, the job's own paragraph between two others."""
    ended = f"The latest run (7) ended {_BEFORE} with the result"
    lines = (
        ("sync-lindner-ch", "Kaufwelt CH", f"{ended} “Succeeded”."),
        (JOB[0], JOB[2], sentence),
        ("sync-lindner-de", "Kaufwelt DE", f"{ended} “Failed”."),
    )
    body = "".join(
        f"<div style='margin-bottom:16px'><b>{job}</b> &mdash; {JOB[1]}, {market}.<br>{text}</div>"
        for job, market, text in lines
    )
    return html("<h2>Report</h2>", body)


NEW, OLD_RUN = ("Run #52", GOOD[0], GOOD[1]), ("Run #51", "Failed", "2026-09-21 09:30:00")
CONTROL_LISTS = {
    "a list without headings": entries(other("ch"), own(), other("de", "Failed")),
    "runs below one another": html(
        f"<h2>{JOB[1]} / {JOB[2]}</h2>",
        entry(JOB[0], "Run #52", *NEW[1:]),
        entry(JOB[0], "Run #51", *OLD_RUN[1:]),
        css=_CSS,
    ),
    "runs side by side": tiles(NEW, OLD_RUN),
    "labels below their values": html(
        _OF_JOB, _facts((GOOD[0], "Status"), (GOOD[1], "Finished at"), ("52", "Run")), css=_HUNG
    ),
    "groups by marketplace": html(
        "<h2>Jobs</h2>",
        table(
            ("Job", "Retailer", "Finished at", "Status"),
            ("Marketplace: Kaufwelt CH", "", "", ""),
            ("sync-lindner-ch", JOB[1], _BEFORE, GOOD[0]),
            ("Marketplace: Kaufwelt AT", "", "", ""),
            (JOB[0], JOB[1], GOOD[1], GOOD[0]),
        ),
    ),
    "a sentence": told(f"The latest run (52) ended {GOOD[1]} with the result “Succeeded”."),
}
HOSTILE_LISTS = {
    "an entry that failed between two others": entries(other("ch"), own("Failed"), other("de")),
    "an entry without a word": entries(other("ch"), own(""), other("de")),
    "the first entry without a word below a sum": entries(
        own(""), other("ch"), other("de"), above="<h2>Jobs</h2><p>3 succeeded</p>"
    ),
    "the first entry without a word below a toast": entries(
        own(""), other("ch"), other("de"), above="<h2>Jobs</h2><div>Saved successfully</div>"
    ),
    "an entry with a line of its own trouble": entries(
        other("ch"), own(*GOOD, "14 items rejected"), other("de")
    ),
    "the last entry with trouble below it": entries(
        other("ch"), other("de"), own(*GOOD, "with 14 errors")
    ),
    "two entries of the job, the newest failed": entries(
        own("Failed", "2026-09-21 14:20:00"), own(), other("ch"), other("de")
    ),
    "two entries of the job, the newest below": entries(
        own(), own("Failed", "2026-09-21 14:20:00"), other("ch"), other("de")
    ),
    "an entry below an unread one that failed": entries(
        entry(f"<i style='color:#fbfbfb'>{JOB[0]}</i>", "", "Failed", "2026-09-21 14:20:00"),
        own(),
        other("ch"),
    ),
    "an entry below one without a name that failed": entries(
        entry("", "&nbsp;", "Failed", "2026-09-21 14:20:00"), own(), other("ch"), other("de")
    ),
    "an entry above one without a name that runs": entries(
        other("ch"), other("de"), own(), entry("", "&nbsp;", "Running", "-")
    ),
    "entries whose heading is cut off": html(
        other("ch"), own(), other("de"), css=_CSS + "body{margin:0 24px}"
    ),
    "entries below a heading of the next runs": entries(
        "<div class=e><span class=s></span><div class=n></div><span>Next run</span></div>",
        other("ch"),
        own(),
        other("de"),
    ),
    "entries below a heading that is not known": entries(
        "<div class=e><span class=s></span><div class=n></div><span>Vorgemerkt</span></div>",
        other("ch"),
        own(),
        other("de"),
    ),
    "entries with times to come": entries(
        other("ch", GOOD[0], "2026-09-21 19:00:00"),
        own(),
        other("de", GOOD[0], "2026-09-22 02:00:00"),
    ),
    "lines at one distance, the words above the names or below": html(
        "<p>Jobs</p>",
        *(
            f"<p>{line}</p>"
            for line in (
                "sync-lindner-ch",
                "Failed",
                _BEFORE,
                JOB[0],
                GOOD[0],
                GOOD[1],
                "sync-lindner-de",
                "Failed",
                _BEFORE,
            )
        ),
    ),
    "words scrolled by half an entry": html(
        "<h2>Jobs</h2><div class=c>",
        table((), ("sync-lindner-ch",), (JOB[0],), ("sync-lindner-de",)),
        "<div style='margin-top:19px'>",
        table((), ("Failed", _BEFORE), GOOD, ("Failed", _BEFORE)),
        "</div></div>",
        css=_CSS,
    ),
    "an entry of another retailer": entries(
        other("ch"), entry(JOB[0], f"Berger / {JOB[2]}", *GOOD), other("de")
    ),
    "an entry of another marketplace": entries(
        other("ch"), entry(JOB[0], f"{JOB[1]} / Kaufwelt CH", *GOOD), other("de")
    ),
    "the newest of the runs still running": html(
        f"<h2>{JOB[1]} / {JOB[2]}</h2>",
        entry(JOB[0], "Run #53", "Running", "-"),
        entry(JOB[0], "Run #52", *GOOD),
        entry(JOB[0], "Run #51", *OLD_RUN[1:]),
        css=_CSS,
    ),
    "runs below a word that the job has failed": html(
        f"<h2>{JOB[1]} / {JOB[2]}</h2><p>Overall: Failed</p><p>Filter</p>",
        entry(JOB[0], "Run #52", *GOOD),
        entry(JOB[0], "Run #51", *OLD_RUN[1:]),
        css=_CSS,
    ),
    "tiles, the newest failed": tiles(("Run #53", "Failed", "2026-09-21 14:20:00"), NEW),
    "tiles, the newest behind": tiles(NEW, ("Run #53", "Failed", "2026-09-21 14:20:00")),
    "tiles of stages": tiles(
        ("Publish", *GOOD), ("Import", "Failed", "2026-09-21 14:03:00"), ("Load", GOOD[0], _BEFORE)
    ),
    "tiles beside a table of trouble": html(
        tiles(NEW, ("Run #51", GOOD[0], _BEFORE)),
        table(("Run", "Status", "Finished"), ("#53", "Failed", "2026-09-21 14:20:00")),
    ),
    "a sentence about the last successful run": told(
        f"The last successful run (51) ended {GOOD[1]} with the result “Succeeded”."
    ),
    "a sentence that denies it": told(
        f"The latest run (52) did not end {GOOD[1]} with the result “Succeeded”."
    ),
    "a sentence about the run before": told(
        f"The run before the latest run (52) ended {GOOD[1]} with the result “Succeeded”."
    ),
    "a sentence with a second one behind it": told(
        f"The latest run (52) ended {GOOD[1]} with the result “Succeeded”. The job is broken."
    ),
    "a sentence of what is planned": told(
        f"The latest run (52) should end {GOOD[1]} with the result “Succeeded”."
    ),
    "a path to the job in another marketplace": html(
        f"<p>Jobs &rsaquo; {JOB[1]} &rsaquo; Kaufwelt CH &rsaquo; {JOB[0]}</p><h2>{JOB[0]}</h2>",
        table((), ("Status", GOOD[0]), ("Finished at", GOOD[1])),
    ),
    "failed items that count up in the first column": html(
        "<h2>Jobs</h2>",
        table(
            ("Failed", "Job", "Retailer", "Marketplace", "Status", "Finished at"),
            ("1", "sync-lindner-ch", JOB[1], "Kaufwelt CH", *GOOD),
            ("2", *JOB, *GOOD),
            ("3", "sync-lindner-de", JOB[1], "Kaufwelt DE", *GOOD),
        ),
    ),
    "labels below their values, which say failed": html(
        _OF_JOB,
        _facts(("Failed", "Status"), (GOOD[1], "Finished at"), (GOOD[0], "Before that")),
        css=_HUNG,
    ),
    "an icon below its label and another word above": html(
        _OF_JOB,
        "<p>Vorlauf</p><p>Succeeded</p><p>Status</p><p>&#10004;</p>",
        f"<p>Finished at</p><p>{GOOD[1]}</p>",
        css="p{margin:3px 0}",
    ),
    "labels below their values, the word of the stage above": html(
        _OF_JOB,
        _facts(("Download", "Stage"), (GOOD[0], "State of the stage"), (GOOD[1], "Finished at")),
        css=_HUNG,
    ),
    "times below a title of runs to come": html(
        "<h2>Upcoming</h2>",
        table(
            (),
            (_BEFORE, "sync-lindner-ch", "Lindner, Kaufwelt CH", GOOD[0]),
            (GOOD[1], JOB[0], f"{JOB[1]}, {JOB[2]}", GOOD[0]),
            ("2026-09-21 14:20:00", "sync-lindner-de", "Lindner, Kaufwelt DE", GOOD[0]),
        ),
    ),
    "a group of another marketplace": html(
        "<h2>Jobs</h2>",
        table(
            ("Job", "Retailer", "Finished at", "Status"),
            ("Marketplace: Kaufwelt AT", "", "", ""),
            ("sync-lindner-de", JOB[1], _BEFORE, GOOD[0]),
            ("Marketplace: Kaufwelt CH", "", "", ""),
            (JOB[0], JOB[1], GOOD[1], GOOD[0]),
        ),
    ),
}
