"""More looks of that hand: programs with panes, consoles, strips and a page without styling."""

from collections.abc import Callable
from html import escape

from bench.pictures.looks import rows_of
from bench.pictures.looks_offices import every, mood, no, said, sheet, sign, tell
from bench.pictures.scenes import Row, Scene


def batch_monitor(scene: Scene) -> str:
    """A big company's batch list: command field, buttons, selection, a tight ruled grid."""
    t, rows = tell(scene), every(scene)
    lamp = {"good": 2, "fail": 0, "half": 1, "busy": 3, "idle": 3}

    def lamps(row: Row) -> str:
        on = lamp[mood(row)]
        return "".join(f"<i class='lp l{n}{' on' if n == on else ''}'></i>" for n in range(3))

    grid = "".join(
        f"<tr><td class=no></td><td>{lamps(r)}</td><td>{r.job}</td><td>{r.name}</td><td>{r.retailer}</td><td>{r.marketplace}</td><td>{no(r)}</td>"
        f"<td>{escape(r.status) or '&#10003;'}</td><td>{r.started}</td><td>{r.finished}</td><td class=nu>{r.items}</td><td class=nu>{r.errors}</td></tr>"
        for r in rows
    )
    blank = "".join(f"<tr>{'<td class=no></td>' + '<td>&nbsp;</td>' * 11}</tr>" for _ in range(6))
    keys = ("refresh", "delete", "details", "journal", "filter", "export")
    buttons = "".join(f"<span class=bt><i></i>{t(k)}</span>" for k in keys)
    menu = "".join(
        f"<span>{t(k)}</span>" for k in ("jobid", "edit", "view", "extras", "system", "help")
    )
    head = "".join(
        f"<th>{h}</th>"
        for h in ("", "", t("jobid"), t("name"), t("client"), t("platform"), t("run"), t("status"), t("begtime"), t("endtime"), t("records"), t("errors"))
    )  # fmt: skip
    env = scene.banner or "PRD"
    body = (
        f"<div class=mn>{menu}</div><div class=cm><span class=ok>&#9656;</span><span class=tc>/nBJ37</span><span class=sq></span><span class=sq></span><span class=sq></span>"
        f"<span class=sq></span></div><div class=tt>{t('joblist')}{' &ndash; ' + scene.banner if scene.banner else ''}</div><div class=tl>{buttons}</div>"
        f"<fieldset><legend>{t('selection')}</legend><span>{t('jobid')}: *</span><span>{t('users')}: BATCH_EC</span>"
        f"<span>{t('next')} ({scene.mine[0].job}): {scene.next_run}</span></fieldset>"
        f"<table><tr>{head}</tr>{grid}{blank}</table><footer class=row><span>{t('rowcount').format(n=len(rows))}</span><span class=grow></span><span class=cell>{env} (1) 100</span>"
        f"<span class=cell>ecapp02</span><span class=cell>INS</span></footer>"
    )
    css = (
        ".mn{padding:3px 10px;background:var(--panel)}.mn span{margin-right:20px}.cm{display:flex;gap:8px;padding:4px 10px;align-items:center;border-bottom:1px solid var(--rule);background:var(--panel)}.ok{color:var(--soft)}"
        ".tc{background:var(--ground);border:1px solid var(--soft);width:170px;padding:1px 6px}.sq{width:17px;height:17px;border:1px solid var(--rule);background:var(--accent);opacity:.5}.tt{font-size:17px;font-weight:700;padding:6px 12px;"
        "background:linear-gradient(var(--panel),var(--ground))}.tl{padding:4px 8px;border-top:1px solid var(--rule);border-bottom:1px solid var(--rule);background:var(--panel)}.bt{display:inline-block;padding:2px 11px;border:1px solid var(--rule);"
        "margin-right:4px}.bt i{display:inline-block;width:9px;height:9px;background:var(--accent);margin-right:6px}fieldset{border:1px solid var(--rule);margin:8px 10px;padding:3px 12px 6px}legend{font-weight:700}fieldset span{margin-right:34px}"
        "table{margin:0 10px}td,th{border:1px solid var(--rule);padding:1px 5px;font-size:11.5px;line-height:17px}th{background:var(--accent);color:#fff;font-weight:400}tr:nth-child(odd) td{background:color-mix(in srgb,var(--panel) 60%,transparent)}"
        ".no{width:14px;background:var(--panel)}.nu{text-align:right}.lp{display:inline-block;width:9px;height:9px;border-radius:50%;border:1px solid var(--soft);margin-right:1px}.on.l0{background:#e01b1b}.on.l1{background:#f0c000}.on.l2{background:#21a121}"
        "footer{position:fixed;bottom:0;left:0;right:0;background:var(--panel);border-top:1px solid var(--rule);padding:3px 12px}.cell{border-left:1px solid var(--rule);padding:0 14px}"
    )
    return sheet(scene, body, css, "Arimo,sans-serif", "#f3f7fb #dde8f3 #101820 #506070 #a9bccf #44688c",
                 "#1f262e #2b343e #dfe6ee #9fb0c0 #485664 #3c6489")  # fmt: skip


