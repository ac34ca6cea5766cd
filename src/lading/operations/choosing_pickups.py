"""Choosing stock for orders whose lines do not all go to one place.

Those that customers collect come from where they are collected, and from nowhere else; those that go to another address are looked for
by themselves, as the rules say of that address.

Where a location lets others send what it lacks, the rest comes from there, and is sent to it first.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from lading.inventory.types import Ended, ReservationLine
from lading.operations import choosing_stock, limiting
from lading.operations.choosing_stock import Chosen, Stock
from lading.orders.types import Line
from lading.sourcing.plans import Asked
from lading.sourcing.rules import ORDER, Want, use_up

Places = Mapping[int, UUID]
"""Where lines are collected, by their numbers."""


def places_of(lines: Mapping[int, Line]) -> dict[int, UUID]:
    """Of an order."""
    return {number: line.pickup_at for number, line in lines.items() if line.pickup_at}


def choose(
    wants: Sequence[Want],
    places: Places,
    stock: Stock,
    channel_id: UUID | None,
    own: Sequence[ReservationLine] = (),
    *,
    order_id: UUID | None = None,
    without: Collection[UUID] = (),
    asked: Asked | None = None,
) -> Chosen:
    """As `choosing_stock.choose`, part by part: what each place gives is gone for the next part; the stock stays as it is."""
    found = Chosen(reason="one_location")
    left = _apart(wants, stock)
    sent = [want for want in wants if want.line_number not in places]
    claims, rest = [line for line in own if line.is_claim], [line for line in own if not line.is_claim]
    for place in sorted(set(places.values())):
        part = [want for want in wants if places.get(want.line_number) == place]
        mine = [line for line in rest if line.key[1] == place]
        rest = [line for line in rest if line not in mine]
        if not sent:
            mine, claims = [*mine, *claims], []
        here = left if place not in without else replace(left, supplies={})
        chosen = choosing_stock.choose(part, here, channel_id, mine, order_id=order_id, only=place)
        _add(found, chosen, left, channel_id)
        missing = _missing(part, chosen)
        if missing and stock.policies.value("ship_to_store", location=place):
            others = frozenset({place, *without})
            chosen = choosing_stock.choose(missing, left, channel_id, order_id=order_id, without=others, asked=asked)
            for number in {want.line_number for want in missing}:
                found.short.pop(number, None)
            _add(found, chosen, left, channel_id)
    mine = [*rest, *claims]
    for those, known in _by_address(sent, asked):
        chosen = choosing_stock.choose(those, left, channel_id, mine, order_id=order_id, without=without, asked=known)
        mine = []
        _add(found, chosen, left, channel_id)
    if not sent:
        found.ended += [Ended(line, "released", line.quantity) for line in rest]
    found.reason = "short" if found.short else found.reason
    return found


def _by_address(sent: Sequence[Want], asked: Asked | None) -> list[tuple[Sequence[Want], Asked | None]]:
    """What goes to each address; what goes out with all of the order is looked for with all of it."""
    if asked is None or not asked.elsewhere or any(want.whole == ORDER for want in sent):
        return [(sent, asked)] if sent else []
    parts: list[tuple[Sequence[Want], Asked | None]] = []
    for numbers, known in asked.apart:
        parts.append(([want for want in sent if want.line_number in numbers], known))
    others = {number for number, *_ in asked.elsewhere}
    parts.append(([want for want in sent if want.line_number not in others], asked._replace(elsewhere=())))
    return [(part, known) for part, known in parts if part]


def _apart(wants: Sequence[Want], stock: Stock) -> Stock:
    """The stock of what is wanted, to be used up by this order alone."""
    sku_ids = {want.sku_id for want in wants}
    supplies = {sku_id: [shelf.copy() for shelf in stock.supplies.get(sku_id, ())] for sku_id in sku_ids}
    allowances = {sku_id: each.copy() for sku_id, each in stock.allowances.items()}
    return replace(stock, supplies=supplies, allowances=allowances)


def _add(found: Chosen, chosen: Chosen, left: Stock, channel_id: UUID | None) -> None:
    takes = [take for take in chosen.takes if take.bucket == "available"]
    use_up(takes, left.supplies)
    if left.allowances:
        limiting.grant(takes, (), left.allowances, channel_id)
    found.takes += chosen.takes
    found.short |= chosen.short
    found.ended += chosen.ended
    found.ship_on |= chosen.ship_on
    found.booked += chosen.booked
    found.reason = chosen.reason if len({take.location_id for take in found.takes}) <= 1 else "several_locations"


def _missing(part: Sequence[Want], chosen: Chosen) -> list[Want]:
    """What is left to be found of lines; kits that lack a part are left as they are."""
    given: dict[int, int] = {}
    for take in chosen.takes:
        given[take.line_number] = given.get(take.line_number, 0) + take.quantity
    return [
        Want(want.line_number, want.sku_id, want.quantity - given.get(want.line_number, 0))
        for want in part
        if want.quantity > given.get(want.line_number, 0)
    ]
