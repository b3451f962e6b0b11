"""Looks by another hand, written without a view of the judge, and learned from afterwards."""

from collections.abc import Callable
from html import escape

from bench.pictures.looks import rows_of
from bench.pictures.scenes import Row, Scene
from bench.pictures.wording import LABELS, RELATIVE

TONES = {
    "success": "ok", "errors": "ok", "staging": "ok", "icon": "ok", "stale": "ok", "future": "ok",
    "relative": "ok", "wrong_retailer": "ok", "wrong_market": "ok", "newest_failed": "ok",
    "running": "run", "queued": "wait", "partial": "warn", "zero": "warn", "short": "warn",
}  # fmt: skip
LIGHT = {
    "bg": "#f6f7f9", "card": "#ffffff", "ink": "#20262e", "dim": "#5c6673", "line": "#d9dde3",
    "ok": "#177245", "bad": "#c0262d", "warn": "#a05a00", "run": "#1d5fc4", "wait": "#66707c",
}  # fmt: skip
DARK = {
    "bg": "#12151b", "card": "#1b2029", "ink": "#e3e7ed", "dim": "#9aa5b3", "line": "#333b48",
    "ok": "#46c37f", "bad": "#ff6b6b", "warn": "#f0b04a", "run": "#6aa8ff", "wait": "#a3adba",
}  # fmt: skip
# A sentence for each way a run goes: well, badly, with errors, not to its end, not yet, later.
SAID: dict[str, tuple[str, ...]] = {
    "en": ("Run {n} finished successfully at {t}", "Run {n} failed at {t}",
           "Run {n} finished with errors at {t}", "Run {n} could not be completed at {t}",
           "Run {n} is in progress since {s}", "Run {n} is waiting to be started"),
    "de": ("Lauf {n} wurde am {t} erfolgreich beendet", "Lauf {n} ist am {t} fehlgeschlagen",
           "Lauf {n} wurde am {t} mit Fehlern beendet",
           "Lauf {n} konnte am {t} nicht abgeschlossen werden",
           "Lauf {n} läuft seit {s}", "Lauf {n} wartet auf den Start"),
    "fr": ("L'exécution {n} s'est terminée avec succès le {t}", "L'exécution {n} a échoué le {t}",
           "L'exécution {n} s'est terminée avec des erreurs le {t}",
           "L'exécution {n} n'a pas pu être terminée le {t}",
           "L'exécution {n} est en cours depuis {s}", "L'exécution {n} est en attente"),
    "es": ("La ejecución {n} finalizó con éxito el {t}", "La ejecución {n} ha fallado el {t}",
           "La ejecución {n} finalizó con errores el {t}",
           "La ejecución {n} no se pudo completar el {t}",
           "La ejecución {n} está en curso desde {s}", "La ejecución {n} está en cola"),
    "it": ("L'esecuzione {n} è terminata con successo il {t}", "L'esecuzione {n} è fallita il {t}",
           "L'esecuzione {n} è terminata con errori il {t}",
           "L'esecuzione {n} non è stata completata il {t}",
           "L'esecuzione {n} è in corso da {s}", "L'esecuzione {n} è in attesa"),
    "nl": ("Uitvoering {n} is op {t} succesvol afgerond", "Uitvoering {n} is op {t} mislukt",
           "Uitvoering {n} is op {t} met fouten afgerond",
           "Uitvoering {n} kon op {t} niet worden voltooid",
           "Uitvoering {n} is bezig sinds {s}", "Uitvoering {n} staat in de wachtrij"),
    "pl": ("Uruchomienie {n} zakończyło się pomyślnie {t}", "Uruchomienie {n} nie powiodło się {t}",
           "Uruchomienie {n} zakończyło się z błędami {t}",
           "Uruchomienie {n} nie zostało ukończone {t}",
           "Uruchomienie {n} trwa od {s}", "Uruchomienie {n} oczekuje w kolejce"),
    "pt": ("A execução {n} terminou com sucesso em {t}", "A execução {n} falhou em {t}",
           "A execução {n} terminou com erros em {t}", "A execução {n} não foi concluída em {t}",
           "A execução {n} está em curso desde {s}", "A execução {n} está em fila"),
}  # fmt: skip
PLACE = {"ok": 0, "bad": 1, "warn": 2, "run": 4, "wait": 5}
BEFORE = (" at {t}", " am {t}", " le {t}", " el {t}", " il {t}", " op {t}", " em {t}", " {t}")


