"""More looks that the judge was tuned on: lists of many jobs, as rows, cards and groups."""

from collections.abc import Callable
from dataclasses import replace
from itertools import groupby

from bench.pictures.looks import badge, cells, page, rows_of
from bench.pictures.looks_panels import icon_and_word
from bench.pictures.scenes import Scene
from bench.pictures.wording import LABELS


def dense(scene: Scene) -> str:
    """Many narrow columns in small letters, a sign before each word, buttons in each row."""
    l = LABELS[scene.language]  # noqa: E741
    keys = (
        "job",
        "retailer",
        "marketplace",
        "status",
        "started",
        "finished",
        "duration",
        "items",
        "errors",
    )
    body = "".join(
        f"<tr>{cells([r.job, r.retailer, r.marketplace, icon_and_word(r), r.started, r.finished, '2m 13s', r.items, r.errors])}"
        f"<td>{l['details']}</td></tr>"
        for r in rows_of(scene)
    )
    css = "td,th{padding:3px 6px;font-size:12px}h1{font-size:16px}main{padding:8px}"
    return page(
        scene,
        f"<main><h1>{l['jobs']}</h1><table><tr>{cells([l[k] for k in keys], 'th')}<th></th></tr>{body}</table></main>",
        css,
        "'DejaVu Sans', sans-serif",
    )


def tiles_above(scene: Scene) -> str:
    """Counts of the whole page above the list; the word first in each row."""
    l = LABELS[scene.language]  # noqa: E741
    counts = "".join(
        f"<div><b style='font-size:24px'>{n}</b><br><span class=dim>{w}</span></div>"
        for n, w in ((6, l["jobs"]), (2, l["errors"]), (48, l["runs"]))
    )
    body = "".join(
        f"<tr>{cells([badge(r, scene), r.job, r.retailer, r.marketplace, r.finished])}</tr>"
        for r in rows_of(scene)
    )
    keys = ("status", "job", "retailer", "marketplace", "finished")
    css = ".k{display:flex;gap:50px;margin-bottom:22px}"
    return page(
        scene,
        f"<main><div class=k>{counts}</div><table><tr>{cells([l[k] for k in keys], 'th')}</tr>{body}</table></main>",
        css,
    )


def feed(scene: Scene) -> str:
    """Cards across the page: the name and the word behind it, then one line of facts."""
    l = LABELS[scene.language]  # noqa: E741
    line = "#343a44" if scene.dark else "#cfd6e0"
    body = "".join(
        f"<div class=card><b>{r.job}</b> &nbsp; {badge(r, scene)}"
        f"<p class=dim>{r.retailer} &middot; {r.marketplace} &middot; {l['finished']} {r.finished}</p></div>"
        for r in rows_of(scene)[:6]
    )
    css = f".card{{border:1px solid {line};border-radius:8px;padding:12px 16px;margin-bottom:14px;width:900px}}.card p{{margin:8px 0 0}}"
    return page(scene, f"<main><h1>{l['jobs']}</h1>{body}</main>", css)


def narrow_cards(scene: Scene) -> str:
    """A telephone's list: a card a job, labels left and values right."""
    l = LABELS[scene.language]  # noqa: E741
    line = "#343a44" if scene.dark else "#cfd6e0"
    body = "".join(
        f"<div class=card>{badge(r, scene)}<br><b>{r.job}</b>"
        + "".join(
            f"<div class=r><span class=dim>{l[k]}</span><span>{v}</span></div>"
            for k, v in (
                ("retailer", r.retailer),
                ("marketplace", r.marketplace),
                ("finished", r.finished),
            )
        )
        + "</div>"
        for r in (*scene.others[:1], scene.mine[0], *scene.others[1:3])
    )
    css = (
        f".card{{border:1px solid {line};border-radius:10px;padding:12px 14px;margin:0 0 20px;width:430px}}"
        ".r{display:flex;justify-content:space-between;padding:5px 0}b{display:block;padding:6px 0}"
    )
    return page(scene, f"<main>{body}</main>", css, "'Noto Sans', sans-serif")


def grouped(scene: Scene) -> str:
    """A list in groups, each below the name of its retailer and marketplace."""
    l = LABELS[scene.language]  # noqa: E741
    rows = sorted(rows_of(scene)[:6], key=lambda r: (r.retailer, r.marketplace))
    body = ""
    for (retailer, market), many in groupby(rows, key=lambda r: (r.retailer, r.marketplace)):
        body += f"<tr><td colspan=3 class=g><b>{retailer} &middot; {market}</b></td></tr>"
        body += "".join(f"<tr>{cells([r.job, badge(r, scene), r.finished])}</tr>" for r in many)
    css = ".g{background:#8882;padding-top:12px}table{width:900px}"
    head = cells([l[k] for k in ("job", "status", "finished")], "th")
    return page(
        scene, f"<main><h1>{l['jobs']}</h1><table><tr>{head}</tr>{body}</table></main>", css
    )


def crowded(scene: Scene) -> str:
    """A list that fills a large screen: some 190 lines of text."""
    l = LABELS[scene.language]  # noqa: E741
    keys = ("job", "name", "retailer", "marketplace", "status", "finished", "items", "errors")
    others = [
        replace(r, job=f"{r.job}-{n}x", name=f"{r.name} {n}x") if n else r
        for n in range(5)
        for r in scene.others
    ]
    place = scene.salt % 20
    body = "".join(
        f"<tr>{cells([r.job, r.name, r.retailer, r.marketplace, badge(r, scene), r.finished, r.items, r.errors])}</tr>"
        for r in (*others[:place], scene.mine[0], *others[place:21])
    )
    css = "td,th{padding:8px 12px}"
    return page(
        scene,
        f"<main><h1>{l['jobs']}</h1><table><tr>{cells([l[k] for k in keys], 'th')}</tr>{body}</table></main>",
        css,
    )


LOOKS: dict[str, Callable[[Scene], str]] = {
    "dense": dense, "tiles_above": tiles_above, "feed": feed, "narrow_cards": narrow_cards,
    "grouped": grouped, "crowded": crowded,
}  # fmt: skip
COUNTING = frozenset({"dense", "crowded"})  # show errors
