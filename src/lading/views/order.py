"""One order with everything that lives under it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

import asyncpg
from msgspec import Struct, structs

from lading.database import queries
from lading.database.pool import Transaction
from lading.orders import kits
from lading.terms.ledger import LINE_STAGES, RETURN_STAGES
from lading.terms.money import Money
from lading.views.edits import Edit, edit_of
from lading.views.holds import Hold, parts_of
from lading.views.notes import Note, note_of
from lading.views.order_money import (
    Charge,
    MoneySummary,
    Tender,
    charges_of,
    due_minor,
    money_of,
    price_text,
    promised,
    tax_of,
    tender_of,
)
from lading.views.order_parcels import Parcel, ParcelLine, Return, ReturnLine, crosses_customs
from lading.views.order_work import FulfillmentOrder, fulfillment_orders, units_of
from lading.views.pages import NotFound
from lading.views.possible import Facts, Possible, Stop, possible
from lading.views.words import progress

sql = queries.load(__file__)

LINE_UNITS = (*LINE_STAGES, *RETURN_STAGES)
ALLOCATION_UNITS = ("allocated", "released", "picked", "packed")
RETURN_UNITS = ("requested", "withdrawn", "received", "restocked", "damaged", "scrapped", "refunded")


class Named(Struct, frozen=True):
    """Something with a code and a name."""

    code: str
    name: str


class Person(Struct, frozen=True):
    """Who ordered, as known to this order. All fields but the id are None once they are erased."""

    id: UUID
    name: str | None
    email: str | None
    phone: str | None


class Address(Struct, frozen=True):
    """Where it goes."""

    country: str
    name: str | None
    company: str | None
    line1: str | None
    line2: str | None
    city: str | None
    region: str | None
    postal_code: str | None


class KitSold(Struct, frozen=True):
    """What the parts of a kit's line come to."""

    parts: list[int]
    """Their lines."""
    goods: Money
    total: Money
    """Goods and charges as ordered."""


class OrderLine(Struct, frozen=True):
    """Units of one product."""

    number: int
    sku: str
    name: str
    external_id: str | None
    ordered: int
    units: dict[str, int]
    """By stage; stages without any are left out. They sum to `ordered`, returns counted beside them.
    Of a kit: kits, each where its least advanced part stands."""
    unit_price: str
    """In the order's currency; may have more decimals than it."""
    goods: Money
    """Nothing on the line of a kit: its parts bear it."""
    charges: list[Charge]
    total: Money
    """Goods and charges as ordered."""
    refunded: int
    """Units whose money went back."""
    kit: KitSold | None = None
    """Where the line is a kit, which stands for its parts."""
    part_of: int | None = None
    """The line of the kit that it is a part of."""
    per_kit: int | None = None
    """Units in one kit."""
    instead_of: int | None = None
    """The line that it stands in for, as a substitute for cancelled units."""
    ship_complete: bool = False
    """All of its units go out together, or none."""
    attributes: dict[str, str] = {}
    added: bool = False
    """An edit brought it: the original total does not hold it."""
    ship_to: Address | None = None
    """Where it goes, where that is not where the order goes."""
    promised_at: datetime | None = None
    """When the units that wait will be there; None where none wait or nobody knows."""
    pickup: str | None = None
    """The location where the customer collects it; None where it is sent."""


class Allocation(Struct, frozen=True):
    """Units that a location gives, by how far they are; only what is still in the building."""

    number: int
    line: int
    sku: str
    location: str
    lot: str
    fulfillment_order: str | None
    """None until release."""
    units: dict[str, int]
    ship_on: date | None
    """The day on which they are to leave, by the schedule of the location; None where it has none."""


class Bought(Struct, frozen=True):
    """The company that ordered."""

    code: str
    name: str
    purchase_order: str | None
    """Its own number of the order."""
    terms_days: int | None
    """Days until it has to pay; None: at once."""
    due_on: date | None
    owed: Money
    """What nobody has paid or promised yet."""