def tone(row: Row) -> str:
    return TONES.get(row.state, "bad")


def said(row: Row) -> str:
    """Give the status as written, or a tick where the page writes none."""
    return escape(row.status) or "&#10004;"


def sentence(row: Row, scene: Scene, *, timed: bool = True) -> str:
    """Tell in a sentence how the run went, with or without the time in it."""
    if row.state in ("zero", "short", "icon"):
        return f"{said(row)} &ndash; {row.finished}" if timed else said(row)
    place = 3 if row.state == "negated" else PLACE[tone(row)]
    text = SAID[scene.language][place]
    found = next((b for b in BEFORE if b in text), "")
    if not timed:
        text = text.replace(found, "")
    elif row.finished in RELATIVE[scene.language]:
        text = text.replace(found, " {t}")
    return text.format(n=row.run[4:], t=row.finished, s=row.started)


def took(row: Row) -> str:
    n = int(row.run[4:])
    return "-" if row.finished == "-" else f"{n % 7 + 1}m {n * 7 % 60:02}s"


def env(scene: Scene) -> str:
    return f"<b class=env>{scene.banner}</b>" if scene.banner else ""


def sheet(scene: Scene, body: str, css: str, font: str, *, dark: bool | None = None) -> str:
    """Give a whole document: colours as variables, and the styles of one look."""
    dark = scene.dark if dark is None else dark
    colours = "".join(f"--{k}:{v};" for k, v in (DARK if dark else LIGHT).items())
    tones = "".join(f".{t}{{--tone:var(--{t})}}" for t in PLACE)
    return (
        f"<!doctype html><meta charset=utf-8><style>:root{{{colours}}}"
        "*{box-sizing:border-box;margin:0;padding:0}"
        f"body{{background:var(--bg);color:var(--ink);font:14px/1.4 {font}}}"
        "table{border-collapse:collapse}th,td{text-align:left;white-space:nowrap}"
        ".dim{color:var(--dim)}.env{background:#e8590c;color:#fff;padding:3px 12px;"
        f"font-size:13px;border-radius:3px;margin:0 14px}}{tones}{css}</style><body>{body}</body>"
    )


def pipelines(scene: Scene) -> str:
    """A CI dashboard: a coloured pill before each name, whose it is below, the time at the edge."""
    l = LABELS[scene.language]  # noqa: E741
    rows = "".join(
        f"<li class={tone(r)}><span class=p><i>{said(r)}</i></span><div><b>{r.job}</b>"
        f"<small>#{r.run[4:]}</small><p>{r.retailer} / {r.marketplace}</p></div>"
        f"<div class=t>{r.finished}<p>{took(r)}</p></div></li>"
        for r in rows_of(scene)
    )
    css = (
        "header{display:flex;align-items:center;background:#24292f;color:#fff;height:48px;"
        "padding:0 24px}header span{margin-left:28px;opacity:.75}.top{display:flex;gap:10px;"
        "padding:16px 28px}.top span{border:1px solid var(--line);border-radius:6px;"
        "background:var(--card);padding:5px 12px;color:var(--dim)}ol{list-style:none;margin:0 28px;"
        "border:1px solid var(--line);border-radius:8px;background:var(--card)}li{display:flex;"
        "align-items:center;padding:9px 16px;border-top:1px solid var(--line)}li:first-child{"
        "border:0}.p{width:290px}.p i{font-style:normal;font-size:12.5px;color:var(--tone);"
        "border:1px solid var(--tone);background:color-mix(in srgb,var(--tone) 13%,transparent);"
        "border-radius:20px;padding:3px 11px}li b{font-size:15px}li small{color:var(--dim);"
        "margin-left:10px}li p{color:var(--dim);font-size:13px}.t{margin-left:auto;"
        "text-align:right}"
    )
    body = (
        f"<header><b>&#9670; Runboard</b>{env(scene)}<span>{l['jobs']}</span><span>{l['runs']}"
        f"</span></header><div class=top><span style='width:320px'>&#8981; {l['search']}</span>"
        f"<span>{l['status']} &#9662;</span><span>{l['retailer']} &#9662;</span></div>"
        f"<ol>{rows}</ol>"
    )
    return sheet(scene, body, css, "'Fira Sans',sans-serif")


