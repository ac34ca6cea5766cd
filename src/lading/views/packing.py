"""Cartons, what carriers ask, and which cartons a fulfillment order goes into."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

import asyncpg
from msgspec import Meta, Struct

from lading.database import queries
from lading.database.pool import Transaction
from lading.packing import choosing
from lading.packing import store as packing
from lading.packing import types as packed
from lading.packing.checking import faults
from lading.packing.types import FREE, Parcel, Piece, Tariff, rate_to
from lading.terms.fields import DocumentRef
from lading.terms.money import Money
from lading.views.order import find_order
from lading.views.pages import NotFound

sql = queries.load(__file__)

PIECES_MAX = 500
"""So many units are laid into cartons; of more nobody proposes anything."""


class Size(Struct, frozen=True):
    """In millimetres; its height points upwards."""

    length_mm: int
    width_mm: int
    height_mm: int


class Carton(Struct, frozen=True):
    """A kind of carton."""

    code: str
    name: str
    inner: Size
    outer: Size
    tare_grams: int
    max_grams: int
    cost: Money
    active: bool


class Cartons(Struct, frozen=True):
    """All of them, by code."""

    items: list[Carton]


class NoQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """A question without parameters."""


class RateStep(Struct, frozen=True):
    """What a parcel costs that weighs no more."""

    up_to_grams: int
    price: Money


class ParcelRate(Struct, frozen=True):
    """What a carrier asks."""

    code: str
    name: str
    countries: list[str]
    """Where to; none: wherever no other table says."""
    mm3_per_gram: int | None
    """Volume that counts as a gram; None: only the scales count."""
    steps: list[RateStep]
    active: bool


class ParcelRates(Struct, frozen=True):
    """All tables, by code."""

    items: list[ParcelRate]


class ProposedPiece(Struct, frozen=True):
    """Where one unit lies in its carton: its corner, from the left, from the back and from the floor, and its size as it is turned."""

    line: int
    sku: str
    x_mm: int
    y_mm: int
    z_mm: int
    length_mm: int
    width_mm: int
    height_mm: int


class ProposedLine(Struct, frozen=True):
    """Units of a line in a parcel."""

    line: int
    sku: str
    name: str
    quantity: int


class ProposedParcel(Struct, frozen=True):
    """A carton with what lies in it."""

    carton: str | None
    """None: one unit that no carton holds, under a label of its own."""
    inner: Size
    outer: Size
    weight_grams: int
    """With the carton; what nobody weighed counts nothing."""
    billed_grams: int
    """What the carrier counts: the weight, or the volume as weight."""
    cost: Money
    """Carton and carrier."""
    filled_percent: int
    lines: list[ProposedLine]
    pieces: list[ProposedPiece]
    """In the order in which they are laid down."""


class NamedUnits(Struct, frozen=True):
    """Units of a line that have serial numbers."""

    line: int
    serials: list[str]


class Proposal(Struct, frozen=True):
    """How a fulfillment order may be packed."""

    fulfillment_order: str
    stage: str
    """Of the units: picked, or (before the pick) released."""
    parcels: list[ProposedParcel]
    cost: Money | None
    """Of all parcels; None where there is none."""
    proven: bool
    """No packing costs less."""
    costs_at_least: Money | None
    """No packing costs less than this."""
    rate: str | None
    """The table of rates; None where no table is for that country: only the cartons count."""
    left: list[ProposedLine]
    """What goes into no carton: too large or too heavy for all, or nobody said what it measures."""
    named: list[NamedUnits]
    """Of products with serial numbers: the units that are picked, and are named when they are packed."""


class ProposalQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Of which fulfillment order."""

    fulfillment_order: Annotated[DocumentRef, Meta(description="1042-F1")]


async def cartons(tx: Transaction, _: NoQuery) -> Cartons:
    """All cartons."""
    rows = await packing.read_cartons(tx, None)
    return Cartons(
        [
            Carton(
                row.code, row.name, Size(*row.inner), Size(*row.outer), row.tare_grams, row.max_grams,
                Money.of_minor(row.cost_minor, row.currency), row.active,
            )
            for row in rows.values()
        ]
    )  # fmt: skip


async def parcel_rates(tx: Transaction, _: NoQuery) -> ParcelRates:
    """All tables of rates."""
    rows = await packing.read_rates(tx, None)
    return ParcelRates(
        [
            ParcelRate(
                row.code, row.name, row.countries, row.mm3_per_gram,
                [
                    RateStep(grams, Money.of_minor(price, row.currency))
                    for grams, price in zip(row.up_to_grams, row.price_minor, strict=True)
                ],
                row.active,
            )
            for row in rows.values()
        ]
    )  # fmt: skip


