"""The merchant's table of costs as numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lading.kernel import money
from lading.sourcing.commands import SaveSourcingRules, ZoneInput
from lading.sourcing.core.postage import Rate


@dataclass(slots=True)
class Costs:
    """The cost table in minor units."""

    currency: str
    zones: Sequence[ZoneInput]
    rates: Mapping[str, Rate]
    handling: Mapping[str, tuple[int, int]]
    otherwise: tuple[int, int]
    split: int
    grams: int
    """Of a product without a weight."""

    def of_place(self, code: str) -> tuple[int, int]:
        """Handling (per order, per unit)."""
        return self.handling.get(code, self.otherwise)


def costs_of(rules: SaveSourcingRules) -> Costs | None:
    """The table as numbers."""
    if rules.costs is None:
        return None
    given, digits = rules.costs, money.exponent(rules.costs.currency) or 0

    def minor(amount: str) -> int:
        return money.written_minor(amount, digits)

    bands: dict[str, list[tuple[int, int]]] = {}
    for rate in given.rates:
        bands.setdefault(rate.zone, []).append((rate.up_to_grams, minor(rate.amount)))
    return Costs(
        given.currency, given.zones, {zone: Rate.of(each) for zone, each in bands.items()},
        {each.location: (minor(each.per_order), minor(each.per_unit)) for each in given.handling},
        (minor(given.per_order), minor(given.per_unit)), minor(given.per_split), given.grams,
    )  # fmt: skip
