"""Looks as of build servers, schedulers, monitors, an office program and a cloud's console."""

from collections.abc import Callable
from html import escape

from bench.pictures.looks import INK, badge, cells, page, rows_of
from bench.pictures.scenes import Row, Scene
from bench.pictures.wording import LABELS


def word(row: Row) -> str:
    """Give the status as written, or a tick where the page writes none."""
    return escape(row.status) or "&#10004;"


def ball(row: Row) -> str:
    return (
        "<i style='display:inline-block;width:13px;height:13px;border-radius:50%;margin-right:9px;"
        f"background:{INK.get(row.state, '#1a7f37')}'></i>"
    )


def number(row: Row) -> str:
    return "#" + row.run[4:]


def build_server(scene: Scene) -> str:
    """A build server: a path above, a menu and the builds before at the left, the last one large."""
    l, r = LABELS[scene.language], scene.mine[0]  # noqa: E741
    path = " &rsaquo; ".join((l["jobs"], r.retailer, r.marketplace, r.job, number(r)))
    menu = "".join(f"<p>{w}</p>" for w in (l["details"], "Log", l["runs"]))
    before = "".join(
        f"<p>{ball(o)}{number(o)} &nbsp; <span class=dim>{o.finished}</span></p>"
        for o in scene.mine[1:]
    )
    lines = [f"{l['result']}: {word(r)}", f"{l['started']}: {r.started}", f"{l['finished']}: {r.finished}",
             f"{l['duration']}: 2 min 14 s", f"{l['items']}: {r.items}"]  # fmt: skip
    facts = "".join(f"<li>{line}</li>" for line in lines)
    css = (
        ".path{padding:9px 24px;background:#8882}.w{display:flex}.l{width:330px;padding:14px 24px}"
        ".l p{margin:9px 0}.l h4{margin:26px 0 6px}li{margin:8px 0}h1{margin-top:14px}"
    )
    return page(
        scene,
        f"<div class=path>{path}</div><div class=w><div class=l>{menu}<h4>{l['runs']}</h4>{before}"
        f"</div><div><h1>{ball(r)}{r.job} {number(r)}</h1><ul>{facts}</ul></div></div>",
        css,
        "Georgia, serif",
    )


def workflow_runs(scene: Scene) -> str:
    """A code host: whose it is above, every run of the one job as a line of two, the time far right."""
    l, top = LABELS[scene.language], scene.mine[0]  # noqa: E741
    rows = "".join(
        f"<div class=r><span class=i>{ball(r)}</span><span><b>{r.job}</b><br>"
        f"<small class=dim>{l['run']} {number(r)} &middot; {word(r)}</small></span>"
        f"<span class=t>{r.finished}<br><small class=dim>2m 14s</small></span></div>"
        for r in scene.mine
    )
    css = (
        "header{background:#24292f;color:#fff;padding:14px 26px}.w{display:flex}nav{width:230px;"
        "padding:20px 26px}nav p{margin:8px 0}.b{flex:1;margin:20px 26px 0 0;border:1px solid #8886;"
        "border-radius:7px}.b h4{margin:0;padding:12px 16px;background:#8882}.r{display:flex;"
        "padding:12px 16px;border-top:1px solid #8886;line-height:1.5}.t{margin-left:auto}"
    )
    nav = "".join(f"<p>{w}</p>" for w in (l["jobs"], l["runs"], l["owner"]))
    return page(
        scene,
        f"<header><b>{top.retailer}</b> / <b>{top.marketplace}</b></header><div class=w><nav>{nav}</nav>"
        f"<div class=b><h4>{len(scene.mine)} {l['runs']}</h4>{rows}</div></div>",
        css,
        "'Open Sans', 'Noto Sans', sans-serif",
    )


def heartbeats(scene: Scene) -> str:
    """A monitor of jobs: the word at the left, tags below the name, the time of the end at the right."""
    l = LABELS[scene.language]  # noqa: E741
    rows = "".join(
        f"<div class=r><span class=s>{badge(r, scene)}</span><span class=n><b>{r.job}</b><br>"
        f"<em>{r.retailer}</em> <em>{r.marketplace}</em></span><span class=t>{l['finished']}<br>"
        f"{r.finished}</span></div>"
        for r in rows_of(scene)
    )
    css = (
        "main{max-width:1120px;margin:0 auto}.r{display:flex;align-items:center;padding:10px 4px;"
        "border-bottom:1px solid #8885}.s{width:270px}.n{width:470px;line-height:1.7}em{font-style:"
        "normal;font-size:13px;background:#8883;border-radius:4px;padding:1px 8px;margin-right:8px}"
        ".t{line-height:1.5}"
    )
    return page(scene, f"<main><h1>{l['jobs']}</h1>{rows}</main>", css, "'Noto Sans', sans-serif")