class Related(Struct, frozen=True):
    """An order that units went to, or came from."""

    order: str
    how: str
    """split_into, split_from, merged_into or merged_from"""


class OrderDetail(Struct, frozen=True):
    """One order, whole."""

    id: UUID
    number: str
    version: int
    channel: Named
    external_reference: str | None
    placed_at: datetime
    ship_by: datetime | None
    queued_at: datetime
    currency: str
    priority: int
    ship_complete: bool
    """All of it goes out together, or nothing."""
    policy_version: int
    """Names all policies that it was placed under."""
    history: bool
    """Recorded after the fact."""
    stage: str
    lifecycle: str
    fulfillment_status: str
    payment_status: str
    progress: str
    units: dict[str, int]
    customer: Person | None
    ship_to: Address | None
    lines: list[OrderLine]
    charges: list[Charge]
    """Those that it was placed with."""
    added_charges: list[Charge]
    """Those that edits brought."""
    method: str | None
    """How it shall be sent, where somebody said so."""
    gift: bool
    """For somebody else: its packing slips bear no prices."""
    tax_exemption: str | None
    """Why no tax was calculated: a certificate, a VAT number."""
    language: str | None
    """The customer's, where the channel told it."""
    money: MoneySummary
    tenders: list[Tender]
    holds: list[Hold]
    related: list[Related]
    """Orders that units of it went to, or came from."""
    attributes: dict[str, str]
    """What is said of it beside, by the merchant's own attributes."""
    tags: list[str]
    notes: list[Note]
    """What people wrote on it, the oldest first."""
    edits: list[Edit]
    """Those that were prepared."""
    allocations: list[Allocation]
    fulfillment_orders: list[FulfillmentOrder]
    parcels: list[Parcel]
    returns: list[Return]
    possible: list[Possible]
    """What can be done now, and why the rest cannot."""
    company: Bought | None = None
    """Where a company bought it."""


async def find_order(tx: Transaction, ref: str) -> UUID:
    """The id of the order that a number, an id or a document's name means. Raises NotFound."""
    number = ref.removeprefix("#").partition("-")[0]
    if number.isascii() and number.isdigit() and len(ref) < 32 and len(number) <= 18:
        id_ = await tx.fetchval(sql.order_by_number, int(number))
    else:
        id_ = await tx.fetchval(sql.order_exists, _uuid(ref))
    if id_ is None:
        raise NotFound(f"There is no order {ref}.")
    return UUID(int=id_.int)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


async def order(tx: Transaction, ref: str) -> OrderDetail:
    """One order by number or id. Raises NotFound."""
    id_ = await find_order(tx, ref)
    head = await tx.fetchrow(sql.order_head, id_)
    assert head is not None
    rows = {name: await tx.fetch(getattr(sql, f"order_{name}"), id_) for name in _PARTS}
    return _assembled(head, rows)


_PARTS = (
    "lines",
    "charges",
    "tenders",
    "holds",
    "relations",
    "attributes",
    "notes",
    "edits",
    "allocations",
    "fulfillment_orders",
    "parcels",
    "parcel_lines",
    "returns",
    "return_lines",
)


