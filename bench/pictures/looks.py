"""Looks that the judge was tuned on. Each is one kind of page, as HTML."""

from collections.abc import Callable
from html import escape

from bench.pictures.scenes import Row, Scene
from bench.pictures.wording import LABELS

INK = {
    "success": "#1a7f37", "failed": "#c62828", "partial": "#b7791f", "negated": "#c62828",
    "running": "#1565c0", "queued": "#6b7280", "neighbour": "#c62828",
}  # fmt: skip


def page(scene: Scene, body: str, css: str = "", font: str = "Arial, sans-serif") -> str:
    """Give a whole document with the scene's theme and banner."""
    ground, ink, line = (
        ("#15181d", "#e4e6ea", "#343a44") if scene.dark else ("#fff", "#1c2430", "#d5dae2")
    )
    banner = f"<div class=banner>{scene.banner}</div>" if scene.banner else ""
    return (
        f"<!doctype html><meta charset=utf-8><style>*{{box-sizing:border-box}}body{{margin:0;"
        f"background:{ground};color:{ink};font:14px {font}}}td,th{{text-align:left;"
        f"border-bottom:1px solid {line};padding:8px 12px;white-space:nowrap}}table{{"
        f"border-collapse:collapse}}.banner{{background:#7c3aed;color:#fff;padding:6px 24px}}"
        f"main{{padding:20px 24px}}h1{{font-size:22px}}.dim{{opacity:.7}}{css}</style>"
        f"<body>{banner}{body}</body>"
    )


def cells(values: list[str], tag: str = "td") -> str:
    return "".join(f"<{tag}>{value}</{tag}>" for value in values)


def badge(row: Row, scene: Scene) -> str:
    """Give the status as the page draws it: plain, in colour, as a pill, or an icon alone."""
    colour = INK.get(row.state, "#1a7f37")
    if not row.status:
        return f"<span style='color:{colour};font-size:18px'>&#10004;</span>"
    text, kind = escape(row.status), scene.salt % 3
    if kind == 0:
        return text
    if kind == 1:
        return f"<b style='color:{'#4cc38a' if scene.dark and colour == '#1a7f37' else colour}'>{text}</b>"
    return f"<span style='background:{colour};color:#fff;border-radius:9px;padding:2px 9px'>{text}</span>"


def rows_of(scene: Scene) -> list[Row]:
    """Mix the job's newest row among the others, as lists do."""
    rows = list(scene.others)
    place = scene.salt % (len(rows) + 1)
    own = scene.mine[:2] if scene.state == "newest_failed" else scene.mine[:1]
    return [*rows[:place], *own, *rows[place:]]


def admin_table(scene: Scene) -> str:
    l = LABELS[scene.language]  # noqa: E741
    head = cells(
        [
            l[k]
            for k in (
                "job",
                "name",
                "retailer",
                "marketplace",
                "status",
                "finished",
                "items",
                "errors",
            )
        ],
        "th",
    )
    body = "".join(
        f"<tr>{cells([r.job, r.name, r.retailer, r.marketplace, badge(r, scene), r.finished, r.items, r.errors])}</tr>"
        for r in rows_of(scene)
    )
    return page(scene, f"<main><h1>{l['jobs']}</h1><table><tr>{head}</tr>{body}</table></main>")


def job_page(scene: Scene) -> str:
    """One job: facts on top, its runs below."""
    l, top = LABELS[scene.language], scene.mine[0]  # noqa: E741
    facts = "".join(
        f"<tr><td class=dim>{l[k]}</td><td>{v}</td></tr>"
        for k, v in (("job", top.job), ("retailer", top.retailer), ("marketplace", top.marketplace))
    )
    head = cells([l[k] for k in ("run", "status", "started", "finished", "items", "errors")], "th")
    runs = "".join(
        f"<tr>{cells([r.run, badge(r, scene), r.started, r.finished, r.items, r.errors])}</tr>"
        for r in scene.mine
    )
    return page(
        scene,
        f"<main><h1>{top.name}</h1><table>{facts}</table><h2>{l['runs']}</h2><table><tr>{head}</tr>{runs}</table></main>",
        font="Verdana, sans-serif",
    )


