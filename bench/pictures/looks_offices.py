"""Looks of an independent hand: kinds of software people use, written without a view of the judge."""

from collections.abc import Callable
from html import escape

from bench.pictures.looks import rows_of
from bench.pictures.scenes import Row, Scene
from bench.pictures.wording import LABELS, LANGUAGES

_GOOD = {
    "success", "errors", "staging", "icon", "stale", "future", "relative", "wrong_retailer",
    "wrong_market", "newest_failed",
}  # fmt: skip
_OTHER = {"partial": "half", "zero": "half", "short": "half", "running": "busy", "queued": "idle"}
_MOODS = ("good", "fail", "half", "busy", "idle")
_LIGHT = ("#1a7f3c", "#c22126", "#9a6200", "#1559b8", "#666c75")
_DARK = ("#53c87e", "#ff7b72", "#e9b44c", "#76aefc", "#a6adb8")

# Words of the pages' furniture and labels, in the order of LANGUAGES: en de fr es it nl pl pt.
_WORDS = {
    "home": "Dashboard|Übersicht|Tableau de bord|Panel|Pannello|Dashboard|Pulpit|Painel",
    "client": "Client|Mandant|Client|Cliente|Cliente|Klant|Klient|Cliente",
    "channel": "Channel|Kanal|Canal|Canal|Canale|Kanaal|Kanał|Canal",
    "shop": "Shop|Shop|Boutique|Tienda|Negozio|Winkel|Sklep|Loja",
    "seller": "Seller|Verkäufer|Vendeur|Vendedor|Venditore|Verkoper|Sprzedawca|Vendedor",
    "platform": "Platform|Plattform|Plateforme|Plataforma|Piattaforma|Platform|Platforma|Plataforma",
    "source": "Source|Quelle|Source|Origen|Origine|Bron|Źródło|Origem",
    "target": "Target|Ziel|Cible|Destino|Destinazione|Doel|Cel|Destino",
    "start": "Start|Beginn|Début|Inicio|Inizio|Begin|Początek|Início",
    "end": "End|Ende|Fin|Fin|Fine|Einde|Koniec|Fim",
    "ended": "Ended|Beendet|Fin le|Terminó|Terminato|Beëindigd|Zakończenie|Terminou",
    "endtime": "End time|Endzeit|Heure de fin|Hora de fin|Ora di fine|Eindtijd|Czas zakończenia|Hora de fim",
    "begtime": "Start time|Startzeit|Heure de début|Hora de inicio|Ora di inizio|Starttijd|Czas rozpoczęcia|Hora de início",
    "records": "Records|Datensätze|Lignes|Registros|Record|Records|Rekordy|Registos",
    "products": "Products|Produkte|Produits|Productos|Prodotti|Producten|Produkty|Produtos",
    "lasthist": "Build history|Build-Verlauf|Historique des builds|Historial de builds|Cronologia build|Bouwgeschiedenis|Historia budowań|Histórico de builds",
    "build": "Build|Build|Build|Build|Build|Build|Build|Build",
    "buildnow": "Build now|Jetzt bauen|Lancer un build|Construir ahora|Compila ora|Nu bouwen|Buduj teraz|Construir agora",
    "changes": "Changes|Änderungen|Modifications|Cambios|Modifiche|Wijzigingen|Zmiany|Alterações",
    "output": "Console output|Konsolenausgabe|Sortie console|Salida de consola|Output console|Console-uitvoer|Wyjście konsoli|Saída da consola",
    "configure": "Configure|Konfigurieren|Configurer|Configurar|Configura|Configureren|Konfiguruj|Configurar",
    "params": "Parameters|Parameter|Paramètres|Parámetros|Parametri|Parameters|Parametry|Parâmetros",
    "related": "Other projects in this view|Weitere Projekte dieser Ansicht|Autres projets de cette vue|Otros proyectos de esta vista|Altri progetti di questa vista|Andere projecten in deze weergave|Inne projekty w tym widoku|Outros projetos desta vista",
    "lastrun": "Last run|Letzter Lauf|Dernière exécution|Última ejecución|Ultima esecuzione|Laatste run|Ostatni przebieg|Última execução",
    "schedule": "Schedule|Zeitplan|Planification|Programación|Pianificazione|Planning|Harmonogram|Agendamento",
    "help": "Help|Hilfe|Aide|Ayuda|Aiuto|Help|Pomoc|Ajuda",
    "settings": "Settings|Einstellungen|Paramètres|Ajustes|Impostazioni|Instellingen|Ustawienia|Definições",
    "users": "Users|Benutzer|Utilisateurs|Usuarios|Utenti|Gebruikers|Użytkownicy|Utilizadores",
    "reports": "Reports|Berichte|Rapports|Informes|Report|Rapporten|Raporty|Relatórios",
    "orders": "Orders|Bestellungen|Commandes|Pedidos|Ordini|Bestellingen|Zamówienia|Encomendas",
    "catalog": "Catalogue|Katalog|Catalogue|Catálogo|Catalogo|Catalogus|Katalog|Catálogo",
    "customers": "Customers|Kunden|Clients|Clientes|Clienti|Klanten|Klienci|Clientes",
    "save": "Save|Speichern|Enregistrer|Guardar|Salva|Opslaan|Zapisz|Guardar",
    "refresh": "Refresh|Aktualisieren|Actualiser|Actualizar|Aggiorna|Vernieuwen|Odśwież|Atualizar",
    "delete": "Delete|Löschen|Supprimer|Eliminar|Elimina|Verwijderen|Usuń|Eliminar",
    "export": "Export|Exportieren|Exporter|Exportar|Esporta|Exporteren|Eksportuj|Exportar",
    "filter": "Filter|Filter|Filtrer|Filtrar|Filtra|Filteren|Filtruj|Filtrar",
    "runnow": "Run now|Jetzt starten|Lancer|Ejecutar ahora|Esegui ora|Nu starten|Uruchom teraz|Executar agora",
    "file": "File|Datei|Fichier|Archivo|File|Bestand|Plik|Ficheiro",
    "edit": "Edit|Bearbeiten|Édition|Edición|Modifica|Bewerken|Edycja|Editar",
    "view": "View|Ansicht|Affichage|Ver|Visualizza|Beeld|Widok|Ver",
    "extras": "Tools|Extras|Outils|Herramientas|Strumenti|Extra|Narzędzia|Ferramentas",
    "logout": "Log out|Abmelden|Déconnexion|Salir|Esci|Uitloggen|Wyloguj|Sair",
    "profile": "Export profile|Exportprofil|Profil d'export|Perfil de exportación|Profilo di esportazione|Exportprofiel|Profil eksportu|Perfil de exportação",
    "profiles": "Profiles|Profile|Profils|Perfiles|Profili|Profielen|Profile|Perfis",
    "journal": "Journal|Protokoll|Journal|Registro|Registro|Logboek|Dziennik|Registo",
    "event": "Event|Auslöser|Déclencheur|Evento|Evento|Gebeurtenis|Zdarzenie|Evento",
    "all": "All workflows|Alle Workflows|Tous les workflows|Todos los flujos|Tutti i flussi|Alle workflows|Wszystkie procesy|Todos os fluxos",
    "workflow": "Workflow|Workflow|Workflow|Flujo|Flusso|Workflow|Proces|Fluxo",
    "runsof": "workflow runs|Workflow-Läufe|exécutions|ejecuciones|esecuzioni|uitvoeringen|uruchomień|execuções",
    "scheduled": "by schedule|per Zeitplan|par planification|por programación|da pianificazione|via planning|wg harmonogramu|por agendamento",
    "executions": "Executions|Ausführungen|Exécutions|Ejecuciones|Esecuzioni|Uitvoeringen|Wykonania|Execuções",
    "editor": "Editor|Editor|Éditeur|Editor|Editor|Editor|Edytor|Editor",
    "transform": "Mapping|Zuordnung|Correspondance|Asignación|Mappatura|Toewijzing|Mapowanie|Mapeamento",
    "overview": "Overview|Übersicht|Aperçu|Resumen|Panoramica|Overzicht|Przegląd|Visão geral",
    "jobid": "Job|Job|Job|Trabajo|Job|Job|Zadanie|Trabalho",
    "properties": "Properties|Eigenschaften|Propriétés|Propiedades|Proprietà|Eigenschappen|Właściwości|Propriedades",
    "history": "History|Verlauf|Historique|Historial|Cronologia|Geschiedenis|Historia|Histórico",
    "objects": "object(s)|Objekt(e)|objet(s)|objeto(s)|oggetti|object(en)|obiektów|objeto(s)",
    "selection": "Selection|Selektion|Sélection|Selección|Selezione|Selectie|Wybór|Seleção",
    "joblist": "Job overview|Jobübersicht|Liste des jobs|Resumen de jobs|Panoramica job|Joboverzicht|Przegląd zadań|Lista de jobs",
    "general": "General|Allgemein|Général|General|Generale|Algemeen|Ogólne|Geral",
    "siblings": "Other jobs in this group|Weitere Jobs dieser Gruppe|Autres jobs du groupe|Otros trabajos del grupo|Altri job del gruppo|Andere jobs in deze groep|Inne zadania w grupie|Outros trabalhos do grupo",
    "group": "Group|Gruppe|Groupe|Grupo|Gruppo|Groep|Grupa|Grupo",
    "region": "Region|Region|Région|Región|Regione|Regio|Region|Região",
    "channels": "Channels|Kanäle|Canaux|Canales|Canali|Kanalen|Kanały|Canais",
    "rules": "Rules|Regeln|Règles|Reglas|Regole|Regels|Reguły|Regras",
    "preview": "Preview|Vorschau|Aperçu|Vista previa|Anteprima|Voorbeeld|Podgląd|Pré-visualização",
    "addchannel": "Add channel|Kanal hinzufügen|Ajouter un canal|Añadir canal|Aggiungi canale|Kanaal toevoegen|Dodaj kanał|Adicionar canal",
    "admin": "Administration|Verwaltung|Administration|Administración|Amministrazione|Beheer|Administracja|Administração",
    "hint": "Times are those of the server.|Zeiten nach Serveruhr.|Heures du serveur.|Horas del servidor.|Orari del server.|Tijden van de server.|Czas serwera.|Horas do servidor.",
    "back": "back|zurück|retour|volver|indietro|terug|wstecz|voltar",
    "system": "System|System|Système|Sistema|Sistema|Systeem|System|Sistema",
    "rowcount": "{n} rows|{n} Zeilen|{n} lignes|{n} filas|{n} righe|{n} rijen|Wierszy: {n}|{n} linhas",
}  # fmt: skip
_TOLD = {key: dict(zip(LANGUAGES, line.split("|"), strict=True)) for key, line in _WORDS.items()}
_PATHS = {
    "good": "<path d='M4.4 8.3 7 10.8l4.7-5.2' />", "fail": "<path d='m5.3 5.3 5.4 5.4m0-5.4-5.4 5.4'/>",
    "half": "<path d='M8 4v5M8 11.2v.9'/>", "busy": "<path d='M11.5 8A3.5 3.5 0 1 1 8 4.500'/>",
    "idle": "<path d='M8 4.600V8l2.500 1.500'/>",
}  # fmt: skip