def _assembled(head: asyncpg.Record, rows: dict[str, list[asyncpg.Record]]) -> OrderDetail:
    number, currency = str(head["number"]), head["currency"]
    said: dict[int, dict[str, str]] = {}
    for row in rows["attributes"]:
        said.setdefault(row["line_number"], {})[row["code"]] = row["value"]
    lines = _lines(rows["lines"], rows["charges"], currency, said)
    skus = {line.number: line.sku for line in lines}
    work = fulfillment_orders(number, rows["fulfillment_orders"], rows["holds"])
    parcels = _parcels(number, rows["parcels"], rows["parcel_lines"], skus, head["ship_country"])
    returns = _returns(number, rows["returns"], rows["return_lines"], skus, currency)
    holds = [Hold(*row) for row in rows["holds"]]
    every = {stage: head[stage] for stage in ("ordered", *LINE_UNITS)}
    edits = [edit_of(row, head["number"], head["version"]) for row in rows["edits"]]
    active = [Stop(hold.kind, hold.stops, parts_of(number, hold)) for hold in holds if hold.released_at is None]
    kept = head["captured_minor"] - head["refunded_minor"]
    facts = Facts(number, every, head["lifecycle"], active, due_minor(head), kept, work, parcels, returns,
                  promised(rows["tenders"]), sum(row["expected_minor"] for row in rows["tenders"]),
                  _waiting_whole(head["ship_complete"], lines), [each.edit for each in edits if each.status == "begun"],
                  sum(line.refunded for line in lines))  # fmt: skip
    return OrderDetail(
        **{name: head[name] for name in _AS_STORED},
        number=number,
        channel=Named(head["channel"] or "?", head["channel_name"] or "?"),
        progress=progress(head["stage"], head["lifecycle"], every),
        units=units_of(head, ("ordered", *LINE_UNITS)),
        customer=_customer(head),
        ship_to=ship_to_of(head),
        lines=lines,
        charges=charges_of(rows["charges"], {line.number for line in lines if line.instead_of}, currency),
        added_charges=charges_of(rows["charges"], (), currency, added=True),
        method=head["method"],
        gift=head["gift"],
        language=head["language"],
        tax_exemption=head["tax_exemption"],
        money=money_of(head),
        tenders=[tender_of(row, currency) for row in rows["tenders"]],
        holds=holds,
        related=[Related(str(row["number"]), row["how"]) for row in rows["relations"]],
        attributes=said.get(0, {}),
        tags=head["tags"],
        notes=[note_of(number, row) for row in rows["notes"]],
        edits=edits,
        allocations=[_allocation(number, row, skus) for row in rows["allocations"]],
        fulfillment_orders=work,
        parcels=parcels,
        returns=returns,
        possible=possible(facts),
        company=_company(head, currency),
    )


def _waiting_whole(everything: bool, lines: Sequence[OrderLine]) -> int:
    """Allocated units that are not released before others were found; of kits those of their parts."""
    waits = {
        line.part_of or line.number for line in lines if line.units.get("open", 0) + line.units.get("backordered", 0)
    }
    whole = {line.number for line in lines if line.ship_complete}
    return sum(
        line.units.get("allocated", 0)
        for line in lines
        if not line.kit and ((everything and waits) or (line.part_of or line.number) in waits & whole)
    )


def _company(head: asyncpg.Record, currency: str) -> Bought | None:
    if head["owed_minor"] is None:
        return None
    return Bought(
        head["company_code"] or "?", head["company_name"] or "?", head["purchase_order"], head["terms_days"], head["due_on"],
        Money.of_minor(head["owed_minor"], currency),
    )  # fmt: skip


_AS_STORED = (
    "id", "version", "external_reference", "placed_at", "ship_by", "queued_at", "currency", "priority", "ship_complete", "policy_version",
    "history",
    "stage", "lifecycle", "fulfillment_status", "payment_status",
)  # fmt: skip
"""Columns that the page shows as they stand in the order's row."""


def _customer(head: asyncpg.Record) -> Person | None:
    return Person(head["customer_id"], head["customer"], head["email"], head["phone"]) if head["customer_id"] else None


def ship_to_of(head: asyncpg.Record) -> Address | None:
    """Where it goes, of a row that tells that."""
    return Address(*(head[f"ship_{name}"] for name in Address.__struct_fields__)) if head["ship_country"] else None


def _allocation(number: str, row: asyncpg.Record, skus: Mapping[int, str]) -> Allocation:
    return Allocation(
        row["number"],
        row["line_number"],
        skus.get(row["line_number"], "?"),
        row["location"],
        row["lot"],
        f"{number}-F{row['fulfillment_order']}" if row["fulfillment_order"] else None,
        units_of(row, ALLOCATION_UNITS),
        row["ship_on"],
    )