def panel(scene: Scene) -> str:
    """One run as labels and values."""
    l, r = LABELS[scene.language], scene.mine[0]  # noqa: E741
    pairs = [("job", r.job), ("name", r.name), ("retailer", r.retailer), ("marketplace", r.marketplace),
             ("status", badge(r, scene)), ("started", r.started), ("finished", r.finished),
             ("items", r.items), ("errors", r.errors), ("next", scene.next_run)]  # fmt: skip
    body = "".join(
        f"<tr><td class=dim style='width:240px'>{l[k]}</td><td>{v}</td></tr>" for k, v in pairs
    )
    return page(
        scene, f"<main><h1>{l['details']}</h1><table style='font-size:15px'>{body}</table></main>"
    )


def cards(scene: Scene) -> str:
    l = LABELS[scene.language]  # noqa: E741
    line = "#343a44" if scene.dark else "#cfd6e0"
    body = "".join(
        f"<div class=card><b>{r.job}</b><p class=dim>{r.retailer} · {r.marketplace}</p>"
        f"<p>{l['status']}: {badge(r, scene)}</p><p>{l['finished']}: {r.finished}</p></div>"
        for r in rows_of(scene)[:6]
    )
    css = f".grid{{display:grid;grid-template-columns:repeat(3,360px);gap:22px}}.card{{border:1px solid {line};border-radius:8px;padding:14px}}.card p{{margin:8px 0 0}}"
    return page(scene, f"<main><h1>{l['jobs']}</h1><div class=grid>{body}</div></main>", css)


def lines(scene: Scene) -> str:
    """A plain status page: a label, a colon and a value in each line."""
    l, r = LABELS[scene.language], scene.mine[0]  # noqa: E741
    pairs = [("job", r.job), ("retailer", r.retailer), ("marketplace", r.marketplace),
             ("status", badge(r, scene)), ("finished", r.finished), ("items", r.items), ("errors", r.errors)]  # fmt: skip
    body = "".join(f"<p>{l[k]}: {v}</p>" for k, v in pairs)
    return page(scene, f"<main><h2>{r.name}</h2>{body}</main>", "p{margin:9px 0}", "Georgia, serif")


def scheduler(scene: Scene) -> str:
    """A dense grid as of an operating system's task planner."""
    l = LABELS[scene.language]  # noqa: E741
    head = cells(
        [l[k] for k in ("name", "retailer", "marketplace", "next", "finished", "result")], "th"
    )
    body = "".join(
        f"<tr>{cells([r.job, r.retailer, r.marketplace, scene.next_run, r.finished, badge(r, scene)])}</tr>"
        for r in rows_of(scene)
    )
    css = "td,th{padding:3px 8px;font-size:13px}th{font-weight:400}"
    return page(
        scene, f"<table>{'<tr>' + head + '</tr>'}{body}</table>", css, "'DejaVu Sans', sans-serif"
    )


def two_lines(scene: Scene) -> str:
    """Rows of two lines: the job above, whose it is below."""
    l = LABELS[scene.language]  # noqa: E741
    head = cells([l["job"], l["status"], l["finished"], l["duration"]], "th")
    body = "".join(
        f"<tr><td><b>{r.job}</b><br><small class=dim>{r.retailer} · {r.marketplace}</small></td>"
        f"<td>{badge(r, scene)}</td><td>{r.finished}</td><td>2m 13s</td></tr>"
        for r in rows_of(scene)
    )
    return page(
        scene,
        f"<main><h1>{l['jobs']}</h1><table style='width:1000px'><tr>{head}</tr>{body}</table></main>",
    )


def console(scene: Scene) -> str:
    """A terminal: one run told by a command, aligned by spaces."""
    l, r = LABELS[scene.language], scene.mine[0]  # noqa: E741
    pairs = [("job", r.job), ("retailer", r.retailer), ("marketplace", r.marketplace), ("started", r.started),
             ("finished", r.finished), ("status", r.status or "&#10004;"), ("items", r.items), ("errors", r.errors)]  # fmt: skip
    body = "".join(f"{l[k] + ':':<24}{v}\n" for k, v in pairs)
    dark = "background:#101418;color:#d8dee6"
    return page(
        scene,
        f"<pre style='margin:0;padding:20px;min-height:100vh;{dark};font:15px/1.6 \"DejaVu Sans Mono\",monospace'>$ jobctl show {r.job}\n{body}$ </pre>",
    )


LOOKS: dict[str, Callable[[Scene], str]] = {
    "admin_table": admin_table, "job_page": job_page, "panel": panel, "cards": cards,
    "lines": lines, "scheduler": scheduler, "two_lines": two_lines, "console": console,
}  # fmt: skip
COUNTING = frozenset({"admin_table", "job_page", "panel", "lines", "console"})  # show errors