def tell(scene: Scene) -> Callable[[str], str]:
    """Give the words of the scene's language: this part's own, else those all looks share."""
    language = scene.language
    return lambda key: _TOLD[key][language] if key in _TOLD else LABELS[language][key]


def mood(row: Row) -> str:
    return "good" if row.state in _GOOD else _OTHER.get(row.state, "fail")


def sign(row: Row, size: int = 15) -> str:
    """Give a disc with a mark in it, in the colour of the run's end."""
    return (
        f"<svg class='sg {mood(row)}' width={size} height={size} viewBox='0 0 16 16'>"
        f"<circle cx=8 cy=8 r=7.500 />{_PATHS[mood(row)]}</svg>"
    )


def said(row: Row, size: int = 15) -> str:
    """Give the sign and the row's word; where the page writes no word, the sign alone."""
    return f"<span class='sd {mood(row)}'>{sign(row, size)}<span>{escape(row.status)}</span></span>"


def no(row: Row) -> str:
    return row.run[4:]


def every(scene: Scene) -> list[Row]:
    """All runs a list shows: the job's newest among others', its older ones last."""
    shown = rows_of(scene)
    return shown + [row for row in scene.mine if row not in shown]


def sheet(scene: Scene, body: str, css: str, font: str, light: str, dark: str) -> str:
    """Give a whole document. `light` and `dark`: ground, panel, ink, soft, rule, accent."""
    names = ("ground", "panel", "ink", "soft", "rule", "accent")
    colours = zip(names, (dark if scene.dark else light).split(), strict=True)
    moods = "".join(
        f".{n}{{--m:{c}}}" for n, c in zip(_MOODS, _DARK if scene.dark else _LIGHT, strict=True)
    )
    return (
        "<!doctype html><meta charset=utf-8><style>:root{"
        + ";".join(f"--{name}:{colour}" for name, colour in colours)
        + "}*{box-sizing:border-box}body{margin:0;background:var(--ground);color:var(--ink);"
        f"font:13px/1.4 {font};min-height:100vh}}table{{border-collapse:collapse}}td,th{{"
        "text-align:left;white-space:nowrap}h1,h2,h3,p{margin:0}.soft{color:var(--soft)}"
        ".sd{display:inline-flex;align-items:center;gap:6px}.sg{flex:none;vertical-align:-3px}"
        f".sg circle{{fill:var(--m)}}.sg path{{fill:none;stroke:{'#14171c' if scene.dark else '#fff'};"
        f"stroke-width:1.8}}.row{{display:flex;align-items:center}}.grow{{flex:1}}{moods}{css}</style>"
        f"<body>{body}</body>"
    )


