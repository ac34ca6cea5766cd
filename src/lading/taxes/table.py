"""The calculator in the house: taxes by a table of rates. Pure: no I/O, no clock, no randomness.

Of the rates of one code the closest wins: the longest beginning of the postal code, then the region, then the category, then the latest
first day. Taxes of several codes stand beside each other. Each is rounded once, on its item.
"""

from collections.abc import Iterable, Sequence
from datetime import date

from lading.taxes.types import TaxRate
from lading.terms.taxes import GOODS, Place, Tax, TaxDocument, TaxedItem

UNTAXED_KINDS = ("duty", "tip")
"""Charges that only a rate for just this kind taxes: a duty is the state's own, a tip is a gift."""
_WHOLE = 100 * 10**4  # rates have four decimals, in percent


def plain(text: str) -> str:
    """A region or postal code as it is compared: no spaces, capital letters."""
    return "".join(text.split()).upper()


class Table:
    """Rates, found by country."""

    def __init__(self, rates: Iterable[TaxRate]) -> None:
        self._rates: dict[str, list[TaxRate]] = {}
        for rate in rates:
            if rate.rate is not None:
                self._rates.setdefault(rate.country, []).append(rate)

    def taxes(self, document: TaxDocument) -> list[Tax]:
        """The taxes on each item; nothing of an exempt document, and nothing where nobody knows the place."""
        found: list[Tax] = []
        if document.exemption is not None:
            return found
        known: dict[tuple[Place, str, str], list[TaxRate]] = {}
        for index, item in enumerate(document.items):
            place = item.sent_from if item.collected else item.sent_to or document.sent_to or item.sent_from
            if place is None or item.amount_minor <= 0:
                continue
            asked = (place, item.kind, item.category)
            if asked not in known:
                known[asked] = self._applying(place, item, document.day)
            found += _taxed(index, item.amount_minor, known[asked])
        return found

    def _applying(self, place: Place, item: TaxedItem, day: date) -> list[TaxRate]:
        """The closest rate of each code, those on top of others last."""
        categories = {item.category if item.kind == GOODS else item.kind}
        if item.kind not in UNTAXED_KINDS:
            categories.add("")
        region, postal_code = plain(place.region), plain(place.postal_code)
        closest: dict[str, tuple[tuple[int, bool, bool, date], TaxRate]] = {}
        for rate in self._rates.get(place.country, ()):
            if (
                rate.category not in categories
                or rate.region not in ("", region)
                or not postal_code.startswith(rate.postal_prefix)
                or day < rate.valid_from
                or (rate.valid_to is not None and day > rate.valid_to)
            ):
                continue
            close = (len(rate.postal_prefix), bool(rate.region), bool(rate.category), rate.valid_from)
            if rate.code not in closest or closest[rate.code][0] < close:
                closest[rate.code] = (close, rate)
        return sorted((rate for _, rate in closest.values()), key=lambda rate: (rate.compound, rate.code))


def _taxed(item: int, amount_minor: int, rates: Sequence[TaxRate]) -> list[Tax]:
    """What the price contains is taken out of it; the other taxes are charged on what is left, those on top on the others too.

    All of it in whole numbers: an amount is numerator over denominator until it is rounded.
    """
    inside = sum(_parts(rate) for rate in rates if rate.included and not rate.compound)
    on_top = sum(_parts(rate) for rate in rates if rate.included and rate.compound)
    net, denominator = amount_minor * _WHOLE * _WHOLE, (_WHOLE + inside) * (_WHOLE + on_top)
    found: list[Tax] = []
    beside = 0
    for rate in rates:
        if rate.included:
            base = net * (_WHOLE + inside) // _WHOLE if rate.compound else net
        else:
            base = net + beside * denominator if rate.compound else net
        amount = _rounded(base * _parts(rate), denominator * _WHOLE)
        if not rate.included and not rate.compound:
            beside += amount
        if amount:
            assert rate.rate is not None
            found.append(Tax(item, rate.code, rate.rate, rate.included, amount))
    return found


def _parts(rate: TaxRate) -> int:
    assert rate.rate is not None
    return int(rate.rate * 10**4)


def _rounded(numerator: int, denominator: int) -> int:
    """Half away from zero; neither is below zero."""
    return (2 * numerator + denominator) // (2 * denominator)