async def proposal(tx: Transaction, query: ProposalQuery) -> Proposal:
    """The cheapest cartons for what is picked, or else for what is to be picked. Raises NotFound."""
    order_id = await find_order(tx, query.fulfillment_order)
    kind, number = query.fulfillment_order.partition("-")[2][:1], query.fulfillment_order.partition("-")[2][1:]
    rows = await tx.fetch(sql.to_pack, order_id, int(number)) if kind == "F" and len(number) < 5 else []
    if not rows:
        raise NotFound(f"There is no fulfillment order {query.fulfillment_order}.")
    stage = "picked" if any(row["picked"] for row in rows) else "released"
    units = sum(row[stage] for row in rows)
    if units > PIECES_MAX:
        raise NotFound(f"{units} units are too many for a proposal: at most {PIECES_MAX} are laid into cartons.")
    rates = await packing.read_rates(tx, None)
    rate = rate_to(rows[0]["country"], rates.values())
    active = [row for row in (await packing.read_cartons(tx, None)).values() if row.active]
    currency = rate.currency if rate else active[0].currency if active else ""
    known = [row.carton() for row in active if row.currency == currency]
    pieces: list[Piece] = []
    of: list[asyncpg.Record] = []
    left: list[ProposedLine] = []
    for row in rows:
        count = row[stage]
        if count and (not known or None in (row["length_mm"], row["width_mm"], row["height_mm"])):
            left.append(ProposedLine(row["line_number"], row["sku"], row["name"], count))
        else:
            pieces += [_piece(row)] * count
            of += [row] * count
    tariff = rate.tariff() if rate else FREE
    found = await asyncio.to_thread(_checked, pieces, known, tariff)
    left += _lines(found.left, of)
    named = await tx.fetch(sql.serials_to_pack, order_id, int(number))
    return Proposal(
        query.fulfillment_order,
        stage,
        [_parcel(each, pieces, of, currency) for each in found.parcels],
        Money.of_minor(found.cost_minor, currency) if found.parcels else None,
        found.proven,
        Money.of_minor(found.bound_minor, currency) if found.parcels else None,
        rate.code if rate else None,
        left,
        [NamedUnits(*row) for row in named],
    )


def _checked(pieces: Sequence[Piece], cartons: Sequence[packed.Carton], tariff: Tariff) -> packed.Packing:
    """The packing, looked through by somebody who had no part in it. Raises RuntimeError: a bug, and nobody is told to pack so."""
    found = choosing.choose(pieces, cartons, tariff)
    if wrong := faults(found, pieces, tariff):
        raise RuntimeError(f"a packing that cannot be packed: {wrong[0]}")
    return found


def _piece(row: asyncpg.Record) -> Piece:
    size = (row["length_mm"], row["width_mm"], row["height_mm"])
    return Piece(size, row["weight_grams"] or 0, row["upright"], row["fragile"], row["keep_apart"])


def _lines(numbers: Sequence[int], of: Sequence[asyncpg.Record]) -> list[ProposedLine]:
    counted: dict[int, int] = {}
    for number in numbers:
        counted[of[number]["line_number"]] = counted.get(of[number]["line_number"], 0) + 1
    rows = {row["line_number"]: row for row in of}
    return [ProposedLine(line, rows[line]["sku"], rows[line]["name"], count) for line, count in sorted(counted.items())]


def _parcel(parcel: Parcel, pieces: Sequence[Piece], of: Sequence[asyncpg.Record], currency: str) -> ProposedParcel:
    carton = parcel.carton
    laid = sorted(parcel.placed, key=lambda each: (each.at[2], each.at[1], each.at[0]))
    inner = carton.inner if carton else laid[0].size
    outer = carton.outer if carton else inner
    filled = sum(each.size[0] * each.size[1] * each.size[2] for each in laid)
    return ProposedParcel(
        carton.code if carton else None, Size(*inner), Size(*outer), parcel.weight_grams, parcel.billed_grams,
        Money.of_minor(parcel.cost_minor, currency), 100 * filled // (inner[0] * inner[1] * inner[2]),
        _lines([each.piece for each in laid], of),
        [ProposedPiece(of[each.piece]["line_number"], of[each.piece]["sku"], *each.at, *each.size) for each in laid],
    )  # fmt: skip