def ci_build(scene: Scene) -> str:
    """A build server: tasks and builds at the left, the last build's parameters, other projects."""
    t, top = tell(scene), scene.mine[0]
    env = f"<b class=env>{scene.banner}</b>" if scene.banner else ""
    builds = "".join(
        f"<div class=bd>{sign(r, 16)}<div><b>#{no(r)}</b> <span class={mood(r)}>{escape(r.status)}"
        f"</span><br><span class=soft>{r.finished}<br>{r.items} {t('items').lower()}, {r.errors} {t('errors').lower()}</span></div></div>"
        for r in scene.mine
    )
    facts = "".join(
        f"<tr><td class=pn>{name}</td><td><span class=pv>{value}</span></td></tr>"
        for name, value in (
            ("JOB", top.job), (t("retailer").upper(), top.retailer),
            (t("marketplace").upper(), top.marketplace), (t("items").upper(), top.items),
            (t("errors").upper(), top.errors),
        )
    )  # fmt: skip
    rest = "".join(
        f"<tr><td>{sign(r, 18)}</td><td><a>{r.job}</a><br><span class=soft>{r.name} &middot; {r.retailer}"
        f" &rarr; {r.marketplace}</span></td><td>#{no(r)} {escape(r.status)}</td>"
        f"<td>{r.finished}</td><td>{r.items} / {r.errors}</td></tr>"
        for r in scene.others
    )
    tasks = "".join(
        f"<div class=tk><i></i>{t(k)}</div>" for k in ("changes", "output", "configure", "buildnow")
    )
    body = (
        f"<header class=row><b class=lg>BuildButler</b>{env}<span class=grow></span><span class=sr>"
        f"{t('search')} (Ctrl+K)</span><span>k.brandt</span><span>{t('logout')}</span></header>"
        f"<nav>{t('home')} &rsaquo; {top.retailer} &rsaquo; {top.marketplace} &rsaquo; {top.job} &rsaquo; #{no(top)}</nav>"
        f"<div class=two><aside>{tasks}<h3>{t('lasthist')}</h3>{builds}</aside><main>"
        f"<div class=row>{sign(top, 34)}<div style='margin-left:14px'><h1>{t('build')} #{no(top)} &ndash; {top.name}</h1>"
        f"<p class=st>{t('status')}: <b class={mood(top)}>{escape(top.status) or sign(top)}</b></p></div></div>"
        f"<p class=ln>{t('started')}: {top.started} ({t('scheduled')})</p><p class=ln>{t('ended')}: {top.finished}</p>"
        f"<p class=ln>{t('next')}: {scene.next_run}</p>"
        f"<h2>{t('params')}</h2><table class=pt>{facts}</table><h2>{t('related')}</h2><table class=rt>"
        f"<tr><th>S</th><th>{t('name')}</th><th>{t('lastrun')}</th><th>{t('ended')}</th><th>{t('items')} / {t('errors')}</th></tr>"
        f"{rest}</table></main></div>"
    )
    css = (
        "header{background:#0b0f14;color:#fff;height:46px;padding:0 20px;gap:22px}.lg{font-size:17px}.env{background:"
        "#f2c037;color:#1b1500;padding:2px 9px;border-radius:3px}.sr{background:#262c34;padding:5px 40px 5px 12px;border-radius:"
        "6px;color:#c9ced6}nav{padding:8px 20px;border-bottom:1px solid var(--rule);color:var(--soft)}.two{display:grid;"
        "grid-template-columns:262px 1fr}aside{padding:14px 18px}.tk{padding:6px 0}.tk i{display:inline-block;width:14px;height:"
        "14px;border:2px solid var(--accent);border-radius:3px;margin-right:10px;vertical-align:-2px}aside h3{font-size:14px;margin:"
        "14px 0 4px;border-bottom:1px solid var(--rule);padding-bottom:6px}.bd{display:flex;gap:9px;padding:7px 0;border-bottom:1px "
        "solid var(--rule)}.bd span.good,.bd span.fail,.bd span.half,.bd span.busy,.bd span.idle,.st b{color:var(--m)}main{padding:16px 22px}h1{font-size:22px}.st{font-size:"
        "15px;margin-top:2px}.ln{margin:5px 0 0 48px}h2{font-size:16px;margin:14px 0 6px}.pt td{padding:2px 14px 2px 0}.pn{font-weight:700;"
        "font-size:12px}.pv{border:1px solid var(--rule);background:var(--panel);padding:1px 8px;display:inline-block;min-width:280px}"
        ".rt td,.rt th{padding:4px 16px 4px 6px;border-bottom:1px solid var(--rule);line-height:1.3}a{color:var(--accent)}"
    )
    return sheet(scene, body, css, "Inter,sans-serif", "#ffffff #f6f6f9 #14141f #5c5f6e #dcdce4 #0b6aa2",
                 "#1b1d25 #262934 #e6e7ee #a2a5b4 #3a3e4c #6cb8ea")  # fmt: skip