def node_canvas(scene: Scene) -> str:
    """An automation tool: executions at the left, nodes on a dotted ground, a run's panel below."""
    t, top = tell(scene), scene.mine[0]
    left = "".join(
        f"<div class='ex {mood(r)}{' on' if r is top else ''}'><div class=row><b>{r.run}</b><span class=grow></span>{sign(r, 15)}</div>"
        f"<div class=wd>{escape(r.status)}</div><div class=soft>{t('start')}: {r.started}</div><div class=soft>{t('end')}: {r.finished}</div>"
        f"<div class=soft>{t('records')}: {r.items} &middot; {t('errors')}: {r.errors}</div></div>"
        for r in scene.mine
    )
    nodes = "".join(
        f"<div class=nd><i style='background:{colour}'></i><small class=soft>{kind}</small><b>{name}</b></div>{'<div class=wr><span></span></div>' if more else ''}"
        for kind, name, colour, more in (
            (t("schedule"), "Cron", "#7f56d9", True), (t("source"), top.retailer, "#1f9d8b", True),
            (t("transform"), "CSV &rarr; XML", "#d9822b", True), (t("target"), top.marketplace, "#c4366f", False),
        )
    )  # fmt: skip
    facts = "".join(
        f"<div><small>{k}</small><p>{v}</p></div>"
        for k, v in (
            (t("workflow"), top.job), (t("seller"), top.retailer), (t("channel"), top.marketplace), (t("run"), top.run),
            (t("status"), f"<span class={mood(top)} style='color:var(--m);font-weight:700'>{escape(top.status) or sign(top)}</span>"),
            (t("started"), top.started), (t("ended"), top.finished), (t("next"), scene.next_run), (t("records"), top.items), (t("errors"), top.errors),
        )
    )  # fmt: skip
    env = f"<span class=env>{scene.banner}</span>" if scene.banner else ""
    rail = "<i></i>" * 6
    body = (
        f"<div class=all><div class=rl><b>n</b>{rail}</div><div class=ls><h2>{t('executions')}</h2>{left}</div><div class=cv>"
        f"<div class=hd><b>{top.name}</b><span class=chip>{top.retailer} &rarr; {top.marketplace}</span>{env}<span class=grow></span><span class=sg2><span>{t('editor')}</span>"
        f"<span class=on>{t('executions')}</span></span><span class=bt>{t('runnow')}</span></div><div class=dots><div class=fl>{nodes}</div><div class=zm><u>+</u><u>&minus;</u><u>&#9634;</u></div></div>"
        f"<div class=pn><div class=row><b>{t('overview')}</b><span class=grow></span><span class=soft>{t('journal')} &nbsp; JSON &nbsp; &#10005;</span></div><div class=fa>{facts}</div></div></div></div>"
    )
    css = (
        ".all{display:grid;grid-template-columns:52px 270px 1fr;height:100vh}.rl{border-right:1px solid var(--rule);text-align:center;padding-top:12px;background:var(--panel)}.rl b{color:var(--accent);font-size:24px}.rl i{display:block;width:20px;height:20px;"
        "border:2px solid var(--soft);border-radius:6px;margin:18px auto;opacity:.7}.ls{border-right:1px solid var(--rule);background:var(--panel);padding:14px 12px}h2{font-size:16px;margin-bottom:10px}.ex{border-left:4px solid var(--m);padding:8px 10px;"
        "margin-bottom:8px;background:var(--ground);border-radius:3px;font-size:12px}.ex.on{outline:1px solid var(--accent)}.wd{color:var(--m);font-weight:700}.cv{display:flex;flex-direction:column;min-width:0}.hd{display:flex;align-items:center;gap:14px;padding:12px 18px;background:"
        "var(--panel);border-bottom:1px solid var(--rule);white-space:nowrap}.hd>b{font-size:16px}.chip{border:1px solid var(--rule);border-radius:5px;padding:1px 9px}.env{background:#ffe08a;color:#4d3800;padding:2px 10px;border-radius:5px;font-weight:700}.sg2{background:var(--ground);"
        "border-radius:6px;padding:3px}.sg2 span{padding:3px 12px;display:inline-block}.sg2 .on{background:var(--panel);border-radius:4px;font-weight:700}.bt{background:var(--accent);color:#fff;border-radius:5px;padding:6px 13px}.dots{flex:1;position:relative;"
        "background:radial-gradient(var(--rule) 1.2px,transparent 1.3px) 0 0/20px 20px;display:flex;align-items:center;justify-content:center}.fl{display:flex;align-items:flex-start}.nd{width:128px;text-align:center}.nd i{display:block;width:74px;height:74px;margin:0 auto 8px;border-radius:16px;"
        "border:3px solid var(--panel);box-shadow:0 0 0 1px var(--rule)}.nd b,.nd small{display:block}.wr{width:70px;margin:36px -18px 0;border-top:2px solid var(--soft)}.zm{position:absolute;left:16px;bottom:14px}.zm u{display:inline-block;text-decoration:none;border:1px solid "
        "var(--rule);background:var(--panel);width:28px;height:28px;line-height:26px;text-align:center;margin-right:6px;border-radius:5px}.pn{border-top:1px solid var(--rule);background:var(--panel);padding:14px 20px 20px}.fa{display:grid;grid-template-columns:"
        "repeat(4,auto);gap:14px 22px;margin-top:12px}.fa small{color:var(--soft);font-size:11px}.fa p{font-size:13.5px}"
    )
    return sheet(scene, body, css, "'IBM Plex Sans',sans-serif", "#f5f6fa #ffffff #2b2d42 #6b6f85 #d9dbe6 #e0482e",
                 "#17181d #212329 #e5e6ec #a0a3b0 #3b3e49 #d4553c")  # fmt: skip