def inbox(scene: Scene) -> str:
    """A list as of e-mails: who, what, a sentence on how it went, and when at the right."""
    l = LABELS[scene.language]  # noqa: E741
    rows = "".join(
        f"<tr{' class=new' if n % 3 == 0 else ''}><td class=dim>&#9744; &#9734;</td>"
        f"<td class=who>{r.retailer}</td><td><u>{r.marketplace}</u></td>"
        f"<td class=s><b>{r.job}</b> <span class=dim>&ndash; {sentence(r, scene, timed=False)}"
        f"</span></td><td class=w>{r.finished}</td></tr>"
        for n, r in enumerate(rows_of(scene))
    )
    css = (
        "header{display:flex;align-items:center;padding:10px 20px;gap:16px}header em{flex:1;"
        "font-style:normal;background:var(--line);border-radius:22px;padding:9px 20px;"
        "color:var(--dim);max-width:640px}main{display:flex}nav{width:146px;padding:8px 0 0 20px}"
        "nav p{padding:6px 0}table{flex:1;margin-right:18px;background:var(--card);"
        "font-size:13px}td{padding:9px 5px;border-bottom:1px solid var(--line)}"
        "u{text-decoration:none;background:var(--line);border-radius:4px;padding:1px 6px;"
        "font-size:12px}.s{width:99%}.s b{font-weight:400}.new .s b,.new .who,.new .w{"
        "font-weight:700}td:first-child{padding-left:12px}.w{text-align:right;"
        "padding-right:14px;font-size:12px}"
    )
    body = (
        f"<header><b style='font-size:19px'>&#9993; Postwerk</b>{env(scene)}"
        f"<em>{l['search']}</em></header><main><nav><p><b>{l['runs']}</b></p><p>{l['jobs']}</p>"
        f"<p>{l['owner']}</p></nav><table>{rows}</table></main>"
    )
    return sheet(scene, body, css, "'Open Sans',sans-serif")


def monitor(scene: Scene) -> str:
    """A dense table in tiny condensed type, sorted by job, all its runs in it."""
    l = LABELS[scene.language]  # noqa: E741
    keys = ("job", "name", "retailer", "marketplace", "run", "status", "started", "finished",
            "items", "errors")  # fmt: skip
    rows = sorted([*scene.mine, *scene.others], key=lambda r: r.job)
    head = "".join(f"<th>{l[k]}{' &#9650;' if k == 'job' else ''}</th>" for k in keys)
    lines = "".join(
        f"<tr class={tone(r)}>"
        + "".join(f"<td>{v}</td>" for v in (r.job, r.name, r.retailer, r.marketplace, r.run[4:]))
        + f"<td class=s>{said(r)}</td>"
        + "".join(f"<td>{v}</td>" for v in (r.started, r.finished, r.items, r.errors))
        + "</tr>"
        for r in rows
    )
    css = (
        ".bar{display:flex;gap:22px;align-items:center;background:#0d3b4f;color:#e8f2f5;"
        "padding:5px 14px;font-size:12px}table{width:calc(100% - 28px);margin:8px 14px}"
        "th{font-size:11px;background:var(--line);padding:4px 5px}td{font-size:11px;"
        "padding:3px 5px;border-bottom:1px solid var(--line)}tr:nth-child(odd) td{"
        "background:var(--card)}.s{color:var(--tone);font-weight:700;"
        "border-left:4px solid var(--tone)}.pages{padding:2px 14px;font-size:11px}"
    )
    body = (
        f"<div class=bar><b>WATCHPOST</b>{env(scene)}<span>{l['retailer']}: *</span>"
        f"<span>{l['marketplace']}: *</span><span>{l['status']}: *</span></div><table><tr>{head}"
        f"</tr>{lines}</table><div class='pages dim'>1 &ndash; {len(rows)} / {len(rows)} "
        "&nbsp; &#9664; <b>1</b> &#9654;</div>"
    )
    return sheet(scene, body, css, "'DejaVu Sans Condensed','Arial Narrow',sans-serif")


