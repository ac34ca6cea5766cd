"""Waves as rules see them."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from lading.terms.documents import number_or_id

STATUSES = {
    "planned": "It is known which fulfillment orders are in it; nobody picks them yet.",
    "released": "Its pick lists can be walked.",
    "closed": "It is over; what was not picked waits for another wave.",
    "cancelled": "Nothing came of it.",
}
"""As the row's generated column says it."""

METHODS = {
    "single": "One fulfillment order a walk.",
    "batch": "Several fulfillment orders a walk, sorted apart afterwards.",
    "cluster": "Several fulfillment orders a walk, each into a box of its own on the cart.",
    "zone": "One aisle a walk, for all fulfillment orders; they come together at the bench.",
}


@dataclass(slots=True)
class Member:
    """A fulfillment order in a wave."""

    order_id: UUID
    fulfillment_order: int


@dataclass(slots=True)
class PickTask:
    """Units of one allocation that somebody takes out of one bin."""

    number: int
    """In the order of the walk, over all lists of the wave."""
    list: int
    slot: int
    """Which box on the cart."""
    order_id: UUID
    fulfillment_order: int
    allocation: int
    line_number: int
    sku_id: UUID
    location_id: UUID
    lot: str
    bin: str | None
    """None: on the floor."""
    quantity: int
    picked: int = 0
    short: int = 0
    given_up: int = 0
    """What was left when the wave ended."""
    wave_id: UUID = field(default=UUID(int=0))

    @property
    def left(self) -> int:
        """Units of which nobody has said anything; the order may have given them up meanwhile."""
        return self.quantity - self.picked - self.short - self.given_up


@dataclass(slots=True)
class PickList:
    """What one picker does in one walk."""

    number: int
    zone: str | None
    units: int
    route_cm: int | None = None
    s_shape_cm: int | None = None
    picker: str | None = None
    """kind:id of a user or key; None: nobody walks it."""
    wave_id: UUID = field(default=UUID(int=0))


@dataclass(slots=True)
class Wave:
    """Its row's lock guards its lists; who picks shares it, who ends the wave has it alone."""

    id: UUID
    number: int
    reference: str | None
    location_id: UUID
    method: str
    orders: int
    units: int
    planned_at: datetime
    released_at: datetime | None = None
    closed_at: datetime | None = None
    cancelled_at: datetime | None = None
    version: int = 1
    members: list[Member] = field(default_factory=list)
    """Where they were asked for."""
    lists: dict[int, PickList] = field(default_factory=dict)
    tasks: list[PickTask] = field(default_factory=list)
    """Where they were asked for."""
    stored: bool = True
    is_born: bool = False
    """Its lists and tasks are new."""

    @property
    def name(self) -> str:
        """WV1044"""
        return f"WV{self.number}"

    @property
    def status(self) -> str:
        """As the row's generated column has it."""
        if self.cancelled_at:
            return "cancelled"
        if self.closed_at:
            return "closed"
        return "released" if self.released_at else "planned"

    @property
    def is_over(self) -> bool:
        """Whether its fulfillment orders may be in another wave."""
        return self.status in ("closed", "cancelled")


@dataclass(slots=True)
class Waves:
    """The waves that a batch names."""

    by_key: dict[int | UUID, Wave] = field(default_factory=dict)
    """By number and by id."""

    def find(self, ref: str) -> Wave | None:
        """The wave that WV1044, its id, or the name of a list or task of it (WV1044-L1) means."""
        key = number_or_id(wave_ref(ref), "WV")
        return None if key is None else self.by_key.get(key)

    def all(self) -> list[Wave]:
        """Each once."""
        return list({wave.id: wave for wave in self.by_key.values()}.values())


def wave_ref(ref: str) -> str:
    """WV1044 for WV1044, WV1044-L1 and WV1044-T3."""
    return ref.partition("-")[0] if ref[:2] == "WV" else ref


def part_number(ref: str) -> int:
    """The number in WV1044-L1 or WV1044-T3; 0 where there is none."""
    digits = ref.partition("-")[2][1:]
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 9 else 0


class Candidate(NamedTuple):
    """A fulfillment order that waits to be picked and is in no wave."""

    order_id: UUID
    fulfillment_order: int
    order_number: int
    location_id: UUID
    priority: int
    released_at: datetime
    units: int
    ship_on: date | None
    ship_by: datetime | None
    method: str | None
    is_held: bool = False
    wave: int | None = None
    """The number of the open wave that has it."""

    @property
    def name(self) -> str:
        """1042-F1"""
        return f"{self.order_number}-F{self.fulfillment_order}"


class ToPick(NamedTuple):
    """Units of an allocation of a wave that wait on the shelf."""

    wave_id: UUID
    member: int
    order_id: UUID
    fulfillment_order: int
    allocation: int
    line_number: int
    sku_id: UUID
    location_id: UUID
    lot: str
    units: int


Place = tuple[str | None, int, str | None, int | None]
"""(bin, its sequence, aisle, position down the aisle); the floor has no bin."""
