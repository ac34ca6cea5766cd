"""What orders and reservations that name kits take from shelves: the parts of the kits."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol
from uuid import UUID

from msgspec import structs

from lading.catalog.policies import Policies
from lading.catalog.types import Component, Network, Sku
from lading.journal.types import Decision, refused
from lading.orders import kits
from lading.orders.commands import UNITS_MAX, PlaceOrder
from lading.orders.kits import Part
from lading.sourcing.rules import ORDER, Sourcing, Want

PARTS_MAX = 10_000
TOO_MANY_PARTS = (
    "too_many_parts",
    "With the parts of its kits the order has {lines} {lines:line|lines} of {units} in all; {lines_max} and {units_max} are allowed.",
)


class AskedLine(Protocol):
    """Units of a product."""

    @property
    def sku(self) -> str: ...
    @property
    def quantity(self) -> int: ...


class Asks(Protocol):
    """A command that asks for products."""

    @property
    def lines(self) -> Sequence[AskedLine]: ...
    @property
    def channel(self) -> str | None: ...


class Knows(Protocol):
    """What is known of products and kits."""

    @property
    def skus(self) -> Mapping[str, Sku]: ...
    @property
    def kits(self) -> Mapping[UUID, Sequence[Component]]: ...
    @property
    def network(self) -> Network: ...
    @property
    def policies(self) -> Policies: ...


def refuse(command: Asks, world: Knows) -> Decision | None:
    """An order is bounded with the parts of its kits as it is without them; stocked kits count as if they were put together."""
    lines, units = len(command.lines), 0
    for line in command.lines:
        components = world.kits.get(world.skus[line.sku].id, ())
        lines += len(components)
        units += line.quantity * max(1, sum(component.per_kit for component in components))
    if lines > PARTS_MAX or units > UNITS_MAX:
        return refused(TOO_MANY_PARTS, "/lines", lines=lines, units=units, lines_max=PARTS_MAX, units_max=UNITS_MAX)
    return None


def parts_of(command: Asks, world: Knows, assembled: Collection[int] = ()) -> list[Part]:
    """The parts of the command's kits; those sold from stock have none unless their line is named."""
    if not world.kits:
        return []
    taken_apart: dict[int, tuple[int, Sequence[Component]]] = {}
    for number, line in enumerate(command.lines, 1):
        sku = world.skus.get(line.sku)
        components = world.kits.get(sku.id) if sku else None
        if sku and components and (sku.kit == "on_demand" or number in assembled):
            taken_apart[number] = line.quantity, components
    return kits.parts_of(len(command.lines), taken_apart)


def wants_of(command: Asks, world: Knows, assembled: Collection[int] = ()) -> list[Want]:
    """What the order takes from shelves: its lines, of kits their parts. A kit stays whole unless policies let it go in parts."""
    wants = [Want(number, world.skus[line.sku].id, line.quantity) for number, line in enumerate(command.lines, 1)]
    parts = parts_of(command, world, assembled)
    if not parts:
        return _going_whole(command, wants, {})
    apart = {part.part_of for part in parts}
    channel_id = world.network.channels.get(command.channel) if command.channel else None
    whole = {
        number: not world.policies.value("kits_in_parts", channel=channel_id, sku=wants[number - 1].sku_id)
        for number in apart
    }
    wants = [want for want in wants if want.line_number not in apart] + [
        Want(part.number, part.sku_id, part.quantity, part.part_of if whole[part.part_of] else 0, part.per_kit)
        for part in parts
    ]
    return _going_whole(command, wants, {part.number: part.part_of for part in parts})


def _going_whole(command: Asks, wants: list[Want], sold_as: Mapping[int, int]) -> list[Want]:
    """The wants with what they go together with, where an order, or a line of it, goes out whole."""
    if not isinstance(command, PlaceOrder) or not command.goes_whole:
        return wants
    if command.ship_complete:
        return [structs.replace(want, whole=ORDER) for want in wants]
    lines = {number for number, line in enumerate(command.lines, 1) if line.ship_complete}
    sold = [sold_as.get(want.line_number, want.line_number) for want in wants]
    return [
        structs.replace(want, whole=number) if number in lines else want
        for want, number in zip(wants, sold, strict=True)
    ]


def short_as_sold(sourcing: Sourcing, command: Asks, world: Knows) -> Mapping[int, int]:
    """What is missing by line of the command: units, of kits the kits that lack a part."""
    if not world.kits:
        return sourcing.short
    parts = {part.number: part for part in parts_of(command, world, sourcing.assembled)}
    short: dict[int, int] = {}
    for line_number, units in sourcing.short.items():
        part = parts.get(line_number)
        number, missing = (part.part_of, -(-units // part.per_kit)) if part else (line_number, units)
        short[number] = max(short.get(number, 0), missing)
    return short