def gantt(scene: Scene) -> str:
    """Bars on a plan: the status is written in the bar, the end beside it."""
    l = LABELS[scene.language]  # noqa: E741
    lanes = "".join(
        f"<div class='lane {tone(r)}'><div class=n><b>{r.job}</b><p>{r.retailer} &middot; "
        f"{r.marketplace}</p></div><div class=g><span class=bar style='margin-left:"
        f"{(scene.salt // (n + 3) + n * 5) % 17}%'>{said(r)}</span>"
        f"<span class=end>&#8677; {r.finished}</span></div></div>"
        for n, r in enumerate(rows_of(scene))
    )
    css = (
        "h1{font-size:20px;font-weight:400;padding:16px 24px 10px}.head,.lane{display:flex}"
        ".head{color:var(--dim);font-size:12px;border-bottom:2px solid var(--line);"
        "padding-bottom:5px}.head b,.n{width:340px;padding-left:24px;flex:none}.n{"
        "border-right:1px solid var(--line);padding-top:7px}.n b{font-weight:700;font-size:13px}"
        ".n p{color:var(--dim);font-size:12px}.lane{height:58px;border-bottom:1px solid "
        "var(--line)}.g{flex:1;display:flex;align-items:center;background:repeating-linear-"
        "gradient(90deg,transparent 0 7.9%,var(--line) 7.9% 8%)}.bar{min-width:250px;"
        "height:30px;line-height:30px;border-radius:3px;padding:0 12px;color:#fff;"
        "background:var(--tone);font-size:13px;white-space:nowrap}.end{margin-left:9px;"
        "font-size:12.5px;background:var(--bg);padding:1px 4px;white-space:nowrap}"
        ".run .bar{background:repeating-linear-gradient(45deg,#1d5fc4 0 9px,#3f7fdd 9px 18px)}"
    )
    if scene.dark:
        css += ".bar{color:#0d1117}.run .bar{color:#fff}"
    body = (
        f"<h1>{l['runs']} <span class=dim>&#9664; 24 h &#9654;</span>{env(scene)}</h1>"
        f"<div class=head><b>{l['jobs']}</b><span style='padding-left:12px'>{l['status']} "
        f"&#8677; {l['finished']}</span></div>{lanes}"
    )
    return sheet(scene, body, css, "'Fira Sans',sans-serif")


def board(scene: Scene) -> str:
    """Cards in columns: the marketplace is the heading of a column only."""
    l = LABELS[scene.language]  # noqa: E741
    own = scene.mine[:2] if scene.state == "newest_failed" else scene.mine[:1]
    rows = [*own, *scene.others]
    columns = ""
    for market in sorted({r.marketplace for r in rows}):
        cards = "".join(
            f"<div class='card {tone(r)}'><b>{r.job}</b><p><i>{r.retailer[:1]}</i>{r.retailer}"
            f"<span class=dim>#{r.run[4:]}</span></p><div class=f><em>{said(r)}</em>"
            f"<span>{r.finished}</span></div></div>"
            for r in rows
            if r.marketplace == market
        )
        columns += f"<section><h2>{market}</h2>{cards}</section>"
    css = (
        "body{min-height:100vh;background:linear-gradient(160deg,#31588a,#5b3d7a)}"
        "h1{color:#fff;font-size:19px;"
        "padding:14px 20px 10px}main{display:flex;gap:14px;padding:0 20px;"
        "align-items:flex-start}section{width:405px;background:var(--bg);border-radius:10px;"
        "padding:10px}h2{font-size:15px;padding:2px 4px 8px}.card{background:var(--card);"
        "border-radius:7px;padding:9px 11px;margin-bottom:8px;border-left:5px solid var(--tone);"
        "box-shadow:0 1px 2px #0005}.card b{font-size:13.5px}.card p{font-size:13px;"
        "margin:4px 0 6px}.card p i{font-style:normal;font-weight:700;background:#5b3d7a;"
        "color:#fff;display:inline-block;width:21px;height:21px;line-height:21px;border-radius:50%;"
        "text-align:center;font-size:11px;margin-right:7px}.card p span{float:right}"
        ".f{display:flex;flex-wrap:wrap;gap:3px 10px;justify-content:space-between;"
        "font-size:12px}.f em{font-style:normal;color:#fff;background:var(--tone);"
        "border-radius:4px;padding:1px 8px}"
    )
    if scene.dark:
        css += ".f em{color:#0d1117}"
    body = f"<h1>&#9638; {l['jobs']}{env(scene)}</h1><main>{columns}</main>"
    return sheet(scene, body, css, "'Open Sans',sans-serif")


