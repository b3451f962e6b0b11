"""More looks that the judge was tuned on: pages of one job, as panels, sentences and timelines."""

from collections.abc import Callable
from html import escape

from bench.pictures.looks import badge, cells, page
from bench.pictures.scenes import Row, Scene
from bench.pictures.wording import LABELS

TICK = {"success": "&#10004;", "failed": "&#10006;", "running": "&#8635;", "queued": "&#8987;"}


def icon_and_word(row: Row) -> str:
    """Give a coloured sign with the word beside it."""
    colour = "#1a7f37" if row.state not in TICK or row.state == "success" else "#c62828"
    return f"<span style='color:{colour}'>{TICK.get(row.state, '&#10004;')}</span> {escape(row.status)}"


def crumbs(scene: Scene) -> str:
    """A portal: tenant in the bar, breadcrumbs, a pill behind the title, tabs, tiles in two rows."""
    l, r = LABELS[scene.language], scene.mine[0]  # noqa: E741
    pairs = [("marketplace", r.marketplace), ("started", r.started), ("finished", r.finished),
             ("duration", "4m 02s"), ("items", r.items), ("errors", r.errors)]  # fmt: skip
    tiles = "".join(f"<div><small class=dim>{l[k]}</small><p>{v}</p></div>" for k, v in pairs)
    css = (
        ".bar{background:#1f2a44;color:#fff;padding:12px 24px;display:flex;justify-content:space-between}"
        ".t{display:grid;grid-template-columns:repeat(3,280px);gap:20px;margin-top:26px}.t p{margin:5px 0}"
        ".tabs span{margin-right:26px}"
    )
    tabs = "".join(f"<span>{w}</span>" for w in (l["details"], l["runs"], "Log"))
    return page(
        scene,
        f"<div class=bar><b>Jobs Hub</b><span>{r.retailer} &#9662;</span></div><main>"
        f"<p class=dim>{l['jobs']} / {r.retailer} / {r.job}</p><h1>{r.job} {badge(r, scene)}</h1>"
        f"<div class=tabs>{tabs}</div><div class=t>{tiles}</div></main>",
        css,
        "'Noto Sans', sans-serif",
    )


def definitions(scene: Scene) -> str:
    """A definition list: each label on a line of its own, the value below it."""
    l, r = LABELS[scene.language], scene.mine[0]  # noqa: E741
    pairs = [("job", r.job), ("retailer", r.retailer), ("marketplace", r.marketplace),
             ("status", badge(r, scene)), ("started", r.started), ("finished", r.finished)]  # fmt: skip
    body = "".join(f"<dt class=dim>{l[k]}</dt><dd>{v}</dd>" for k, v in pairs)
    css = "dl{margin:0}dt{margin-top:12px;font-size:13px}dd{margin:3px 0 0;font-size:16px}"
    return page(scene, f"<main><h1>{l['details']}</h1><dl>{body}</dl></main>", css)


def timeline(scene: Scene) -> str:
    """The runs of one job one below the other, the word first, then when."""
    l, top = LABELS[scene.language], scene.mine[0]  # noqa: E741
    body = "".join(
        f"<li><b>{badge(r, scene)}</b> <span class=dim>{r.run}</span><p>{r.finished} &middot; 4m 02s</p></li>"
        for r in scene.mine
    )
    css = "ul{list-style:none;padding:0;border-left:3px solid #8886}li{padding:8px 18px}li p{margin:6px 0}"
    return page(
        scene,
        f"<main><h1>{top.job}</h1><p class=dim>{top.retailer} &middot; {top.marketplace}</p>"
        f"<h3>{l['runs']}</h3><ul>{body}</ul></main>",
        css,
    )


def sentence(scene: Scene) -> str:
    """The state of a job in one line of text below its name."""
    l, r = LABELS[scene.language], scene.mine[0]  # noqa: E741
    mark = escape(r.status) or "&#10004;"
    said = (
        f"{l['result']}: {mark} &ndash; {r.finished}",
        f"{mark} ({l['finished']} {r.finished})",
        f"{l['run']} {r.run}: {mark}, {l['finished']} {r.finished}",
    )[scene.salt % 3]
    return page(
        scene,
        f"<main><h1>{r.job}</h1><p>{l['retailer']}: {r.retailer} | {l['marketplace']}: {r.marketplace}</p>"
        f"<p style='font-size:16px'>{said}</p><p class=dim>{l['next']}: {scene.next_run}</p></main>",
        "",
        "Georgia, serif",
    )