def office_program(scene: Scene) -> str:
    """A program's window: a title bar, a menu, grey fields beside their labels, a line at the foot."""
    l, r = LABELS[scene.language], scene.mine[0]  # noqa: E741
    left = [
        ("job", r.job),
        ("name", r.name),
        ("retailer", r.retailer),
        ("marketplace", r.marketplace),
    ]
    right = [
        ("status", word(r)),
        ("started", r.started),
        ("finished", r.finished),
        ("items", r.items),
    ]

    def box(pairs: list[tuple[str, str]]) -> str:
        lines = "".join(f"<p><label>{l[k]}</label><span>{v}</span></p>" for k, v in pairs)
        return f"<fieldset>{lines}</fieldset>"

    css = (
        ".w{margin:26px;border:1px solid #667}.b{background:#2b579a;color:#fff;padding:6px 12px}"
        ".m{padding:5px 12px;background:#8882}.m span{margin-right:22px}.f{display:flex;gap:20px;"
        "padding:18px}fieldset{border:1px solid #8886;padding:10px 16px}p{margin:7px 0;display:flex}"
        "label{width:150px}fieldset span{width:300px;border:1px solid #8887;background:#8881;"
        "padding:4px 8px}.s{padding:4px 12px;background:#8882;font-size:13px}"
    )
    return page(
        scene,
        f"<div class=w><div class=b>{l['details']} - {r.job}</div><div class=m><span>{l['jobs']}</span>"
        f"<span>{l['runs']}</span><span>{l['search']}</span></div><div class=f>{box(left)}{box(right)}"
        f"</div><div class=s>{l['run']} {number(r)}</div></div>",
        css,
        "'DejaVu Sans', Tahoma, sans-serif",
    )


def cloud_console(scene: Scene) -> str:
    """A cloud's console: a path, the essentials as pairs in two columns, the runs in a table below."""
    l, top = LABELS[scene.language], scene.mine[0]  # noqa: E741
    pairs = [("name", top.name), ("retailer", top.retailer), ("owner", "data-team"),
             ("marketplace", top.marketplace)]  # fmt: skip
    grid = "".join(
        f"<div><span class=dim>{l[k]}</span><span>: &nbsp;{v}</span></div>" for k, v in pairs
    )
    head = cells([l[k] for k in ("run", "status", "started", "finished")], "th")
    runs = "".join(
        f"<tr>{cells([r.run, badge(r, scene), r.started, r.finished])}</tr>" for r in scene.mine
    )
    css = (
        ".top{background:#0f1b2d;color:#fff;padding:11px 24px}.g{display:grid;grid-template-columns:"
        "470px 470px;gap:9px 30px;margin:16px 0 26px}.g div{display:flex}.g .dim{width:150px}"
        "h1{margin:6px 0}.tools span{margin-right:24px}"
    )
    return page(
        scene,
        f"<div class=top>{l['search']}</div><main><p class=dim>{l['jobs']} &gt; {top.job}</p>"
        f"<h1>{top.job}</h1><div class='tools dim'><span>{l['details']}</span><span>{l['owner']}</span>"
        f"</div><div class=g>{grid}</div><h3>{l['runs']}</h3><table><tr>{head}</tr>{runs}</table></main>",
        css,
        "'Fira Sans', Verdana, sans-serif",
    )


def run_cards(scene: Scene) -> str:
    """The runs of one job as cards side by side, the newest first; whose it is, below the title."""
    l, top = LABELS[scene.language], scene.mine[0]  # noqa: E741
    cards = "".join(
        f"<div class=c><p class=dim>{l['run']} {number(r)}</p><h3>{badge(r, scene)}</h3>"
        f"<p>{l['finished']}</p><p>{r.finished}</p></div>"
        for r in scene.mine
    )
    css = (
        ".g{display:flex;gap:22px;margin-top:20px}.c{width:290px;border:1px solid #8886;"
        "border-radius:9px;padding:6px 18px}.c h3{margin:10px 0}.c p{margin:8px 0}"
    )
    return page(
        scene,
        f"<main><h1>{top.job}</h1><p>{top.retailer} &ndash; {top.marketplace}</p>"
        f"<h2>{l['runs']}</h2><div class=g>{cards}</div></main>",
        css,
    )


LOOKS: dict[str, Callable[[Scene], str]] = {
    "build_server": build_server, "workflow_runs": workflow_runs, "heartbeats": heartbeats,
    "office_program": office_program, "cloud_console": cloud_console, "run_cards": run_cards,
}  # fmt: skip
COUNTING: frozenset[str] = frozenset()