def tabbed_drawer(scene: Scene) -> str:
    """A list at the left, and one run's facts in a drawer with tabs at the right."""
    l, r = LABELS[scene.language], scene.mine[0]  # noqa: E741
    lines = "".join(
        f"<tr class='{tone(o)}{' on' if o is r else ''}'><td>{o.job}</td>"
        f"<td><i></i>{said(o)}</td><td>{o.finished}</td></tr>"
        for o in sorted(rows_of(scene), key=lambda o: o.job)
    )
    pairs = [("name", r.name), ("retailer", r.retailer), ("marketplace", r.marketplace),
             ("status", f"<span class='pill {tone(r)}'>{said(r)}</span>"),
             ("started", r.started), ("finished", r.finished),
             ("items", r.items), ("errors", r.errors), ("next", scene.next_run)]  # fmt: skip
    facts = "".join(f"<dt>{l[k]}</dt><dd>{v}</dd>" for k, v in pairs)
    css = (
        "h1{font-size:18px;padding:16px 18px}table{margin-left:18px;width:calc(100% - 520px)}"
        "th{font-size:12px;color:var(--dim)}td,th{padding:10px 6px;border-bottom:1px solid "
        "var(--line);font-size:12.5px}td i{display:inline-block;width:9px;height:9px;"
        "border-radius:50%;background:var(--tone);margin-right:7px}.on td{background:"
        "color-mix(in srgb,var(--run) 15%,transparent)}aside{position:fixed;right:0;top:0;"
        "bottom:0;width:484px;background:var(--card);box-shadow:-6px 0 26px #0004;"
        "padding:20px 24px}h2{font-size:17px;word-break:break-all}.tabs{display:flex;gap:24px;"
        "border-bottom:1px solid var(--line);margin:14px 0}.tabs span{padding:6px 0}.tabs b{"
        "padding:6px 0;border-bottom:3px solid var(--run);color:var(--run)}dl{display:grid;"
        "grid-template-columns:170px 1fr;row-gap:13px}dt{color:var(--dim)}"
        ".pill{display:inline-block;background:color-mix(in srgb,var(--tone) 18%,transparent);"
        "color:var(--tone);padding:3px 10px;border-radius:5px;font-weight:700}"
    )
    body = (
        f"<h1>{l['jobs']}{env(scene)}</h1><table><tr><th>{l['job']} &#8593;</th>"
        f"<th>{l['status']}</th><th>{l['finished']}</th></tr>{lines}</table><aside><h2>{r.job}"
        f"</h2><div class=tabs><b>{l['details']}</b><span>{l['runs']}</span><span>Log</span></div>"
        f"<dl>{facts}</dl></aside>"
    )
    return sheet(scene, body, css, "'Open Sans',sans-serif")