def drawer(scene: Scene) -> str:
    """A list of jobs at the left, and a drawer with the facts of the chosen one at the right."""
    l, top = LABELS[scene.language], scene.mine[0]  # noqa: E741
    rows = [*scene.others[:2], top, *scene.others[2:]]
    head = cells([l["job"], l["status"]], "th")
    body = "".join(f"<tr>{cells([r.job, badge(r, scene)])}</tr>" for r in rows)
    pairs = [("retailer", top.retailer), ("marketplace", top.marketplace), ("status", badge(top, scene)),
             ("started", top.started), ("finished", top.finished), ("items", top.items)]  # fmt: skip
    facts = "".join(
        f"<div class=r><span class=dim>{l[k]}</span><span>{v}</span></div>" for k, v in pairs
    )
    ground = "#20252d" if scene.dark else "#f7f8fa"
    css = (
        f".d{{position:absolute;right:0;top:0;width:500px;height:100%;padding:22px 26px;background:{ground}}}"
        ".r{display:flex;padding:11px 0}.r .dim{width:170px}"
    )
    return page(
        scene,
        f"<main><h1>{l['jobs']}</h1><table>{'<tr>' + head + '</tr>'}{body}</table></main>"
        f"<div class=d><h2>{top.job}</h2>{facts}</div>",
        css,
    )


def descriptions(scene: Scene) -> str:
    """A bordered grid of labels and values, two pairs a line."""
    l, r = LABELS[scene.language], scene.mine[0]  # noqa: E741
    pairs = [("job", r.job), ("name", r.name), ("retailer", r.retailer), ("marketplace", r.marketplace),
             ("status", icon_and_word(r)), ("run", r.run), ("started", r.started), ("finished", r.finished)]  # fmt: skip
    body = "".join(
        f"<tr><th>{l[a[0]]}</th><td>{a[1]}</td><th>{l[b[0]]}</th><td>{b[1]}</td></tr>"
        for a, b in zip(pairs[::2], pairs[1::2], strict=True)
    )
    css = "td,th{border:1px solid #8885;padding:10px 14px}th{font-weight:400;background:#8882}"
    return page(scene, f"<main><h2>{l['details']}</h2><table>{body}</table></main>", css)


def log_summary(scene: Scene) -> str:
    """A log of dated lines, the sum of it in the last ones."""
    l, r = LABELS[scene.language], scene.mine[0]  # noqa: E741
    said = [f"{l['job']}: {r.job}", f"{l['retailer']}: {r.retailer}", f"{l['marketplace']}: {r.marketplace}",
            f"{l['items']}: {r.items}", f"{l['errors']}: {r.errors}", f"{l['finished']}: {r.finished}",
            f"{l['status']}: {r.status or '&#10004;'}"]  # fmt: skip
    text = "".join(f"[{1 + n:02}] INFO {line}\n" for n, line in enumerate(said))
    ground = "background:#0b0f14;color:#cfd8e3" if scene.dark else "background:#fdfdf8;color:#222"
    return page(
        scene,
        f"<pre style='margin:0;padding:18px;min-height:100vh;{ground};font:14px/1.7 \"DejaVu Sans Mono\",monospace'>"
        f"[00] INFO connecting\n{text}</pre>",
    )


def phone_page(scene: Scene) -> str:
    """A page 420 pixels wide: a chip before the name, facts as a small list."""
    l, r = LABELS[scene.language], scene.mine[0]  # noqa: E741
    facts = "".join(
        f"<p><span class=dim>{l[k]}</span><br>{v}</p>"
        for k, v in (
            ("retailer", r.retailer),
            ("marketplace", r.marketplace),
            ("finished", r.finished),
        )
    )
    css = "main{width:420px}p{margin:10px 0}h1{font-size:17px;margin:10px 0}"
    return page(
        scene,
        f"<main><p>&larr; {l['jobs']}</p><p>{badge(r, scene)}</p><h1>{r.job}</h1>{facts}"
        f"<p style='color:#2563eb'>{l['runs']}</p></main>",
        css,
        "'Noto Sans', sans-serif",
    )


LOOKS: dict[str, Callable[[Scene], str]] = {
    "crumbs": crumbs, "definitions": definitions, "timeline": timeline, "sentence": sentence,
    "drawer": drawer, "descriptions": descriptions, "log_summary": log_summary, "phone_page": phone_page,
}  # fmt: skip
COUNTING = frozenset({"crumbs", "log_summary"})  # show errors
