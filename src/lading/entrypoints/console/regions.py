"""Where something goes, in a form: countries that are chosen, each with what its postal codes begin with."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from babel import Locale

from lading.entrypoints.console.context import Context
from lading.entrypoints.console.fields import Field
from lading.sourcing.geography import postal_key
from lading.terms.countries import COUNTRIES

CODES_MAX = 500


@cache
def countries(locale: str) -> list[tuple[str, str]]:
    """(two letters, name), by name."""
    names = Locale.parse(locale).territories
    return sorted(((code, f"{names[code]} ({code})") for code in COUNTRIES), key=lambda each: each[1])


def field(context: Context, label: str, regions: Sequence[Mapping[str, Any]], *, wide: bool = True) -> Field:
    """One country in a line; a country that was said twice is one line."""
    whole = {each["country"] for each in regions if not each.get("postal_codes")}
    codes: dict[str, list[str]] = {}
    for each in regions:
        known = codes.setdefault(each["country"], [])
        known += [] if each["country"] in whole else each["postal_codes"]
    columns = [
        Field(
            "country", context._("Country"), "select", [("", context._("choose a country")), *countries(context.locale)]
        ),
        Field("codes", context._("All of it, or postal codes such as 80-87, 9")),
    ]
    hint = context._("A beginning stands for all codes that begin so; none: the whole country.")
    return Field(
        "regions", label, "rows", columns=columns, rows=[(country, " ".join(each)) for country, each in codes.items()],
        wide=wide, hint=hint,
    )  # fmt: skip


def typed(context: Context, rows: Sequence[Sequence[str]]) -> list[dict[str, Any]]:
    """The regions of these lines. Raises ValueError with what is wrong with a line."""
    found: dict[str, list[str]] = {}
    for country, text in rows:
        if not country:
            raise ValueError(context._("Choose the country of %(codes)s.", codes=text))
        if country in found:
            raise ValueError(
                context._("%(country)s stands in two lines: put its postal codes into one.", country=country)
            )
        codes = found[country] = [code for part in text.replace(",", " ").split() for code in _in_between(part)]
        if len(codes) > CODES_MAX:
            raise ValueError(context._("%(country)s: at most %(most)s postal codes.", country=country, most=CODES_MAX))
        for code in codes:
            wider = next(
                (each for each in codes if each != code and postal_key(code).startswith(postal_key(each))), None
            )
            if wider:
                told = {"country": country, "code": code, "other": wider}
                raise ValueError(
                    context._("%(country)s: %(code)s begins with %(other)s, which stands there too.", **told)
                )
    return [{"country": country, **({"postal_codes": codes} if codes else {})} for country, codes in found.items()]


def _in_between(part: str) -> list[str]:
    """80-82 is 80, 81 and 82; what is no such range stays as it is."""
    first, hyphen, last = part.partition("-")
    if not (hyphen and first.isdecimal() and last.isdecimal() and len(first) == len(last) and first <= last):
        return [part]
    end = min(int(last), int(first) + CODES_MAX)  # One more than may be, so that it is told.
    return [str(number).zfill(len(first)) for number in range(int(first), end + 1)]
