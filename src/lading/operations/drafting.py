"""What the verbs of drafts and quotes have in common: finding them, pricing them, letting go of what is kept for them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from msgspec import Struct

from lading.catalog import store as catalog
from lading.customers import company_store
from lading.customers import rules as people_rules
from lading.database.pool import Transaction
from lading.inventory.types import Ended, Reservations
from lading.journal.types import Decision, Envelope, refused
from lading.kernel import money
from lading.operations import choosing_stock, ending_reservations, placing, taxing
from lading.operations.registry import Batch
from lading.orders import draft_store, drafts
from lading.orders.commands import PlaceOrder, wishes_of
from lading.orders.draft_commands import ReviseDraft
from lading.orders.drafts import Draft, DraftLine, Drafts
from lading.terms.ledger import Event
from lading.terms.money import Money

UNKNOWN_DRAFT = ("unknown_draft", "There is no draft {draft}.")
VERSION_CONFLICT = ("version_conflict", "{draft} has version {version} by now, not {expected}: look at it again.")
WRONG_STATUS = ("wrong_status", "{draft} is {status}; this can be done while it is {fitting}.")
IN_PAST = ("in_past", "{expires_at} is over already.")
REFERENCE_TAKEN = ("reference_taken", "{draft} bears the reference {reference} already.")

NOT_APPROVED = ("not_approved", "{draft} costs more than may go without an approval, which is {approval}.")


class DraftState(Struct, frozen=True):
    """Where a draft or quote stands now."""

    draft: str
    id: UUID
    version: int
    status: str
    """draft, sent, accepted, declined, converted, dropped; expired where its time is over."""
    total: Money
    expires_at: datetime | None
    reservation: UUID | None
    """What is kept for it."""
    approval: str | None = None
    """needed, given or refused; None: none is needed."""


@dataclass(slots=True)
class World:
    """The drafts of a batch, and the reservations that stand for them."""

    drafts: Drafts
    reservations: Reservations = field(default_factory=dict)


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The drafts, locked."""
    return World(await draft_store.load(tx, (command.draft for command in batch.commands), lock=batch.lock))


async def prefetch_all(tx: Transaction, batch: Batch) -> World:
    """The drafts, locked, and then what is kept for them."""
    world = await prefetch(tx, batch)
    world.reservations = await ending_reservations.read(tx, kept_for(world.drafts.all()), lock=batch.lock)
    return world


def kept_for(found: Iterable[Draft]) -> set[UUID]:
    """The reservations that were made for drafts."""
    return {draft.reservation_id for draft in found if draft.reservation_id}


def find(
    known: Drafts, ref: str, expected_version: int | None, fitting: Collection[str], now: datetime
) -> Draft | Decision:
    """The draft that the reference means where it stands as it should, or the refusal."""
    draft = known.find(ref)
    if draft is None:
        return refused(UNKNOWN_DRAFT, "/draft", draft=ref)
    if expected_version is not None and expected_version != draft.version:
        return refused(
            VERSION_CONFLICT, "/expected_version", draft=draft.name, version=draft.version, expected=expected_version
        )
    if (status := draft.standing(now)) not in fitting:
        return refused(WRONG_STATUS, "/draft", draft=draft.name, status=status, fitting=" or ".join(fitting))
    return draft


def in_past(expires_at: datetime | None, now: datetime) -> Decision | None:
    """The refusal of a time that is over."""
    if expires_at is None or expires_at > now:
        return None
    return refused(IN_PAST, "/expires_at", expires_at=expires_at.isoformat())


def unapproved(draft: Draft) -> Decision | None:
    """The refusal of a draft that nobody has approved yet."""
    if draft.approval in (None, "given"):
        return None
    return refused(NOT_APPROVED, "/draft", draft=draft.name, approval=draft.approval)


def changed(draft: Draft, kind: str, batch: Batch, *, content: bool = False, **data: Any) -> Decision:
    """One more version of the draft, and the event that says why. Call when it stands as it shall."""
    draft.version += draft.stored or kind != "draft_created"
    event = Event(kind, "draft", draft.id, batch.now, {"draft": drafts.told(draft, content=content), **data})
    return Decision(state(draft, batch.now), event, rows=[draft])


def state(draft: Draft, now: datetime) -> DraftState:
    """The answer of every verb here."""
    total = Money.of_minor(draft.total_minor, draft.currency)
    return DraftState(
        draft.name,
        draft.id,
        draft.version,
        draft.standing(now),
        total,
        draft.expires_at,
        draft.reservation_id,
        draft.approval,
    )


