"""Looks that the judge was not tuned on: written after it was frozen, to measure it."""

from collections.abc import Callable
from html import escape

from bench.pictures.looks import badge, cells, page, rows_of
from bench.pictures.scenes import Row, Scene
from bench.pictures.wording import LABELS


def sidebar(scene: Scene) -> str:
    """An application with a menu at the left, a toolbar, and a list with row buttons."""
    l = LABELS[scene.language]  # noqa: E741
    menu = "".join(f"<div>{word}</div>" for word in ("Dashboard", l["jobs"], l["runs"], "Settings"))
    head = cells([l[k] for k in ("name", "retailer", "marketplace", "finished", "status")], "th")
    body = "".join(
        f"<tr>{cells([r.job, r.retailer, r.marketplace, r.finished, badge(r, scene)])}"
        "<td><span class=go>&#9654;</span></td></tr>"
        for r in rows_of(scene)
    )
    css = (
        "nav{position:absolute;left:0;top:0;width:190px;height:100%;background:#26334d;color:#dfe6f2}"
        "nav div{padding:13px 18px}main{margin-left:190px}.go{color:#2563eb}"
    )
    return page(
        scene,
        f"<nav>{menu}</nav><main><h1>{l['jobs']}</h1><table><tr>{head}</tr>{body}</table></main>",
        css,
    )


def stacked(scene: Scene) -> str:
    """Facts of one run as tiles: a small label above each value."""
    l, r = LABELS[scene.language], scene.mine[0]  # noqa: E741
    pairs = [("retailer", r.retailer), ("marketplace", r.marketplace), ("status", badge(r, scene)),
             ("started", r.started), ("finished", r.finished)]  # fmt: skip
    tiles = "".join(f"<div><small class=dim>{l[k]}</small><p>{v}</p></div>" for k, v in pairs)
    css = ".t{display:flex;gap:60px;margin-top:30px}.t p{margin:6px 0;font-size:16px}"
    return page(
        scene, f"<main><h1>{r.job}</h1><div class=t>{tiles}</div></main>", css, "Tahoma, sans-serif"
    )


def history(scene: Scene) -> str:
    """The runs of one job, its facts in one line above."""
    l, top = LABELS[scene.language], scene.mine[0]  # noqa: E741
    head = cells([l[k] for k in ("run", "started", "ended", "duration", "status")], "th")
    runs = "".join(
        f"<tr>{cells(['#' + r.run[4:], r.started, r.finished, '4m 02s', badge(r, scene)])}</tr>"
        for r in scene.mine
    )
    facts = f"{l['retailer']}: {top.retailer} &nbsp;&nbsp; {l['marketplace']}: {top.marketplace}"
    css = "td,th{padding:11px 20px}"
    return page(
        scene,
        f"<main><h1>{top.job}</h1><p>{facts}</p><h3>{l['runs']}</h3><table><tr>{head}</tr>{runs}</table></main>",
        css,
        "'Liberation Sans', sans-serif",
    )


def spreadsheet(scene: Scene) -> str:
    """A grid with lines between all cells, numbered rows, and the file's bar above."""
    l = LABELS[scene.language]  # noqa: E741
    head = cells(
        [
            "",
            *(
                l[k]
                for k in (
                    "job",
                    "retailer",
                    "marketplace",
                    "started",
                    "finished",
                    "status",
                    "items",
                )
            ),
        ],
        "th",
    )
    body = "".join(
        f"<tr>{cells([str(n), r.job, r.retailer, r.marketplace, r.started, r.finished, escape(r.status) or '&#10004;', r.items])}</tr>"
        for n, r in enumerate(rows_of(scene), 2)
    )
    css = "td,th{border:1px solid #b8c0cc;padding:2px 6px;font-size:14px}table{margin:0}.bar{background:#1d6f42;color:#fff;padding:8px}"
    return page(
        scene,
        f"<div class=bar>export.xlsx</div><table>{'<tr>' + head + '</tr>'}{body}</table>",
        css,
        "Carlito, Calibri, sans-serif",
    )


def modal(scene: Scene) -> str:
    """A dialogue with one run's facts over the dimmed list of jobs."""
    l, r = LABELS[scene.language], scene.mine[0]  # noqa: E741
    back = "".join(f"<p style='opacity:.18'>{row.job}</p>" for row in scene.others)
    pairs = [("job", r.job), ("retailer", r.retailer), ("marketplace", r.marketplace),
             ("status", badge(r, scene)), ("finished", r.finished), ("errors", r.errors)]  # fmt: skip
    facts = "".join(f"<tr><td><b>{l[k]}</b></td><td>{v}</td></tr>" for k, v in pairs)
    ground = "#20252d" if scene.dark else "#fff"
    css = f".box{{position:absolute;left:380px;top:130px;width:620px;background:{ground};border-radius:10px;padding:18px 26px;box-shadow:0 8px 40px #0008}}"
    return page(
        scene,
        f"<main>{back}<div class=box><h2>{l['details']}</h2><table>{facts}</table><p style='text-align:right'>OK</p></div></main>",
        css,
    )


def mobile(scene: Scene) -> str:
    """A telephone's app: one job, large lines, label left and value at the right edge."""
    l, r = LABELS[scene.language], scene.mine[0]  # noqa: E741
    pairs = [("retailer", r.retailer), ("marketplace", r.marketplace), ("status", badge(r, scene)),
             ("finished", r.finished), ("items", r.items)]  # fmt: skip
    body = "".join(f"<div class=r><span>{l[k]}</span><span>{v}</span></div>" for k, v in pairs)
    css = ".r{display:flex;justify-content:space-between;padding:15px 4px;font-size:17px;border-bottom:1px solid #8884;width:520px}h1{font-size:20px}"
    return page(scene, f"<main><h1>{r.job}</h1>{body}</main>", css, "'Noto Sans', sans-serif")


def log(scene: Scene) -> str:
    """The end of a log: a summary in columns below dated lines."""
    l, r = LABELS[scene.language], scene.mine[0]  # noqa: E741
    rows: list[Row] = [r]
    text = f"INFO loading configuration\nINFO connecting\n\n{l['job']:<44}{l['marketplace']:<18}{l['finished']:<30}{l['status']}\n"
    text += "".join(
        f"{row.job:<44}{row.marketplace:<18}{row.finished:<30}{row.status or '&#10004;'}\n"
        for row in rows
    )
    text += f"\n{l['retailer']}: {r.retailer}\n"
    ground = "background:#0b0f14;color:#cfd8e3" if scene.dark else "background:#fdfdf8;color:#222"
    return page(
        scene,
        f"<pre style='margin:0;padding:18px;min-height:100vh;{ground};font:14px/1.7 \"Liberation Mono\",monospace'>{text}</pre>",
    )


LOOKS: dict[str, Callable[[Scene], str]] = {
    "sidebar": sidebar, "stacked": stacked, "history": history, "spreadsheet": spreadsheet,
    "modal": modal, "mobile": mobile, "log": log,
}  # fmt: skip
COUNTING = frozenset({"modal"})  # show errors