def build_log(scene: Scene) -> str:
    """The log of one run: breadcrumbs above, numbered lines, the outcome as a last sentence."""
    l, r = LABELS[scene.language], scene.mine[0]  # noqa: E741
    ended = r.finished != "-"
    text = [f"{r.started} INFO  runner 7 takes {r.run}", "INFO  loading settings",
            "INFO  connecting to the gateway", f"INFO  {l['job']}: {r.job}"]  # fmt: skip
    if r.state != "queued":
        text += [f"INFO  {l['items']}: {r.items}", f"INFO  {l['errors']}: {r.errors}"]
    if tone(r) == "bad":
        text += ["<s>ERROR gateway answered 502, giving up after 3 attempts</s>"]
    if ended:
        text += ["INFO  closing the connection"]
    body = "".join(f"<p><i>{n}</i>{line}</p>" for n, line in enumerate(text, 1))
    css = (
        "header{padding:14px 22px 8px;color:var(--dim);font:14px 'Open Sans',sans-serif}h1{"
        "font:700 19px 'Open Sans',sans-serif;padding:0 22px 12px}main{background:#0b0e13;"
        "color:#c9d1d9;padding:14px 0;margin:0 22px;border-radius:6px;font-size:14px;"
        "line-height:1.75}main.light{background:#fdf6e3;color:#475b62}main i{display:inline-block;"
        "width:44px;text-align:right;margin-right:18px;opacity:.5;font-style:normal}main s{"
        "text-decoration:none;color:#ff7b72}main.light s{color:#b3202a}.end{font-weight:700;"
        "padding-left:62px;margin-top:10px;color:var(--tone)}"
    )
    light = not scene.dark and scene.salt % 5 == 0
    return sheet(
        scene,
        f"<header>{r.retailer} &nbsp;&rsaquo;&nbsp; {r.marketplace} &nbsp;&rsaquo;&nbsp; "
        f"{l['runs']}{env(scene)}</header><h1>{r.job} #{r.run[4:]}</h1>"
        f"<main class={'light' if light else 'night'}>{body}"
        f"<p class='end {tone(r)}'>==&gt; {sentence(r, scene)}</p></main>",
        css,
        "'Source Code Pro','DejaVu Sans Mono',monospace",
        dark=not light,
    )


def big_numbers(scene: Scene) -> str:
    """Few facts in very large type, the runs before in a small table."""
    l, r = LABELS[scene.language], scene.mine[0]  # noqa: E741
    tiles = "".join(
        f"<div class='tile {more}'><small>{l[k]}</small><p>{v}</p></div>"
        for k, v, more in (
            ("status", said(r), f"wide {tone(r)}"), ("finished", r.finished, "wide"),
            ("items", r.items, "num"), ("errors", r.errors, "num bad" * (r.errors != "0") or "num"),
            ("duration", took(r), "num"), ("run", r.run[4:], "num"),
        )
    )  # fmt: skip
    before = "".join(
        f"<tr class={tone(o)}><td>{o.run[4:]}</td><td>{o.finished}</td>"
        f"<td style='color:var(--tone)'>{said(o)}</td></tr>"
        for o in scene.mine[1:]
    )
    css = (
        "main{padding:18px 26px;max-width:1320px}h1{font-size:27px}h1+p{font-size:17px;"
        "color:var(--dim);margin:2px 0 16px}.g{display:grid;grid-template-columns:repeat(4,1fr);"
        "gap:14px}.tile{background:var(--card);border:1px solid var(--line);border-radius:12px;"
        "padding:13px 20px}.tile small{font-size:13px;color:var(--dim)}.wide{grid-column:span 2}"
        ".wide p{font-size:29px;line-height:1.45;font-weight:700;color:var(--tone)}"
        ".num p{font-size:48px;line-height:1.2;color:var(--tone)}table{margin-top:16px;"
        "font-size:13px}td{padding:4px 26px 4px 0}"
    )
    body = (
        f"<main><h1>{r.job}{env(scene)}</h1><p>{r.retailer} &nbsp;|&nbsp; {r.marketplace}</p>"
        f"<div class=g>{tiles}</div><table>{before}</table></main>"
    )
    return sheet(scene, body, css, "'Fira Sans',sans-serif")


LOOKS: dict[str, Callable[[Scene], str]] = {
    "pipelines": pipelines, "inbox": inbox, "monitor": monitor, "gantt": gantt, "board": board,
    "tabbed_drawer": tabbed_drawer, "build_log": build_log, "big_numbers": big_numbers,
}  # fmt: skip
COUNTING = frozenset({"monitor", "tabbed_drawer", "build_log", "big_numbers"})  # show errors