def explorer(scene: Scene) -> str:
    """A program with windows: tree of clients at the left, list of tasks, property lines below."""
    t, top = tell(scene), scene.mine[0]
    rows = every(scene)
    tree = f"<div class=t0>&#9662; {t('system')}</div>"
    for seller in sorted({r.retailer for r in rows}):
        tree += f"<div class=t1>&#9662; <i></i>{seller}</div>"
        tree += "".join(
            f"<div class='t2{' on' if (seller, m) == (top.retailer, top.marketplace) else ''}'>&#9656; <i></i>{m}</div>"
            for m in sorted({r.marketplace for r in rows if r.retailer == seller})
        )
    grid = "".join(
        f"<tr class='{'on' if r is top else ''}'><td>{sign(r, 13)} {r.job}</td><td>{r.retailer}</td><td>{r.marketplace}</td><td>{no(r)}</td><td>{escape(r.status)}</td><td>{r.finished}</td><td class=nu>{r.items}</td><td class=nu>{r.errors}</td></tr>"
        for r in rows
    )
    facts = "".join(
        f"<tr><td>{t(k)}</td><td>{v}</td><td>{t(k2)}</td><td>{v2}</td></tr>"
        for k, v, k2, v2 in (
            ("jobid", top.job, "run", top.run), ("name", top.name, "status", escape(top.status) or sign(top, 13)),
            ("seller", top.retailer, "start", top.started), ("platform", top.marketplace, "end", top.finished),
            ("records", top.items, "errors", top.errors), ("system", scene.banner or "SRV-EC01", "next", scene.next_run),
        )
    )  # fmt: skip
    menu = "".join(f"<span>{t(k)}</span>" for k in ("file", "edit", "view", "extras", "help"))
    tools = "".join(
        f"<span class=bt><i></i>{t(k)}</span>" for k in ("runnow", "refresh", "delete", "settings")
    )
    tabs = "".join(
        f"<span class='tb{' on' if k == 'properties' else ''}'>{t(k)}</span>"
        for k in ("properties", "schedule", "history")
    )
    title = f"Transfer Manager{' [' + scene.banner + ']' if scene.banner else ''} &ndash; {top.retailer} \\ {top.marketplace}"
    body = (
        f"<div class=win><div class=ttl>{title}<span class=grow></span><u>&#8212;</u><u>&#9633;</u><u>&#10005;</u></div><div class=mn>{menu}</div><div class=tl>{tools}</div><div class=sp>"
        f"<div class=tr>{tree}</div><div class=rt><div class=lv><table><tr><th>{t('jobid')}</th><th>{t('seller')}</th><th>{t('platform')}</th><th>{t('run')}</th><th>{t('status')}</th><th>{t('end')}</th><th>{t('records')}</th><th>{t('errors')}</th></tr>{grid}</table></div>"
        f"<div class=tbs>{tabs}</div><div class=pp><table>{facts}</table></div></div></div><div class=sb><span>{len(rows)} {t('objects')}</span><span>{t('selection')}: {top.job}</span><span>{scene.banner or 'SRV-EC01'}</span></div></div>"
    )
    css = (
        "body{background:#3a6ea5;padding:14px;height:100vh}.win{background:var(--panel);border:1px solid #111;height:calc(100vh - 28px);display:flex;flex-direction:column}.ttl{display:flex;background:var(--accent);color:#fff;padding:6px 0 6px 10px}.ttl u{text-decoration:none;width:42px;"
        "text-align:center}.mn{padding:3px 6px}.mn span{padding:0 9px}.tl{padding:4px 8px;border-bottom:1px solid var(--rule);border-top:1px solid var(--rule)}.bt{margin-right:18px}.bt i{display:inline-block;width:14px;height:14px;border:2px solid var(--accent);margin-right:6px;vertical-align:-2px}"
        ".sp{flex:1;display:grid;grid-template-columns:200px 1fr;min-height:0}.tr{background:var(--ground);border-right:3px solid var(--rule);padding:6px;overflow:hidden}.t0,.t1,.t2{line-height:21px;white-space:nowrap}.t1{padding-left:14px}.t2{padding-left:32px}.t2.on{background:var(--rule)}.tr i{display:inline-block;"
        "width:13px;height:10px;background:#e8bf4d;border:1px solid #a9822a;margin-right:4px}.rt{display:flex;flex-direction:column;min-width:0}.lv{flex:1;background:var(--ground);overflow:hidden}.lv table{width:100%}.lv th{font-weight:400;border-right:1px solid var(--rule);border-bottom:1px solid var(--rule);background:"
        "var(--panel);padding:3px 7px}.lv td{padding:2px 7px;line-height:19px}.lv tr.on td{background:color-mix(in srgb,var(--accent) 24%,transparent)}.tbs{padding:8px 8px 0;border-top:3px solid var(--rule)}.tb{display:inline-block;padding:3px 13px;border:1px solid var(--rule);border-bottom:0}.tb.on{background:var(--ground);font-weight:700}"
        ".pp{background:var(--ground);border-top:1px solid var(--rule);padding:8px 12px 12px}.pp td{padding:3px 24px 3px 0}.pp td:nth-child(odd){color:var(--soft)}.nu{text-align:right}.sb{border-top:1px solid var(--rule);padding:3px 10px}.sb span{padding-right:34px}body{font-size:12px}"
    )
    return sheet(scene, body, css, "Arimo,sans-serif", "#ffffff #f0f0f0 #000000 #555555 #cfcfcf #2b579a",
                 "#1b1b1b #2b2b2b #f0f0f0 #b0b0b0 #4c4c4c #3f6fb5")  # fmt: skip


