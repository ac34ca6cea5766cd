"""Kits on an order: one line as it was sold, and the lines of its parts, which bear its units and its money. Pure.

A kit stays whole where nobody allows otherwise. What it costs is shared over its parts kit by kit, so that each whole kit costs
the same but for what rounding the line left over.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import Protocol
from uuid import UUID

from lading.kernel import money
from lading.orders.types import Line, Order, no_units
from lading.terms.ledger import RETURN_STAGES


class _Sku(Protocol):
    @property
    def id(self) -> UUID: ...


class Component(Protocol):
    """What orders need of a component."""

    @property
    def sku(self) -> _Sku: ...
    @property
    def per_kit(self) -> int: ...
    @property
    def list_price(self) -> Decimal | None: ...


@dataclass(slots=True, frozen=True)
class Part:
    """The line of a component, beside the line of its kit."""

    number: int
    part_of: int
    sku_id: UUID
    per_kit: int
    quantity: int
    weight: int
    """Its share of what the kit costs."""


def parts_of(lines: int, kits: Mapping[int, tuple[int, Sequence[Component]]]) -> list[Part]:
    """The parts of an order's kits, numbered after its `lines`. `kits` are (kits ordered, components) by line."""
    parts: list[Part] = []
    for line_number, (quantity, components) in kits.items():
        for component, weight in zip(components, weights(components), strict=True):
            number = lines + len(parts) + 1
            units = quantity * component.per_kit
            parts.append(Part(number, line_number, component.sku.id, component.per_kit, units, weight))
    return parts


def weights(components: Sequence[Component]) -> list[int]:
    """Shares by list price; the same for every unit where a list price is unknown, or all of them are nothing."""
    prices = [component.list_price for component in components]
    known = [Fraction(price) for price in prices if price is not None]
    if len(known) < len(prices) or not any(known):
        return [component.per_kit for component in components]
    whole = lcm(*(price.denominator for price in known))
    return [int(price * whole) * component.per_kit for price, component in zip(known, components, strict=True)]


def take_apart(lines: dict[int, Line], parts: Sequence[Part]) -> None:
    """Units and money of each kit's line go to the lines of its parts, which are added."""
    by_kit: dict[int, list[Part]] = {}
    for part in parts:
        by_kit.setdefault(part.part_of, []).append(part)
    for kit_number, its in by_kit.items():
        kit = lines[kit_number]
        costs = _shares(kit, [part.weight for part in its])
        total = sum(part.weight for part in its)
        kit.is_kit, kit.goods_minor, kit.units = True, 0, no_units()
        for part, goods_minor in zip(its, costs, strict=True):
            units = no_units()
            units["open"] = part.quantity
            price = (kit.unit_price * part.weight / total / part.per_kit).quantize(Decimal("0.000001"))
            lines[part.number] = Line(
                part.number, part.sku_id, None, price, goods_minor, part.quantity, units,
                part_of=kit_number, per_kit=part.per_kit,
            )  # fmt: skip


def _shares(kit: Line, weighed: Sequence[int]) -> list[int]:
    """What one kit costs is shared, times the kits; then what is left of the line."""
    each, rest = divmod(kit.goods_minor, kit.ordered)
    left = money.share(rest, weighed)
    return [share * kit.ordered + more for share, more in zip(money.share(each, weighed), left, strict=True)]


def bearers(lines: Mapping[int, Line], number: int | None) -> list[Line]:
    """The lines that bear a charge of that line (None: of the order); parts bear what is charged on their kit."""
    if number is None:
        return [line for line in lines.values() if not line.is_kit]
    return parts(lines, number) or [lines[number]]


def parts(lines: Mapping[int, Line], number: int) -> list[Line]:
    """The parts of the kit on that line; none where it is no kit."""
    return [line for line in lines.values() if line.part_of == number] if lines[number].is_kit else []


def sold_as(order: Order, line: Line) -> Line:
    """The line as the customer bought it: the kit that it is a part of, or itself."""
    return order.lines[line.part_of] if line.part_of else line


def whole(order: Order, kit: Line, units: Callable[[Line], int]) -> int:
    """So many whole kits have their parts among those units."""
    return min(units(part) // (part.per_kit or 1) for part in parts(order.lines, kit.number))


def in_parts(order: Order, units: Mapping[int, int]) -> dict[int, int]:
    """Units by line; those of a kit's line are units of its parts."""
    apart: dict[int, int] = {}
    for number, quantity in units.items():
        for line in parts(order.lines, number) or [order.lines[number]]:
            apart[line.number] = apart.get(line.number, 0) + quantity * (
                (line.per_kit or 1) if line.number != number else 1
            )
    return apart


_AWAY = ("in_transit", "delivered", "sent_back", "lost")


def left_behind(order: Order, kit: Line, leaving: Mapping[int, int]) -> Line | None:
    """The first part that is not packed in full for the kits that go with `leaving` (packed units by line); None where all are."""
    its = parts(order.lines, kit.number)
    away = {part.number: sum(part.units[stage] for stage in _AWAY) for part in its}
    kits = max(-(-(away[part.number] + leaving.get(part.number, 0)) // (part.per_kit or 1)) for part in its)
    for part in its:
        needed = min(kits * (part.per_kit or 1), part.ordered - part.units["cancelled"])
        if away[part.number] + part.units["packed"] < needed:
            return part
    return None


_WAY = (
    "backordered",
    "open",
    "allocated",
    "released",
    "picked",
    "packed",
    "lost",
    "sent_back",
    "in_transit",
    "delivered",
)
"""The least advanced first; what was cancelled is nowhere on it."""


def progress(kits: int, parts: Iterable[tuple[int, Mapping[str, int]]]) -> dict[str, int]:
    """Kits by stage, each where its least advanced part stands; a kit of which a part was cancelled counts as cancelled.

    `parts` are (units in one kit, units by stage). The stages sum to `kits`; what comes back is counted beside them.
    """
    known = list(parts)

    def whole(stages: Sequence[str]) -> int:
        return min((sum(units.get(stage, 0) for stage in stages) // per_kit for per_kit, units in known), default=0)

    reached = [kits, *(whole(_WAY[index:]) for index in range(len(_WAY))), 0]
    at = {stage: here - past for stage, here, past in zip(("cancelled", *_WAY), reached[:-1], reached[1:], strict=True)}
    at |= {stage: whole((stage,)) for stage in RETURN_STAGES}
    return {stage: count for stage, count in at.items() if count}
