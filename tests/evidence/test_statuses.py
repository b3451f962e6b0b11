"""What the words of a status cell say, in eight languages."""

import pytest

from mailflow.evidence.statuses import Says, sense

SUCCESS = [
    "Succeeded", "Completed successfully", "4,120 of 4,120 succeeded", "Success (0 errors)",
    "Erfolgreich abgeschlossen", "Abgeschlossen ohne Fehler", "12 von 12 erfolgreich",
    "Terminé avec succès", "Réussie", "Completado con éxito", "Finalizado sin errores",
    "Completato con successo", "Riuscito", "Succesvol afgerond", "Geslaagd", "Voltooid",
    "Zakończono pomyślnie", "Sukces", "Concluído com êxito", "Sucesso", "Zakonczono pomysInie",
]  # fmt: skip
TROUBLE = [
    "Failed", "Not completed", "Completed with errors", "Partially succeeded", "Succeeded: 0",
    "0 of 120 succeeded", "119 of 120 succeeded", "Running", "Queued", "Never succeeded",
    "Fehlgeschlagen", "Mit Fehlern abgeschlossen", "Nicht erfolgreich", "Wird ausgeführt",
    "Échec", "Non terminé", "Terminé avec des erreurs", "En cours", "N'a pas abouti",
    "Fallido", "Sin éxito", "Completado con errores", "En curso", "0 de 120 completados",
    "Non riuscito", "Senza successo", "Completato con errori", "In corso", "Mislukt",
    "Niet voltooid", "Voltooid met fouten", "Bezig", "Niepowodzenie", "Nie zakończono",
    "Zakończono z błędami", "W toku", "Falhou", "Não concluído", "Concluído com erros",
    "Em execução", "Completed, O records", "Finished: O / 88", "Succeeded with 3 warnings",
]  # fmt: skip
UNCLEAR = ["Completed with errrs", "Fai1ed", "Succeeded maybe", "Suceeded", "Zakonczono z btedami"]


@pytest.mark.parametrize("text", SUCCESS)
def test_success_is_known(text):
    assert sense(text) is Says.SUCCESS


@pytest.mark.parametrize("text", TROUBLE)
def test_trouble_outweighs_every_word_of_success(text):
    assert sense(text) is Says.TROUBLE


@pytest.mark.parametrize("text", UNCLEAR)
def test_a_word_that_is_not_explained_leaves_it_open(text):
    assert sense(text) in (Says.UNCLEAR, Says.NOTHING)


@pytest.mark.parametrize("text", ["OK", "Finished", "Beendet", "Terminado", "Gereed"])
def test_a_word_that_buttons_bear_too_is_weak(text):
    assert sense(text) is Says.WEAK_SUCCESS