def cloud_console(scene: Scene) -> str:
    """A cloud's console: services at the left, breadcrumb, a property grid in columns, two tables."""
    t, top = tell(scene), scene.mine[0]
    facts = "".join(
        f"<div class=cl>{''.join(f'<small>{k}</small><p>{v}</p>' for k, v in part)}</div>"
        for part in (
            ((t("jobid"), top.job), (t("name"), top.name), (t("group"), "ec-transfer")),
            ((t("client"), top.retailer), (t("marketplace"), top.marketplace), (t("next"), scene.next_run)),
            ((t("status"), f"<span class={mood(top)}>{said(top, 16)}</span>"), (t("started"), top.started), (t("ended"), top.finished)),
            ((t("lastrun"), top.run), (t("records"), top.items), (t("errors"), top.errors)),
        )
    )  # fmt: skip
    past = "".join(
        f"<tr><td><a>{r.run}</a></td><td>{said(r)}</td><td>{r.started}</td><td>{r.finished}</td><td>{r.items}</td><td>{r.errors}</td></tr>"
        for r in scene.mine
    )
    rest = "".join(
        f"<tr><td><a>{r.job}</a></td><td>{r.name}</td><td>{r.retailer}</td><td>{r.marketplace}</td><td>{r.run}</td><td>{said(r)}</td><td>{r.finished}</td><td>{r.items} / {r.errors}</td></tr>"
        for r in scene.others
    )
    nav = "".join(
        f"<p class='{'on' if k == 'jobs' else ''}'>{t(k)}</p>"
        for k in ("overview", "jobs", "schedule", "reports", "users", "settings")
    )
    env = (
        f"<div class=env>&#9432; {t('system')}: <b>{scene.banner}</b></div>" if scene.banner else ""
    )
    body = (
        f"<header class=row><b class=lg>nimbara</b><span class=ap></span><span class=sr>{t('search')} [Alt+S]</span><span class=grow></span><span>{t('region')}: eu-central-1 &#9662;</span><span>ops@ec-hub &#9662;</span></header>"
        f"<div class=two><aside><b>Batch Transfer</b><hr>{nav}</aside><main>{env}<div class=bc><a>Batch Transfer</a> &rsaquo; <a>{t('jobs')}</a> &rsaquo; {top.job}</div><div class=row><h1>{top.job}</h1><span class=grow></span>"
        f"<span class=bt>{t('refresh')}</span><span class=bt>{t('edit')}</span><span class='bt pr'>{t('runnow')}</span></div><section><h2>{t('details')}</h2><div class=fx>{facts}</div></section>"
        f"<section><h2>{t('runs')} <span class=soft>({len(scene.mine)})</span></h2><table><tr><th>{t('run')}</th><th>{t('status')}</th><th>{t('started')}</th><th>{t('ended')}</th><th>{t('records')}</th><th>{t('errors')}</th></tr>{past}</table></section>"
        f"<section><h2>{t('siblings')} <span class=soft>({len(scene.others)})</span></h2><table><tr><th>{t('jobid')}</th><th>{t('name')}</th><th>{t('client')}</th><th>{t('marketplace')}</th><th>{t('run')}</th><th>{t('status')}</th><th>{t('ended')}</th><th>{t('records')} / {t('errors')}</th></tr>{rest}</table></section></main></div>"
    )
    css = (
        "header{background:#161d26;color:#eef1f5;height:40px;padding:0 18px;gap:20px}.lg{font-size:18px;color:#f90}.ap{width:16px;height:16px;background:radial-gradient(#fff 1.4px,transparent 1.5px) 0 0/5.3px 5.3px}.sr{background:#0f141a;border:1px solid #5b6673;border-radius:6px;padding:3px 120px 3px 12px;"
        "color:#aeb7c2}.two{display:grid;grid-template-columns:170px 1fr;min-height:calc(100vh - 40px)}aside{border-right:1px solid var(--rule);background:var(--panel);padding:14px 16px}aside b{font-size:15px}aside hr{border:0;border-top:1px solid var(--rule)}aside p{padding:5px 0}aside .on{color:var(--accent);font-weight:700}"
        "main{padding:10px 20px;min-width:0}.env{background:#7a4a00;color:#fff;border-radius:8px;padding:7px 14px;margin-bottom:8px}.bc{color:var(--soft);font-size:12px}a{color:var(--accent)}h1{font-size:21px}.bt{border:2px solid var(--accent);color:var(--accent);border-radius:16px;padding:3px 15px;font-weight:700;margin-left:8px}"
        ".pr{background:#f90;border-color:#f90;color:#111}section{background:var(--panel);border:1px solid var(--rule);border-radius:12px;padding:9px 16px 10px;margin-top:10px}h2{font-size:16px;margin-bottom:5px}.fx{display:grid;grid-template-columns:auto auto auto auto}.cl{border-left:1px solid var(--rule);padding:0 14px}.cl:first-child{"
        "border:0;padding-left:0}.cl small{font-weight:700;color:var(--soft);font-size:12px}.cl p{margin-bottom:5px}.cl .sd,.sd{color:var(--m)}table{width:100%;font-size:12.5px}th{border-bottom:1px solid var(--rule);padding:3px 8px 3px 0;color:var(--soft)}td{padding:4px 10px 4px 0;border-bottom:1px solid var(--rule)}tr:last-child td{border:0}"
    )
    return sheet(scene, body, css, "Roboto,sans-serif", "#f4f5f7 #ffffff #0f141a #565f6b #d5d9e0 #006ce0",
                 "#0f1217 #191e26 #dfe3ea #9ba5b2 #38414d #4fa7ff")  # fmt: skip


