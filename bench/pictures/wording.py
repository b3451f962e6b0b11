"""What pages of the world write. Written without a look at the judge's own lists."""

LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pl", "pt")

# Every state of a run, in every language, with several wordings.
STATUS: dict[str, dict[str, tuple[str, ...]]] = {
    "success": {
        "en": ("Succeeded", "Success", "Completed", "Completed successfully", "Finished OK"),
        "de": ("Erfolgreich", "Abgeschlossen", "Erfolgreich abgeschlossen", "Erfolg"),
        "fr": ("Réussi", "Succès", "Terminé avec succès", "Terminée"),
        "es": ("Completado", "Correcto", "Finalizado con éxito", "Éxito"),
        "it": ("Riuscito", "Completato", "Completato con successo", "Operazione riuscita"),
        "nl": ("Geslaagd", "Voltooid", "Succesvol afgerond", "Gelukt"),
        "pl": ("Zakończono pomyślnie", "Sukces", "Ukończono", "Zakończone"),
        "pt": ("Concluído", "Sucesso", "Concluído com êxito", "Finalizado"),
    },
    "failed": {
        "en": ("Failed", "Error", "Aborted", "Timed out"),
        "de": ("Fehlgeschlagen", "Fehler", "Abgebrochen", "Gescheitert"),
        "fr": ("Échec", "Échoué", "Erreur", "Interrompu"),
        "es": ("Fallido", "Error", "Cancelado", "Ha fallado"),
        "it": ("Non riuscito", "Fallito", "Errore", "Interrotto"),
        "nl": ("Mislukt", "Fout", "Afgebroken", "Niet gelukt"),
        "pl": ("Niepowodzenie", "Błąd", "Przerwano", "Nie powiodło się"),
        "pt": ("Falhou", "Erro", "Cancelado", "Com falha"),
    },
    "partial": {
        "en": ("Completed with errors", "Partially succeeded", "Succeeded with warnings"),
        "de": ("Mit Fehlern abgeschlossen", "Teilweise erfolgreich", "Erfolgreich mit Warnungen"),
        "fr": ("Terminé avec des erreurs", "Partiellement réussi", "Terminé avec avertissements"),
        "es": ("Completado con errores", "Parcialmente completado", "Finalizado con avisos"),
        "it": ("Completato con errori", "Parzialmente riuscito", "Completato con avvisi"),
        "nl": ("Voltooid met fouten", "Gedeeltelijk geslaagd", "Voltooid met waarschuwingen"),
        "pl": ("Zakończono z błędami", "Częściowo ukończono", "Ukończono z ostrzeżeniami"),
        "pt": ("Concluído com erros", "Parcialmente concluído", "Concluído com avisos"),
    },
    "running": {
        "en": ("Running", "In progress", "Processing"),
        "de": ("Läuft", "In Bearbeitung", "Wird ausgeführt"),
        "fr": ("En cours", "En cours d'exécution", "Exécution"),
        "es": ("En curso", "En ejecución", "Ejecutándose"),
        "it": ("In corso", "In esecuzione", "In elaborazione"),
        "nl": ("Bezig", "Wordt uitgevoerd", "Actief bezig"),
        "pl": ("W toku", "Uruchomiono", "W trakcie"),
        "pt": ("Em curso", "Em execução", "A processar"),
    },
    "queued": {
        "en": ("Queued", "Pending", "Scheduled"),
        "de": ("Geplant", "Wartend", "In Warteschlange"),
        "fr": ("En attente", "Planifié", "En file d'attente"),
        "es": ("Pendiente", "En cola", "Programado"),
        "it": ("In attesa", "In coda", "Pianificato"),
        "nl": ("In wachtrij", "Gepland", "Wachtend"),
        "pl": ("Oczekuje", "W kolejce", "Zaplanowano"),
        "pt": ("Pendente", "Em fila", "Agendado"),
    },
    "negated": {
        "en": ("Not completed", "Could not be completed", "Did not succeed"),
        "de": ("Nicht abgeschlossen", "Nicht erfolgreich", "Konnte nicht abgeschlossen werden"),
        "fr": ("Non terminé", "N'a pas abouti", "Pas réussi"),
        "es": ("No completado", "Sin éxito", "No se ha completado"),
        "it": ("Non completato", "Senza successo", "Non è stato completato"),
        "nl": ("Niet voltooid", "Niet geslaagd", "Kon niet worden voltooid"),
        "pl": ("Nie zakończono", "Nieukończone", "Nie udało się ukończyć"),
        "pt": ("Não concluído", "Sem sucesso", "Não foi concluído"),
    },
}
# {n} of {m}: sometimes beside the word, sometimes all there is.
COUNTED = {
    "en": ("{n} of {m} succeeded", "Completed: {n} / {m}"),
    "de": ("{n} von {m} erfolgreich", "Abgeschlossen: {n} / {m}"),
    "fr": ("{n} sur {m} réussis", "Terminé : {n} / {m}"),
    "es": ("{n} de {m} completados", "Completado: {n} / {m}"),
    "it": ("{n} di {m} riusciti", "Completato: {n} / {m}"),
    "nl": ("{n} van {m} geslaagd", "Voltooid: {n} / {m}"),
    "pl": ("{n} z {m} ukończono", "Ukończono: {n} / {m}"),
    "pt": ("{n} de {m} concluídos", "Concluído: {n} / {m}"),
}
LABELS: dict[str, dict[str, str]] = {
    "en": {
        "jobs": "Jobs", "job": "Job ID", "name": "Name", "retailer": "Retailer",
        "marketplace": "Marketplace", "status": "Status", "finished": "Finished at",
        "started": "Started at", "next": "Next run", "items": "Items", "errors": "Errors",
        "duration": "Duration", "runs": "Runs", "run": "Run", "result": "Last run result",
        "owner": "Owner", "details": "Details", "search": "Search", "ended": "Ended",
    },
    "de": {
        "jobs": "Aufträge", "job": "Auftrag", "name": "Bezeichnung", "retailer": "Händler",
        "marketplace": "Marktplatz", "status": "Status", "finished": "Beendet um",
        "started": "Gestartet um", "next": "Nächster Lauf", "items": "Artikel",
        "errors": "Fehler", "duration": "Dauer", "runs": "Läufe", "run": "Lauf",
        "result": "Letztes Ergebnis", "owner": "Besitzer", "details": "Details",
        "search": "Suche", "ended": "Ende",
    },
    "fr": {
        "jobs": "Tâches", "job": "Tâche", "name": "Nom", "retailer": "Commerçant",
        "marketplace": "Place de marché", "status": "Statut", "finished": "Terminé le",
        "started": "Démarré le", "next": "Prochaine exécution", "items": "Articles",
        "errors": "Erreurs", "duration": "Durée", "runs": "Exécutions", "run": "Exécution",
        "result": "Dernier résultat", "owner": "Propriétaire", "details": "Détails",
        "search": "Rechercher", "ended": "Fin",
    },
    "es": {
        "jobs": "Tareas", "job": "Tarea", "name": "Nombre", "retailer": "Comerciante",
        "marketplace": "Mercado", "status": "Estado", "finished": "Finalizado el",
        "started": "Iniciado el", "next": "Próxima ejecución", "items": "Artículos",
        "errors": "Errores", "duration": "Duración", "runs": "Ejecuciones", "run": "Ejecución",
        "result": "Último resultado", "owner": "Propietario", "details": "Detalles",
        "search": "Buscar", "ended": "Fin",
    },
    "it": {
        "jobs": "Processi", "job": "Processo", "name": "Nome", "retailer": "Rivenditore",
        "marketplace": "Marketplace", "status": "Stato", "finished": "Terminato il",
        "started": "Avviato il", "next": "Prossima esecuzione", "items": "Articoli",
        "errors": "Errori", "duration": "Durata", "runs": "Esecuzioni", "run": "Esecuzione",
        "result": "Ultimo esito", "owner": "Proprietario", "details": "Dettagli",
        "search": "Cerca", "ended": "Fine",
    },
    "nl": {
        "jobs": "Taken", "job": "Taak", "name": "Naam", "retailer": "Verkoper",
        "marketplace": "Marktplaats", "status": "Status", "finished": "Beëindigd op",
        "started": "Gestart op", "next": "Volgende uitvoering", "items": "Artikelen",
        "errors": "Fouten", "duration": "Duur", "runs": "Uitvoeringen", "run": "Uitvoering",
        "result": "Laatste resultaat", "owner": "Eigenaar", "details": "Details",
        "search": "Zoeken", "ended": "Einde",
    },
    "pl": {
        "jobs": "Zadania", "job": "Zadanie", "name": "Nazwa", "retailer": "Sprzedawca",
        "marketplace": "Platforma", "status": "Status", "finished": "Zakończono",
        "started": "Rozpoczęto", "next": "Następne uruchomienie", "items": "Artykuły",
        "errors": "Błędy", "duration": "Czas trwania", "runs": "Uruchomienia",
        "run": "Uruchomienie", "result": "Ostatni wynik", "owner": "Właściciel",
        "details": "Szczegóły", "search": "Szukaj", "ended": "Koniec",
    },
    "pt": {
        "jobs": "Tarefas", "job": "Tarefa", "name": "Nome", "retailer": "Lojista",
        "marketplace": "Marketplace", "status": "Estado", "finished": "Concluído em",
        "started": "Iniciado em", "next": "Próxima execução", "items": "Artigos",
        "errors": "Erros", "duration": "Duração", "runs": "Execuções", "run": "Execução",
        "result": "Último resultado", "owner": "Proprietário", "details": "Detalhes",
        "search": "Procurar", "ended": "Fim",
    },
}  # fmt: skip
MONTHS: dict[str, tuple[str, ...]] = {
    language: tuple(names.split())
    for language, names in {
        "en": "January February March April May June July August September October November "
        "December",
        "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
        "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre "
        "décembre",
        "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre "
        "diciembre",
        "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre "
        "novembre dicembre",
        "nl": "januari februari maart april mei juni juli augustus september oktober november "
        "december",
        "pl": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października "
        "listopada grudnia",
        "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro "
        "dezembro",
    }.items()
}
RELATIVE = {
    "en": ("5 minutes ago", "Today 09:14"), "de": ("vor 5 Minuten", "Heute 09:14"),
    "fr": ("il y a 5 minutes", "Aujourd'hui 09:14"), "es": ("hace 5 minutos", "Hoy 09:14"),
    "it": ("5 minuti fa", "Oggi 09:14"), "nl": ("5 minuten geleden", "Vandaag 09:14"),
    "pl": ("5 minut temu", "Dzisiaj 09:14"), "pt": ("há 5 minutos", "Hoje 09:14"),
}  # fmt: skip
