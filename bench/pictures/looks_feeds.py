"""Looks written after the judge had learned lists without headings, and judged once before more."""

from collections.abc import Callable
from html import escape

from bench.pictures.looks import INK, badge, cells, page, rows_of
from bench.pictures.scenes import Row, Scene
from bench.pictures.wording import LABELS


def word(row: Row) -> str:
    """Give the status as written, or a tick where the page writes none."""
    return escape(row.status) or "&#10004;"


def coloured(row: Row) -> str:
    return f"<b style='color:{INK.get(row.state, '#1a7f37')}'>{word(row)}</b>"


def status_page(scene: Scene) -> str:
    """A page of services: each retailer a box, in it the jobs, the word far right, the time below."""
    rows = rows_of(scene)
    boxes = ""
    for retailer in sorted({r.retailer for r in rows}):
        lines = "".join(
            f"<div class=r><div>{r.job}<br><small class=dim>{r.marketplace}</small></div>"
            f"<div class=w>{coloured(r)}<br><small class=dim>{r.finished}</small></div></div>"
            for r in rows
            if r.retailer == retailer
        )
        boxes += f"<section><h3>{retailer}</h3>{lines}</section>"
    css = (
        "main{width:900px;margin:0 auto}section{border:1px solid #8886;border-radius:6px;margin-bottom:"
        "18px}h3{margin:0;padding:9px 16px;background:#8882}.r{display:flex;justify-content:"
        "space-between;padding:9px 16px;line-height:1.5;border-top:1px solid #8884}.w{text-align:right}"
    )
    title = LABELS[scene.language]["jobs"]
    return page(scene, f"<main><h1>{title}</h1>{boxes}</main>", css, "'Noto Sans', sans-serif")


def activity_feed(scene: Scene) -> str:
    """What one job did, the newest first: a head line with the run, a line with word and time below."""
    l, top = LABELS[scene.language], scene.mine[0]  # noqa: E741
    feed = "".join(
        f"<article><h4>{l['run']} {r.run[4:]}</h4><p>{coloured(r)} &middot; {r.finished}</p>"
        f"<p class=dim>{l['items']}: {r.items}</p></article>"
        for r in scene.mine
    )
    css = "article{border-left:4px solid #8887;padding:2px 18px;margin:18px 0}h4,p{margin:6px 0}"
    return page(
        scene,
        f"<main><p class=dim>{top.retailer} &rsaquo; {top.marketplace}</p><h1>{top.job}</h1>"
        f"<p>{l['runs']}</p>{feed}</main>",
        css,
        "Verdana, sans-serif",
    )


def terminal(scene: Scene) -> str:
    """The answer of a command: the job's facts, key and value, then its runs in columns of blanks."""
    l, top = LABELS[scene.language], scene.mine[0]  # noqa: E741
    facts = [("job", top.job), ("retailer", top.retailer), ("marketplace", top.marketplace)]
    lines = "".join(f"{l[k]:<22}{v}\n" for k, v in facts)
    head = f"{l['run']:<12}{l['status']:<34}{l['finished']}\n"
    runs = "".join(f"{r.run[4:]:<12}{r.status or '&#10004;':<34}{r.finished}\n" for r in scene.mine)
    css = "pre{padding:20px;margin:0;font:15px/1.55 'DejaVu Sans Mono',monospace}"
    return page(scene, f"<pre>$ jobctl show {top.job}\n{lines}\n{head}{runs}$ _</pre>", css)


def agenda(scene: Scene) -> str:
    """A day's list: when it ended at the left, then the job, whose it is, and the word at the right."""
    l = LABELS[scene.language]  # noqa: E741
    rows = "".join(
        f"<div class=r><span class=t>{r.finished}</span><span class=n>{r.job}</span>"
        f"<span class=p>{r.retailer}, {r.marketplace}</span>{coloured(r)}</div>"
        for r in rows_of(scene)
    )
    css = (
        ".r{display:flex;padding:11px 0;border-bottom:1px dotted #8888}.t{width:240px}.n{width:330px}"
        ".p{width:270px}"
    )
    return page(scene, f"<main><h1>{l['runs']}</h1>{rows}</main>", css, "'Fira Sans', sans-serif")


def datagrid(scene: Scene) -> str:
    """A grid with boxes to tick, grouped by marketplace, headings with arrows, pages at the foot."""
    l, rows = LABELS[scene.language], rows_of(scene)  # noqa: E741
    head = cells(
        ["&#9744;"] + [l[k] + " &#8597;" for k in ("job", "retailer", "finished", "status")], "th"
    )
    body = ""
    for market in sorted({r.marketplace for r in rows}):
        body += f"<tr><td colspan=5 class=g>&#9662; {l['marketplace']}: {market}</td></tr>"
        body += "".join(
            f"<tr>{cells(['&#9744;', r.job, r.retailer, r.finished, badge(r, scene)])}</tr>"
            for r in rows
            if r.marketplace == market
        )
    css = ".g{background:#8882;font-weight:700}td,th{font-size:13px;padding:7px 10px}"
    return page(
        scene,
        f"<main><h2>{l['jobs']}</h2><table><tr>{head}</tr>{body}</table><p class=dim>1 / 1</p></main>",
        css,
        "Tahoma, 'DejaVu Sans', sans-serif",
    )


def values_first(scene: Scene) -> str:
    """A page of one job with the value large and its label small below it, three a line."""
    l, r = LABELS[scene.language], scene.mine[0]  # noqa: E741
    facts = [("status", coloured(r)), ("finished", r.finished), ("run", r.run[4:]),
             ("retailer", r.retailer), ("marketplace", r.marketplace), ("items", r.items)]  # fmt: skip
    grid = "".join(f"<div><p>{v}</p><small class=dim>{l[k]}</small></div>" for k, v in facts)
    css = (
        ".g{display:grid;grid-template-columns:repeat(3,340px);row-gap:30px;margin-top:24px}"
        ".g p{margin:0 0 2px;font-size:18px}"
    )
    return page(scene, f"<main><h1>{r.job}</h1><div class=g>{grid}</div></main>", css)


LOOKS: dict[str, Callable[[Scene], str]] = {
    "status_page": status_page, "activity_feed": activity_feed, "terminal": terminal,
    "agenda": agenda, "datagrid": datagrid, "values_first": values_first,
}  # fmt: skip
COUNTING: frozenset[str] = frozenset()