def dag_grid(scene: Scene) -> str:
    """A workflow scheduler: bars of a job's runs and squares of its steps, one run's details."""
    t, top = tell(scene), scene.mine[0]
    runs = tuple(reversed(scene.mine))
    bars = "".join(
        f"<div class='br{' on' if r is top else ''}'><i class={mood(r)} style='height:{44 + int(no(r)) % 5 * 11}px'></i>"
        f"<b>{no(r)}</b></div>" for r in runs
    )  # fmt: skip
    steps = "".join(
        f"<div class=sp><span>{name}</span><div class=bars>"
        + "".join(f"<div class='br{' on' if r is top else ''}'><u></u></div>" for r in runs)
        + "</div></div>"
        for name in ("extract", "validate", "map_fields", "upload", "notify")
    )
    conf = "".join(
        f"<tr><td>{k}</td><td>{v}</td></tr>"
        for k, v in (
            (t("status"), f"<span class='tag {mood(top)}'>{escape(top.status) or sign(top)}</span>"),
            (t("run") + " ID", f"scheduled__{top.run}"), (t("jobid"), top.job), (t("name"), top.name),
            (t("retailer"), top.retailer), (t("channel"), top.marketplace), (t("begtime"), top.started),
            (t("endtime"), top.finished), (t("records"), top.items), (t("errors"), top.errors),
        )
    )  # fmt: skip
    past = "".join(
        f"<tr><td>{r.run}</td><td>{said(r)}</td><td>{r.started}</td><td>{r.finished}</td><td>{r.items}</td><td>{r.errors}</td></tr>"
        for r in scene.mine[1:]
    )
    tabs = "".join(
        f"<span class='tb{' on' if n == 0 else ''}'>{x}</span>"
        for n, x in enumerate((t("details"), "Graph", "Gantt", "Code", t("journal")))
    )
    env = f"<div class=env>{scene.banner}</div>" if scene.banner else ""
    body = (
        f"{env}<header class=row><b class=lg>&#9672; Windrose</b><span class=on>DAGs</span><span>Datasets</span>"
        f"<span>{t('users')}</span><span>{t('admin')}</span><span class=grow></span><span>Docs</span><b class=av>MB</b></header>"
        f"<div class=hd><div class=row><h1><span class=soft>DAG:</span> {top.job}</h1><span class=grow></span>"
        f"<span class=soft>{t('schedule')}: 0 */6 * * *</span><span class=ch>{t('next')}: {scene.next_run}</span><span class=go>&#9654;</span></div>"
        f"<p class=soft>{top.name} &middot; {top.retailer} &middot; {top.marketplace}</p></div>"
        f"<div class=two><div class=lf><div class=sp><span class=soft>{t('runs')}</span><div class=bars>{bars}</div></div>{steps}</div>"
        f"<div class=rg><div class=cr><b>DAG {top.job}</b> / {t('run')} {top.run}</div><div class=tbs>{tabs}</div>"
        f"<table class=cf>{conf}</table><h2>{t('history')}</h2><table class=ps><tr><th>{t('run')}</th><th>{t('status')}</th>"
        f"<th>{t('begtime')}</th><th>{t('endtime')}</th><th>{t('records')}</th><th>{t('errors')}</th></tr>{past}</table></div></div>"
    )
    css = (
        ".env{background:#b4005a;color:#fff;font-weight:700;text-align:center;padding:4px}header{height:48px;padding:0 18px;gap:24px;background:"
        "var(--panel);border-bottom:3px solid var(--accent)}.lg{font-size:17px;color:var(--accent)}header .on{font-weight:700}.av{background:var(--accent);"
        "color:#fff;border-radius:50%;width:28px;height:28px;line-height:28px;text-align:center;font-size:11px}.hd{padding:12px 18px}h1{font-size:20px}"
        ".ch{border:1px solid var(--rule);border-radius:12px;padding:2px 11px;margin:0 12px}.go{background:var(--accent);color:#fff;border-radius:4px;"
        "padding:3px 11px}.two{display:grid;grid-template-columns:300px 1fr;border-top:1px solid var(--rule)}.lf{padding:18px;border-right:1px solid "
        "var(--rule);min-height:560px}.sp{display:flex;justify-content:space-between;align-items:flex-end}.sp span{padding-bottom:7px}.bars{display:flex;align-items:flex-end}.br{"
        "width:34px;padding:4px 0;text-align:center}.br.on{background:color-mix(in srgb,var(--accent) 22%,transparent)}.br i{display:block;width:14px;margin:0 auto;"
        "background:var(--m);border-radius:2px}.br b{font-size:11px;font-weight:400}.br u{display:block;width:14px;height:14px;margin:3px auto;border-radius:2px;"
        "background:var(--rule)}.rg{padding:14px 22px}.tbs{border-bottom:1px solid var(--rule);margin:10px 0 8px}.tb{display:inline-block;padding:6px 14px;"
        "color:var(--soft)}.tb.on{color:var(--accent);border-bottom:2px solid var(--accent);font-weight:700}.cf td{padding:5px 18px 5px 4px;border-bottom:1px solid var(--rule)}"
        ".cf{width:100%}.cf td:first-child{width:230px;color:var(--soft)}.tag{background:var(--m);color:var(--panel);border-radius:4px;padding:2px 9px;font-weight:700}"
        "h2{font-size:15px;margin:16px 0 4px}.ps td,.ps th{padding:4px 16px 4px 4px;font-size:12px}.ps th{color:var(--soft)}"
    )
    return sheet(scene, body, css, "Roboto,sans-serif", "#ffffff #f8fafc #2d3748 #667085 #e0e5ec #017cab",
                 "#171923 #202531 #e2e8f0 #9aa6b8 #364053 #3fa9d6")  # fmt: skip