def channel_strips(scene: Scene) -> str:
    """A feed manager: a strip for each channel, from shop to marketplace, with figures and an end."""
    t, rows = tell(scene), rows_of(scene)
    colours = {"K": "#d9480f", "B": "#5f3dc4"}
    strips = "".join(
        f"<div class='st {mood(r)}'><div class=who><i class=logo style='background:#2b6cb0'>{r.retailer[:2].upper()}</i><span class=ar></span><i class=logo style='background:{colours[r.marketplace[0]]}'>{r.marketplace[0]}{r.marketplace[-2:]}</i></div>"
        f"<div><b class=nm>{r.job}</b><p class=soft>{r.name} &middot; <b>{r.retailer}</b> &rarr; <b>{r.marketplace}</b></p></div><div class=fg><b>{r.items}</b><small>{t('products')}</small></div><div class=fg><b>{r.errors}</b><small>{t('errors')}</small></div>"
        f"<div class=en><span class=wd>{said(r, 16)}</span><small>{t('lastrun')} {no(r)} &middot; {t('end')}:</small><span>{r.finished}</span></div><div class=sw><u></u></div></div>"
        for r in rows
    )
    menu = "".join(
        f"<span class='{'on' if k == 'channels' else ''}'>{t(k)}</span>"
        for k in ("home", "products", "rules", "channels", "preview", "reports")
    )
    env = f"<div class=env>{scene.banner}</div>" if scene.banner else ""
    body = (
        f"{env}<header class=row><b class=lg>feed<i>loop</i></b>{menu}<span class=grow></span><span>{t('help')}</span><span class=av>JL</span></header><main><div class=row><h1>{t('channels')}</h1><span class=ct>{len(rows)}</span><span class=grow></span>"
        f"<span class=sr>{t('search')}</span><span class=bt>+ {t('addchannel')}</span></div>{strips}<p class=ft>{t('next')} ({scene.mine[0].job}): {scene.next_run} &nbsp;&middot;&nbsp; {t('hint')}</p></main>"
    )
    css = (
        ".env{background:repeating-linear-gradient(135deg,#ffd84d 0 16px,#f2c200 16px 32px);color:#2c2200;font-weight:700;padding:5px;text-align:center}header{background:var(--accent);color:#fff;padding:0 26px;height:54px;gap:24px}.lg{font-size:21px}.lg i{font-weight:400;font-style:normal}header .on{font-weight:700;border-bottom:3px "
        "solid #fff;line-height:48px}.av{background:#fff;color:#222;border-radius:50%;width:31px;height:31px;line-height:31px;text-align:center;font-weight:700;font-size:12px}main{max-width:1180px;margin:0 auto;padding:18px 20px}h1{font-size:23px}.ct{background:var(--rule);border-radius:10px;padding:0 9px;margin-left:10px}.sr{border:1px solid "
        "var(--rule);background:var(--panel);border-radius:18px;padding:6px 90px 6px 15px;color:var(--soft)}.bt{background:var(--accent);color:#fff;border-radius:18px;padding:7px 17px;margin-left:12px;font-weight:700}.st{display:grid;grid-template-columns:128px 1fr 72px 72px 268px 40px;gap:14px;align-items:center;background:var(--panel);border-radius:10px;"
        "margin-top:10px;padding:10px 16px;box-shadow:0 1px 3px #0003;border-bottom:3px solid var(--m)}.who{display:flex;align-items:center}.logo{width:42px;height:42px;border-radius:10px;color:#fff;font-style:normal;font-weight:700;font-size:12px;line-height:42px;text-align:center}.ar{flex:1;border-top:2px dashed var(--soft);margin:0 5px}.nm{font-size:14.5px}.fg{text-align:center}"
        ".fg b{font-size:17px;display:block}.fg small,.en small{color:var(--soft);font-size:11.5px;display:block}.wd{color:var(--m);font-weight:700;display:block}.en{line-height:1.35}.sw u{display:block;width:34px;height:18px;border-radius:9px;background:var(--accent);position:relative}.sw u:after{content:'';position:absolute;right:2px;top:2px;width:14px;height:14px;border-radius:"
        "50%;background:#fff}.ft{color:var(--soft);margin-top:14px}"
    )
    return sheet(scene, body, css, "'IBM Plex Sans',sans-serif", "#eef1f6 #ffffff #22304a #5d6a80 #d3dae6 #12705f",
                 "#141a20 #1e262e #e2e8ee #9eabb8 #36424e #1d7a69")  # fmt: skip


