"""The contact directory as people fill it in."""

import pytest

from mailflow.edges.contacts_file import read_contacts


@pytest.mark.parametrize(
    ("written", "spoken"), [("fr", "fr"), ("fr-CH", "fr"), ("PT_pt", "pt"), ("", "en")]
)
def test_a_language_with_its_country_is_that_language(tmp_path, written, spoken):
    file = tmp_path / "retailers.csv"
    file.write_text(f"retailer,name,language,contact\nacme,Acme,{written},ops@acme.example\n")
    (retailer,) = read_contacts(file)
    assert (retailer.language, retailer.contacts[0].language) == (spoken, spoken)