def run_list(scene: Scene) -> str:
    """A code host's list of runs: a mark, title and number; whose below; labels; the end at right."""
    t, top = tell(scene), scene.mine[0]
    rows = every(scene)
    side = "".join(
        f"<div class='wf{' on' if r.job == top.job else ''}'>{r.job}</div>"
        for r in sorted({x.job: x for x in rows}.values(), key=lambda x: x.job)
    )
    items = "".join(
        f"<div class=it>{sign(r, 18)}<div class=ti><b>{r.job}</b><br><span class=soft>{r.name} <b>#{no(r)}</b>: {t('scheduled')}</span></div>"
        f"<div class=lb><span class=br>{r.retailer}</span><span class='br two'>{r.marketplace}</span></div>"
        f"<div class='wd {mood(r)}'>{escape(r.status)}<br><span class=soft>{r.items} {t('items').lower()}, {r.errors} {t('errors').lower()}</span></div>"
        f"<div class=wh><span class=soft>{t('start')}</span> {r.started}<br><span class=soft>{t('end')}</span> {r.finished}</div></div>"
        for r in rows
    )
    env = f"<span class=env>{scene.banner}</span>" if scene.banner else ""
    names = ("Code", "Issues", "Pull requests", "Actions", "Wiki", t("settings"))
    tabs = "".join(f"<span class='tb{' on' if x == 'Actions' else ''}'>{x}</span>" for x in names)
    body = (
        f"<header class=row><b class=oc></b><span>integrations / <b>channel-jobs</b></span>{env}<span class=grow></span>"
        f"<span class=sr>{t('search')}&hellip;</span><b class=av></b></header><div class=tbs>{tabs}</div>"
        f"<div class=two><aside><b>Actions</b><div class=wf style='margin-top:8px'>{t('all')}</div><p class=soft>{t('jobs')}</p>{side}</aside>"
        f"<main><div class=row><h1>{t('all')}</h1><span class=grow></span><span class=sr>{t('filter')}</span></div>"
        f"<div class=bx><div class=bh><b>{len(rows)} {t('runsof')}</b><span class=grow></span><span>{t('event')} &#9662;</span>"
        f"<span>{t('status')} &#9662;</span><span>{t('retailer')} &#9662;</span></div>{items}</div></main></div>"
    )
    css = (
        "header{padding:12px 22px;gap:12px;font-size:14px;background:var(--panel)}.oc{width:26px;height:26px;border-radius:50%;background:var(--ink)}.av{width:26px;"
        "height:26px;border-radius:50%;background:linear-gradient(45deg,#c77,#57a)}.env{border:1px solid #d4a72c;background:#fff3c4;color:#6b4a00;border-radius:12px;padding:1px 10px;"
        "font-weight:700}.sr{border:1px solid var(--rule);border-radius:6px;padding:4px 60px 4px 10px;color:var(--soft);background:var(--ground)}.tbs{background:var(--panel);"
        "padding:0 16px;border-bottom:1px solid var(--rule)}.tb{display:inline-block;padding:7px 12px}.tb.on{border-bottom:2px solid #fd8c73;font-weight:700}.two{display:grid;"
        "grid-template-columns:256px 1fr}aside{padding:18px 10px 18px 18px;font-size:12px}aside p{margin:12px 0 4px 8px}.wf{padding:5px 8px;border-radius:6px;overflow-wrap:anywhere}.wf.on{background:"
        "color-mix(in srgb,var(--ink) 9%,transparent);font-weight:700}main{padding:18px 20px 18px 8px}h1{font-size:18px}.bx{border:1px solid var(--rule);border-radius:6px;margin-top:12px}"
        ".bh{display:flex;gap:20px;padding:11px 14px;background:var(--panel);border-bottom:1px solid var(--rule)}.it{display:grid;grid-template-columns:18px minmax(200px,1.5fr) 110px "
        "minmax(165px,1fr) 220px;gap:12px;padding:9px 14px;border-bottom:1px solid var(--rule);font-size:12px;align-items:start}.it:last-child{border:0}.br{display:table;background:color-mix(in srgb,var(--accent) 15%,"
        "transparent);color:var(--accent);border-radius:5px;padding:0 7px;font-size:11.5px;white-space:nowrap}.br.two{margin-top:3px}.wd{color:var(--m)}.wd .soft{color:var(--soft)}.wh{white-space:nowrap}"
    )
    return sheet(scene, body, css, "Inter,sans-serif", "#ffffff #f6f8fa #1f2328 #59636e #d1d9e0 #0969da",
                 "#0d1117 #151b23 #e6edf3 #9198a1 #3d444d #58a6ff")  # fmt: skip


