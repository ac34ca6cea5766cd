"""The orders that customers of the seeded merchant wish for, and the fate of each. Pure, from one random number."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any, Literal

from lading.entrypoints.seed.people import COUNTRIES, Person
from lading.entrypoints.seed.wares import (
    BACKORDERED,
    CHANNELS,
    IN_HAMBURG,
    PRODUCTS,
    SERIALS,
    WARES,
    Channel,
    Ware,
    price_minor,
)
from lading.kernel import money

DAYS = 24
ORDERS = 300


def hours(count: float) -> timedelta:
    """So many hours."""
    return timedelta(hours=count)


def before_end(count: float) -> timedelta:
    """So many hours before the end, counted from the start."""
    return timedelta(days=DAYS) - hours(count)


Stop = Literal["never", "before_release", "before_pick", "half_picked", "before_pack", "before_ship", "one_delivered"]
Returned = Literal["no", "requested", "received", "restocked", "refunded", "scrapped"]


@dataclass(slots=True, frozen=True)
class Fate:
    """What becomes of an order; an ordinary one is sent in one go and arrives."""

    stop: Stop = "never"
    """Where work on it has come to; it stays there."""
    suspicious: bool = False
    """Somebody holds it for review."""
    lifted: bool = True
    """Holds are lifted after some hours; otherwise they stand."""
    cancelled: Literal["no", "some", "all"] = "no"
    short: bool = False
    """A unit is not on the shelf."""
    looked_again: bool = True
    """What was short is looked for elsewhere."""
    parcels: int = 1
    mishap: Literal["", "failed_attempt", "lost", "returned_to_sender"] = ""
    returned: Returned = "no"


@dataclass(slots=True)
class Wish:
    """An order as its channel sends it."""

    placed_at: datetime
    command: dict[str, Any]
    fate: Fate = field(default_factory=Fate)
    serials: list[str] = field(default_factory=list)
    """Which units of its first line are taken, where they have numbers."""

    def quantity(self, line: int) -> int:
        """Units of a line, counted from 1."""
        return int(self.command["lines"][line - 1]["quantity"])

    @property
    def lines(self) -> int:
        """How many lines it has."""
        return len(self.command["lines"])


SHOWN: list[tuple[float, Fate]] = [
    *((hours, Fate(suspicious=True, lifted=False)) for hours in (3, 9, 30, 52)),
    *((hours, Fate(stop="before_release")) for hours in (2, 4, 7, 11, 20)),
    *((hours, Fate(stop="before_pick")) for hours in (10, 16, 22, 27, 34, 41)),
    *((hours, Fate(stop="half_picked")) for hours in (18, 25, 33)),
    *((hours, Fate(stop="before_pack")) for hours in (19, 24, 38)),
    *((hours, Fate(stop="before_ship")) for hours in (21, 29, 36, 47)),
    *((hours, Fate(stop="one_delivered", parcels=2)) for hours in (110, 134, 170)),
    *((hours, Fate(short=True, looked_again=False)) for hours in (26, 44, 70)),
    *((hours, Fate(short=True)) for hours in (90, 150, 260)),
    *((hours, Fate(cancelled="all")) for hours in (6, 40, 120, 300)),
    *((hours, Fate(cancelled="some")) for hours in (60, 140, 220, 380)),
    *((hours, Fate(returned="requested")) for hours in (230, 260, 290, 330)),
    *((hours, Fate(returned="received")) for hours in (340, 370, 400)),
    *((hours, Fate(returned="restocked")) for hours in (380, 420)),
    *((hours, Fate(returned="refunded")) for hours in (390, 430, 470, 510, 540)),
    *((hours, Fate(returned="scrapped")) for hours in (410, 500)),
    *((hours, Fate(mishap="failed_attempt")) for hours in (130, 200, 310)),
    (280, Fate(mishap="lost")),
    (320, Fate(mishap="returned_to_sender")),
]
"""(age in hours, fate) of orders that show what can happen; all others are ordinary."""


MORE: list[tuple[float, dict[str, int], Fate]] = [
    (390, {"TEA-SENCHA": 2}, Fate()),
    (250, {"TEA-SENCHA": 1, "MUG-SAND": 2}, Fate()),
    (35, {"TEA-SENCHA": 3}, Fate(stop="before_pick")),
    (300, {"WATCH-FIELD": 1}, Fate()),
    (260, {"WATCH-FIELD": 1}, Fate(returned="requested")),
    (14, {"WATCH-FIELD": 1}, Fate(stop="before_release")),
    (340, {"SET-TABLE": 1}, Fate()),
    (44, {"SET-TABLE": 2}, Fate(stop="before_pick")),
    (210, {"BOX-CAMP": 1}, Fate()),
    (13, {"BOX-CAMP": 2}, Fate(stop="before_release")),
    (80, {"JACKET-RAIN": 2}, Fate(stop="before_release")),
    (62, {"JACKET-RAIN": 3}, Fate(stop="before_release")),
    (28, {"JACKET-RAIN": 2, "SCARF-MERINO": 1}, Fate(stop="before_release")),
]
"""(age in hours, basket, fate) of orders in the web shop for products that none of the others choose."""


def wishes(rng: Random, people: dict[str, list[Person]], start: datetime) -> list[Wish]:
    """All orders, the oldest first; more of them towards the end, for business is growing."""
    end = start + timedelta(days=DAYS)
    ages = [(hours, fate) for hours, fate in SHOWN]
    ages += [(1 + 24 * (DAYS - 1) * rng.random() ** 1.8, Fate()) for _ in range(ORDERS - len(SHOWN))]
    placed = sorted(
        (end - timedelta(seconds=round(hours * 3600) + rng.randrange(1800)), index)
        for index, (hours, _) in enumerate(ages)
    )
    return [_wish(rng, people, number, at, ages[index][1]) for number, (at, index) in enumerate(placed, 1)]


def more_wishes(rng: Random, people: dict[str, list[Person]], start: datetime) -> list[Wish]:
    """The orders for what the others do not choose."""
    wares, serials = {ware.sku: ware for ware in PRODUCTS}, iter(SERIALS)
    (web,) = (channel for channel in CHANNELS if channel.code == "web")
    found = []
    for number, (age, basket, fate) in enumerate(MORE, ORDERS + 1):
        at = start + before_end(age)
        command = _command(rng, web, [(wares[sku], quantity) for sku, quantity in basket.items()], paid=True)
        command |= _heading(web, number, at, rng.choice(people[COUNTRIES["web"]]))
        found.append(Wish(at, command, fate, [next(serials)] if "WATCH-FIELD" in basket else []))
    return found


def _heading(channel: Channel, number: int, at: datetime, person: Person) -> dict[str, Any]:
    """Who orders when, and where it goes."""
    return {
        "external_reference": f"{channel.code[0].upper()}-{20000 + number}",
        "placed_at": at.isoformat(),
        "ship_by": (at + timedelta(days=2)).isoformat(),
        "customer": person.customer,
        "ship_to": person.ship_to,
    }


def _wish(rng: Random, people: dict[str, list[Person]], number: int, at: datetime, fate: Fate) -> Wish:
    ordinary = fate == Fate()
    (channel,) = rng.choices(CHANNELS, [each.share for each in CHANNELS])
    person = rng.choice(people[COUNTRIES[channel.code]])
    chosen = _chosen(rng, rng.choice((1, 1, 2, 2, 3, 4)), WARES) if ordinary else _chosen(rng, 2, IN_HAMBURG)
    if ordinary and rng.randrange(14) == 0:
        chosen[0] = rng.choice([ware for ware in WARES if ware.sku in BACKORDERED])
    quantities = [rng.choice((1, 1, 1, 2, 2, 3)) for _ in chosen]
    if not ordinary:
        quantities[0] = 5 if fate.stop == "half_picked" else 3
    command = _command(
        rng, channel, list(zip(chosen, quantities, strict=True)), paid=not ordinary or rng.random() < 0.93
    )
    command |= _heading(channel, number, at, person)
    if ordinary and rng.randrange(60) == 0:
        del command["ship_to"]
    return Wish(at, command, fate)


def _chosen(rng: Random, count: int, among: Sequence[Ware]) -> list[Ware]:
    """Different wares, by demand; none of those that sell out."""
    wares = [ware for ware in among if ware.sku not in BACKORDERED]
    return list({ware.sku: ware for ware in rng.choices(wares, [ware.demand for ware in wares], k=count + 2)}.values())[
        :count
    ]


def _command(rng: Random, channel: Channel, basket: list[tuple[Ware, int]], *, paid: bool) -> dict[str, Any]:
    """Lines, charges and the payment that the channel took; some pay later, by invoice."""
    currency, goods_minor = channel.currency, 0
    lines = []
    for ware, quantity in basket:
        price = price_minor(ware, currency)
        goods_minor += price * quantity
        lines.append({"sku": ware.sku, "quantity": quantity, "unit_price": _money(price, currency)})
    charges = []
    if goods_minor < channel.free_from_minor:
        charges.append(("shipping", "standard", channel.shipping_minor))
    if rng.randrange(8) == 0:
        charges.append(("discount", "WELCOME10", -(goods_minor // 10)))
    if channel.tax_percent:
        net = goods_minor + sum(amount for _, _, amount in charges)
        charges.append(("tax", f"VAT{channel.tax_percent}", net * channel.tax_percent // 100))
    total = goods_minor + sum(amount for _, _, amount in charges)
    command: dict[str, Any] = {
        "channel": channel.code, "currency": currency, "lines": lines,
        "charges": [{"kind": kind, "code": code, "amount": _money(amount, currency)} for kind, code, amount in charges],
    }  # fmt: skip
    if paid:
        command["tenders"] = [{"amount": _money(total, currency), "reference": f"pay_{rng.randrange(16**8):08x}"}]
    return command


def _money(minor: int, currency: str) -> dict[str, str]:
    return {"amount": money.from_minor(minor, money.exponent(currency) or 0), "currency": currency}