def plain_php(scene: Scene) -> str:
    """A page of twenty years ago: serif type, bordered tables, links in brackets, no styling."""
    t, top = tell(scene), scene.mine[0]
    nav = " ".join(
        f"[ <a>{t(k)}</a> ]" for k in ("home", "orders", "products", "export", "users", "logout")
    )
    facts = "".join(
        f"<tr><td bgcolor=gray class=h><b>{t(k)}:</b></td><td>{v}</td></tr>"
        for k, v in (
            ("jobid", f"<tt>{top.job}</tt>"), ("name", top.name), ("shop", top.retailer), ("platform", top.marketplace), ("run", top.run),
            ("status", f"<b class={mood(top)}>{escape(top.status) or '&#10003;'}</b>"), ("start", top.started), ("end", top.finished),
            ("items", top.items), ("errors", top.errors), ("next", scene.next_run),
        )
    )  # fmt: skip
    past = "".join(
        f"<tr><td>{r.run}</td><td class={mood(r)}>{escape(r.status) or '&#10003;'}</td><td>{r.started}</td><td>{r.finished}</td><td align=right>{r.items}</td><td align=right>{r.errors}</td></tr>"
        for r in scene.mine
    )
    rest = "".join(
        f"<tr><td><a>{r.job}</a></td><td>{r.retailer}</td><td>{r.marketplace}</td><td class={mood(r)}>{escape(r.status) or '&#10003;'}</td><td>{r.finished}</td><td align=right>{r.items}</td><td align=right>{r.errors}</td></tr>"
        for r in scene.others
    )
    env = f"<p class=env>*** {scene.banner} ***</p>" if scene.banner else ""
    body = (
        f"{env}<h1>{t('admin')}</h1>{nav}<hr><table class=lay><tr><td><h2>{t('details')}</h2><table border=1 class=b>{facts}</table></td><td><h2>{t('journal')}</h2>"
        f"<table border=1 class=b><tr class=h><th>{t('run')}</th><th>{t('status')}</th><th>{t('start')}</th><th>{t('end')}</th><th>{t('items')}</th><th>{t('errors')}</th></tr>{past}</table>"
        f"<p><button>{t('runnow')}</button> <button>{t('refresh')}</button></p></td></tr></table><h2>{t('related')}</h2><table border=1 class=b><tr class=h><th>{t('jobid')}</th><th>{t('shop')}</th><th>{t('platform')}</th><th>{t('status')}</th><th>{t('end')}</th>"
        f"<th>{t('items')}</th><th>{t('errors')}</th></tr>{rest}</table><hr><i class=soft>admin.php?mod=export&amp;act=show &ndash; {t('hint')} &lt;<a>webmaster</a>&gt;</i>"
    )
    css = (
        "body{padding:8px 12px;font-size:16px}h1{font-size:30px;margin:6px 0}h2{font-size:21px;margin:10px 0 6px}a{color:var(--accent);text-decoration:underline}.b{border-collapse:separate;border-spacing:2px;border:1px outset gray}.b td,.b th{border:1px inset gray;padding:1px 5px;font-size:14.5px}.h{background:var(--rule)}"
        ".lay>tbody>tr>td{vertical-align:top;padding-right:26px}.env{color:#fff;background:#c00000;font-weight:700;text-align:center;padding:3px}p{margin:8px 0}.b .good,.b .fail,.b .half,.b .busy,.b .idle{color:var(--m)}hr{margin:10px 0}"
    )
    return sheet(scene, body, css, "Tinos,serif", "#ffffff #ffffff #000000 #444444 #d0d0d0 #0000ee",
                 "#101010 #101010 #e0e0e0 #aaaaaa #3c3c3c #8ab4ff")  # fmt: skip


LOOKS: dict[str, Callable[[Scene], str]] = {
    "batch_monitor": batch_monitor, "node_canvas": node_canvas, "explorer": explorer,
    "cloud_console": cloud_console, "channel_strips": channel_strips, "plain_php": plain_php,
}  # fmt: skip
COUNTING = frozenset(LOOKS)  # show errors