def let_go(draft: Draft, decision: Decision, known: Reservations, now: datetime) -> Decision:
    """What is kept for the draft is kept no longer; the event says so."""
    lines = known.get(draft.reservation_id, []) if draft.reservation_id else []
    held = [line for line in lines if line.ended_as is None]
    if not held or decision.event is None:
        return decision
    endings = choosing_stock.end((Ended(line, "released", line.quantity) for line in held), now)
    ended = {line.id: line for line in endings.rows}
    lines[:] = [ended.get(line.id, line) for line in lines]
    decision.event.data["reservations_ended"] = endings.told
    decision.postings = endings.postings
    decision.rows += endings.rows
    return decision


async def codes_of(tx: Transaction, found: Iterable[Draft]) -> dict[UUID, str]:
    """The codes of the products in drafts."""
    skus = await catalog.skus_by_id(tx, (line.sku_id for draft in found for line in draft.lines))
    return {id_: sku.code for id_, sku in skus.items()}


async def companies_of(tx: Transaction, found: Iterable[Draft]) -> dict[UUID, str]:
    """The codes of the companies in drafts."""
    return await company_store.read_codes(tx, (draft.company_id for draft in found if draft.company_id))


def inner(batch: Batch, envelopes: list[Envelope[Any]], numbers: list[int]) -> Batch:
    """The batch of another verb that is part of this one."""
    return Batch(envelopes, batch.lock, batch.attempt, numbers, batch.now, batch.asked)


def around(envelope: Envelope[Any], command: Struct) -> Envelope[Any]:
    """The envelope with another command in it."""
    return replace(envelope, command=command)


def write(draft: Draft, order: PlaceOrder, envelope: Envelope[Any], world: placing.World) -> list[object]:
    """Take over what an order says; the rows of people and places that are new. The order was not refused."""
    draft.lines = [
        DraftLine(world.skus[line.sku].id, line.quantity, line.price.amount, line.external_id, line.pickup)
        for line in order.lines
    ]
    draft.charges = list(order.charges)
    schema = world.network.attributes
    draft.wishes, draft.private = drafts.wishes_apart(order, lambda subject, code: schema[subject, code].is_text)
    draft.total_minor = drafts.total_minor(order) + taxing.added_minor(order, draft.ship_to_id, world.taxing, world)
    limit = world.policies.value("approve_over", channel=draft.channel_id)
    over = limit is not None and draft.total_minor > money.to_minor(Decimal(limit), money.exponent(draft.currency) or 0)
    draft.approval, draft.approved_by = ("needed" if over else None), None
    draft.ship_by, draft.priority = order.ship_by, order.priority
    if order.company and world.buying:
        draft.company_id = world.buying.companies.by_code[order.company].id
        draft.purchase_order = order.purchase_order
    rows: list[object] = []
    if order.customer:
        draft.customer_id, draft.party_version_id, new = people_rules.recognise(
            order.customer, order.channel, world.people, envelope.fresh_id
        )
        rows += new
    if order.ship_to:
        draft.ship_to_id, new = people_rules.locate(order.ship_to, world.people, envelope.fresh_id)
        rows += new
    if order.bill_to:
        draft.bill_to_id, new = people_rules.locate(order.bill_to, world.people, envelope.fresh_id, billing=True)
        rows += new
    return rows


def revised(
    command: ReviseDraft, draft: Draft, channel: str, codes: dict[UUID, str], companies: dict[UUID, str]
) -> PlaceOrder:
    """The order that a draft would be after a revision. Raises ValueError where it could be none."""
    return PlaceOrder(
        channel=channel, currency=draft.currency,
        lines=draft.line_inputs(codes) if command.lines is None else command.lines,
        charges=draft.charges if command.charges is None else command.charges,
        customer=command.customer, ship_to=command.ship_to, bill_to=command.bill_to,
        ship_by=command.ship_by or draft.ship_by,
        priority=draft.priority if command.priority is None else command.priority,
        company=command.company or (companies[draft.company_id] if draft.company_id else None),
        purchase_order=command.purchase_order or draft.purchase_order,
        **{
            name: value if (new := getattr(command, name)) is None else new
            for name, value in wishes_of(draft.wished).items()
        },
    )  # fmt: skip
