"""Issue invoices: bill an order up to what is to be billed by now, and take off what came back or was cancelled since."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from lading.catalog import store as catalog
from lading.catalog.policies import Policies
from lading.database.pool import Transaction
from lading.invoices import rules
from lading.invoices import store as invoices
from lading.invoices.commands import IssueInvoices
from lading.invoices.rules import Draft
from lading.invoices.store import SeriesKey
from lading.invoices.types import (
    CREDIT_NOTE,
    INVOICE,
    SHIPMENT,
    Invoice,
    InvoiceLine,
    LegalEntity,
    Series,
)
from lading.journal.types import Decision, refused
from lading.operations import changing, taxing
from lading.operations.registry import Batch, Verb
from lading.orders import store as orders_store
from lading.orders.types import Due, Order, Orders
from lading.shipping import store as shipping
from lading.shipping.store import ParcelsByOrder
from lading.taxes.types import ask
from lading.terms.money import Money

BILLED_ELSEWHERE = ("billed_elsewhere", "Order {order} is of the past: whoever took it has billed it.")
SERIES_OF = {INVOICE: "invoice_series", CREDIT_NOTE: "credit_note_series"}
"""The policy that says what numbers begin with."""


class IssuedDocument(Struct, frozen=True):
    """One document."""

    invoice: str
    """Its number: INV-000017."""
    kind: str
    """invoice or credit_note"""
    total: Money
    """Below zero for a credit note."""
    tax: Money
    credits: str | None
    """The invoice that a credit note takes something off."""


class InvoicesIssued(Struct, frozen=True):
    """What was issued just now; nothing where all was up to date."""

    order: str
    version: int
    documents: list[IssuedDocument]


@dataclass(slots=True)
class World:
    """Orders with what was shipped and billed of them, and the series that their documents are numbered in."""

    orders: Orders
    parcels: ParcelsByOrder
    documents: dict[UUID, list[Invoice]]
    labels: Mapping[UUID, tuple[str, str]]
    policies: Policies
    series: dict[SeriesKey, Series]
    entities: Mapping[str, LegalEntity]
    zone: ZoneInfo
    today: date


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The orders, locked, and what belongs to them; last the series, locked: nobody else draws a number before this is committed."""
    loaded = await orders_store.load(tx, (command.order for command in batch.commands), lock=batch.lock)
    found = {order.id: order for order in loaded.by_ref.values()}
    ids = sorted(found)
    _, policies = await catalog.read_setup(tx, ())
    zone = await catalog.read_zone(tx)
    today = batch.now.astimezone(zone).date()
    keys = {_series_of(order, kind, policies, today) for order in found.values() for kind in SERIES_OF}
    parcels = await shipping.read_parcels(tx, ids)
    documents = await invoices.read_invoices(tx, ids)
    labels = await invoices.read_labels(tx, (line.sku_id for order in found.values() for line in order.lines.values()))
    entities = await invoices.read_entities(tx, (entity for entity, _ in keys))
    series = await invoices.read_series(tx, keys, lock=batch.lock)
    return World(loaded, parcels, documents, labels, policies, series, entities, zone, today)


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; each sees what the earlier ones issued."""
    return [_decide(command, world, batch) for command in batch.commands]


def _decide(command: IssueInvoices, world: World, batch: Batch) -> Decision:
    order = changing.find(world.orders, command.order, command.expected_version)
    if isinstance(order, Decision):
        return order
    if order.history:
        return refused(BILLED_ELSEWHERE, "/order", order=str(order.number))
    policy = rules.ALL if command.bill == "all" else world.policies.value("invoice_at", channel=order.channel_id)
    wanted = rules.to_bill(order.lines.values(), policy, order.due_minor, order.captured_minor - order.refunded_minor)
    parcels = world.parcels[order.id] if policy == SHIPMENT else []
    drafts = rules.drafts(order.lines, wanted, world.documents[order.id], parcels)
    if not drafts:
        return Decision(InvoicesIssued(str(order.number), order.version, []))
    return _issue(order, drafts, world, batch)


def _issue(order: Order, drafts: list[Draft], world: World, batch: Batch) -> Decision:
    documents = world.documents[order.id]
    issued = []
    touched: dict[SeriesKey, Series] = {}
    for draft in drafts:
        key = _series_of(order, draft.kind, world.policies, world.today)
        series = touched[key] = world.series[key]
        issued.append(_document(order, draft, series, world, batch))
        documents.append(issued[-1])
    data: dict[str, Any] = {"documents": [_told(each) for each in issued]}
    rows: list[object] = [order, *touched.values(), *issued]
    if order.terms_days is not None and world.policies.value("terms_from", channel=order.channel_id) == "invoice":
        data["due_on"] = issued[0].issued_on + timedelta(days=order.terms_days)
        rows.append(Due(order.id, data["due_on"]))
    if (service := taxing.service_of(world.policies, order.channel_id)) is not None:
        data["tax_service"] = service
        rows += [ask(order.id, "record", each.number, service, batch.now) for each in issued]
    event = changing.changed(order, "invoices_issued", batch, data)
    outcome = InvoicesIssued(str(order.number), order.version, [_outcome(each, documents) for each in issued])
    return Decision(outcome, event, rows=rows)


def _series_of(order: Order, kind: str, policies: Policies, today: date) -> SeriesKey:
    channel = order.channel_id
    pattern = policies.value(SERIES_OF[kind], channel=channel)
    return policies.value("legal_entity", channel=channel), rules.series_on(pattern, today)


def _document(order: Order, draft: Draft, series: Series, world: World, batch: Batch) -> Invoice:
    lines = []
    for number, part in enumerate(draft.parts, 1):
        line = order.lines[part.line]
        lines.append(rules.line_of(number, part, line, *world.labels[line.sku_id]))
    entity = world.entities.get(series.legal_entity)
    series.last_at = max(batch.now, series.last_at)
    return Invoice(
        order.id, len(world.documents[order.id]) + 1, draft.kind, series.legal_entity, series.series, series.draw(),
        entity.version if entity else 0, series.last_at, series.last_at.astimezone(world.zone).date(), order.currency,
        sum(line.total_minor for line in lines), sum(line.tax_minor for line in lines), draft.parcel, draft.credits,
        order.party_version_id, order.ship_to_id, lines,
    )  # fmt: skip


def _told(document: Invoice) -> dict[str, Any]:
    """All that the document says; whose it is stands in the order."""
    names = (
        "number", "kind", "legal_entity", "series", "serial", "entity_version", "issued_at", "issued_on", "currency", "total_minor",
        "tax_minor", "parcel", "credits", "party_version_id", "ship_to_id",
    )  # fmt: skip
    return {name: getattr(document, name) for name in names} | {"lines": [_told_line(line) for line in document.lines]}


def _told_line(line: InvoiceLine) -> dict[str, Any]:
    names = ("number", "line_number", "sku_id", "sku", "name", "first_unit", "quantity", "goods_minor", "reason")
    charges = [
        {
            "number": each.number, "kind": each.kind, "code": each.code, "amount_minor": each.amount_minor,
            "rate": None if each.rate is None else str(each.rate), "included": each.included, "applies_to": each.applies_to,
        }
        for each in line.charges
    ]  # fmt: skip
    price = {"unit_price": str(line.unit_price), "charges": charges}
    return {name: getattr(line, name) for name in names} | price


def _outcome(document: Invoice, documents: list[Invoice]) -> IssuedDocument:
    return IssuedDocument(
        document.name,
        document.kind,
        Money.of_minor(document.total_minor, document.currency),
        Money.of_minor(document.tax_minor, document.currency),
        documents[document.credits - 1].name if document.credits else None,
    )


VERB = Verb(
    noun="invoices",
    verb="issue",
    summary="Bill an order up to what is due by the policy `invoice_at`, or all of it; credit what came back or was cancelled since.",
    command=IssueInvoices,
    outcome=InvoicesIssued,
    refusals=(changing.UNKNOWN_ORDER, changing.VERSION_CONFLICT, BILLED_ELSEWHERE),
    scope="invoices:write",
    event="invoices_issued",
    example={"order": "1042", "bill": "all"},
    prefetch=prefetch,
    decide=decide,
)