def profile_form(scene: Scene) -> str:
    """A shop's back office: an export profile as a form with fields, its journal as a grid."""
    t, top = tell(scene), scene.mine[0]
    fields = "".join(
        f"<label>{t(k)}</label><div class='fd{' sel' if k in ('shop', 'channel') else ''}'>{v}</div>"
        for k, v in (("jobid", top.job), ("shop", top.retailer), ("name", top.name), ("channel", top.marketplace),
                     ("next", scene.next_run), ("schedule", "4 &times; 24 h"))
    )  # fmt: skip
    grid = "".join(
        f"<tr><td><i class=cb></i></td><td>{no(r)}</td><td>{r.started}</td><td>{r.finished}</td><td>{r.items}</td><td>{r.errors}</td>"
        f"<td><span class='pl {mood(r)}'>{escape(r.status) or '&#10003;'}</span></td></tr>"
        for r in scene.mine
    )
    others = "".join(
        f"<tr><td>{r.job}<br><span class=soft>{r.name}</span></td><td>{r.retailer}<br><span class=soft>{r.marketplace}</span></td>"
        f"<td>{no(r)}</td><td>{r.finished}</td><td>{r.items}</td><td>{r.errors}</td><td><span class='pl {mood(r)}'>{escape(r.status) or '&#10003;'}</span></td></tr>"
        for r in scene.others
    )
    menu = "".join(
        f"<div class='mi{' on' if k == 'export' else ''}'><i></i><span>{t(k)}</span></div>"
        for k in ("home", "orders", "catalog", "customers", "export", "reports", "settings")
    )
    env = f"<div class=env>{scene.banner}</div>" if scene.banner else ""
    inputs = "".join("<td><i class=in></i></td>" for _ in range(5))
    body = (
        f"<div class=all><aside><b class=lg>M</b>{menu}</aside><div>{env}<div class=top><span class=soft>{t('export')} &rsaquo; {t('profiles')}</span><div class=row>"
        f"<h1>{t('profile')}: {top.name}</h1><span class=grow></span><span class=bt>&larr; {t('back')}</span><span class=bt>{t('runnow')}</span>"
        f"<span class='bt pr'>{t('save')}</span></div></div><section><h2>{t('general')}</h2><div class=fm>{fields}</div></section>"
        f"<section><h2>{t('journal')}: {top.job}</h2><table class=g><tr><th></th><th>{t('run')}</th><th>{t('start')} &#9662;</th><th>{t('end')}</th><th>{t('products')}</th>"
        f"<th>{t('errors')}</th><th>{t('status')}</th></tr><tr class=fl><td></td>{inputs}<td><i class=in></i></td></tr>{grid}</table></section>"
        f"<section><h2>{t('profiles')}</h2><table class=g><tr><th>{t('profile')}</th><th>{t('shop')} / {t('channel')}</th><th>{t('run')}</th><th>{t('end')}</th><th>{t('products')}</th>"
        f"<th>{t('errors')}</th><th>{t('status')}</th></tr>{others}</table></section></div></div>"
    )
    css = (
        ".all{display:grid;grid-template-columns:92px 1fr;min-height:100vh}aside{background:#373330;color:#d3cdc8;text-align:center}.lg{display:block;font-size:30px;color:#ef672f;padding:9px 0}"
        ".mi{padding:9px 2px;font-size:11px;overflow-wrap:anywhere}.mi i{display:block;width:19px;height:17px;border:2px solid currentColor;border-radius:3px;margin:0 auto 4px}.mi.on{background:#524d49;color:#fff}"
        ".env{background:#e02b27;color:#fff;font-weight:700;padding:5px 22px}.top{padding:10px 22px 12px;border-bottom:1px solid var(--rule);background:var(--panel)}h1{font-size:22px;font-weight:400}"
        ".bt{border:1px solid var(--soft);padding:6px 15px;margin-left:9px;background:var(--panel)}.pr{background:#eb5202;border-color:#eb5202;color:#fff}section{margin:10px 22px;background:var(--panel);"
        "border:1px solid var(--rule);padding:9px 16px 12px}h2{font-size:15px;margin-bottom:8px}.fm{display:grid;grid-template-columns:140px 1fr 130px 1fr;gap:7px 14px;align-items:center}.fm label{text-align:right;"
        "font-weight:700;font-size:12px}.fd{border:1px solid var(--soft);padding:3px 9px;background:var(--ground);position:relative;white-space:nowrap}.sel:after{content:'\\25be';position:absolute;right:8px}.g{width:100%;font-size:12px}"
        ".g th{background:#514943;color:#fff;padding:5px 8px;border-right:1px solid #8a837f}.g td{padding:3px 8px;border:1px dashed var(--rule);line-height:1.3}.in{display:block;height:19px;border:1px solid var(--rule);background:var(--ground)}"
        ".cb{display:block;width:13px;height:13px;border:1px solid var(--soft)}.pl{display:inline-block;border:1px solid var(--m);color:var(--m);padding:0 9px;font-weight:700;text-align:center;min-width:110px}"
    )
    return sheet(scene, body, css, "Arimo,sans-serif", "#f8f8f8 #ffffff #303030 #6f6a66 #d6d6d6 #007bdb",
                 "#1e1c1b #292726 #ece8e4 #aaa39d #4a4643 #58a9f0")  # fmt: skip


LOOKS: dict[str, Callable[[Scene], str]] = {
    "ci_build": ci_build, "dag_grid": dag_grid, "run_list": run_list, "profile_form": profile_form,
}  # fmt: skip
COUNTING = frozenset(LOOKS)  # show errors