def _lines(
    rows: Sequence[asyncpg.Record],
    charges: Sequence[asyncpg.Record],
    currency: str,
    said: Mapping[int, dict[str, str]],
) -> list[OrderLine]:
    borne: dict[int, list[Charge]] = {}
    sums: dict[int, int] = {}
    for row in charges:
        borne.setdefault(row["line_number"], []).append(
            Charge(row["number"], row["kind"], row["code"], Money.of_minor(row["amount_minor"], currency), *tax_of(row))
        )
        if not row["included"]:
            sums[row["line_number"]] = sums.get(row["line_number"], 0) + row["amount_minor"]
    plain = [
        OrderLine(
            row["number"],
            row["sku"] or "?",
            row["name"] or "?",
            row["external_id"],
            row["ordered"],
            units_of(row, LINE_UNITS),
            price_text(row["unit_price"], currency),
            Money.of_minor(row["goods_minor"], currency),
            borne.get(row["number"], []),
            Money.of_minor(row["goods_minor"] + sums.get(row["number"], 0), currency),
            row["refunded"],
            part_of=row["part_of"],
            per_kit=row["per_kit"],
            instead_of=row["instead_of"],
            ship_complete=row["ship_complete"],
            attributes=said.get(row["number"], {}),
            added=row["added"],
            ship_to=ship_to_of(row),
            promised_at=row["promised_at"],
            pickup=row["pickup"],
        )
        for row in rows
    ]
    its = {row["number"]: [line for line in plain if line.part_of == row["number"]] for row in rows if row["is_kit"]}
    if not its:
        return plain
    lines = [_kit(line, its[line.number], currency) if line.number in its else line for line in plain]
    return sorted(lines, key=lambda line: (line.part_of or line.number, line.number))


def _kit(line: OrderLine, parts: Sequence[OrderLine], currency: str) -> OrderLine:
    """A kit as the customer bought it: how far its parts are, and what they cost together."""
    goods, total = (
        Money.of_minor(sum(minors), currency)
        for minors in zip(*((part.goods.minor, part.total.minor) for part in parts), strict=True)
    )
    units = kits.progress(line.ordered, ((part.per_kit or 1, part.units) for part in parts))
    sold = KitSold([part.number for part in parts], goods, total)
    return structs.replace(line, units=units, kit=sold)


def _parcels(
    number: str,
    rows: Sequence[asyncpg.Record],
    lines: Sequence[asyncpg.Record],
    skus: dict[int, str],
    country: str | None,
) -> list[Parcel]:
    inside: dict[int, dict[int, int]] = {}
    for row in lines:
        content = inside.setdefault(row["parcel"], {})
        content[row["line_number"]] = content.get(row["line_number"], 0) + row["quantity"]
    return [
        Parcel(
            f"{number}-P{row['number']}",
            f"{number}-F{row['fulfillment_order']}",
            row["location"],
            "ready_for_pickup" if row["ready"] else row["status"],
            row["status_at"],
            row["carrier"],
            row["tracking_number"],
            row["weight_grams"],
            row["carton"],
            row["sscc"],
            row["packed_at"],
            row["shipped_at"],
            row["delivered_at"],
            [
                ParcelLine(line, skus.get(line, "?"), quantity)
                for line, quantity in inside.get(row["number"], {}).items()
            ],
            row["pickup"],
            row["collect_by"],
            crosses_customs(row["from_country"], row["to_country"] or country),
        )
        for row in rows
    ]


def _returns(
    number: str, rows: Sequence[asyncpg.Record], lines: Sequence[asyncpg.Record], skus: dict[int, str], currency: str
) -> list[Return]:
    inside: dict[int, list[ReturnLine]] = {}
    for row in lines:
        inside.setdefault(row["return_number"], []).append(
            ReturnLine(
                row["line_number"],
                skus.get(row["line_number"], "?"),
                row["location"],
                units_of(row, RETURN_UNITS),
                Money.of_minor(row["refunded_minor"], currency),
            )
        )
    return [
        Return(
            f"{number}-R{row['number']}",
            row["reference"],
            row["reason"],
            row["requested_at"],
            row["closed_at"],
            inside.get(row["number"], []),
        )
        for row in rows
    ]
