"""Revise drafts and quotes: what is given takes the place of what was there."""

from dataclasses import dataclass
from uuid import UUID

from lading.catalog import store as catalog
from lading.database.pool import Transaction
from lading.journal.types import Decision, Envelope, refused
from lading.operations import attributing, buying, drafting, placing, pricing_lines, selling_kits, taxing
from lading.operations.drafting import DraftState
from lading.operations.registry import Batch, Verb
from lading.orders import draft_store
from lading.orders.commands import PlaceOrder
from lading.orders.draft_commands import ReviseDraft
from lading.orders.drafts import OPEN, Draft, Drafts

NO_ORDER = ("could_be_no_order", "{draft} could not become an order like that: {why}.")
FITTING = (*OPEN, "declined", "expired")


@dataclass(slots=True)
class World:
    """The drafts, and what placement would look at."""

    drafts: Drafts
    codes: dict[UUID, str]
    """Of the products in the drafts."""
    channels: dict[UUID, str]
    companies: dict[UUID, str]
    placing: placing.World


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The drafts, locked; then catalog, people and policies, of what they hold and of what they shall."""
    found = await draft_store.load(tx, (command.draft for command in batch.commands), lock=batch.lock)
    codes = await drafting.codes_of(tx, found.all())
    network = await catalog.read_network(tx)
    channels = {id_: code for code, id_ in network.channels.items()}
    companies = await drafting.companies_of(tx, found.all())
    envelopes = []
    for envelope in batch.envelopes:
        draft = found.find(envelope.command.draft)
        order = _order(envelope.command, draft, codes, channels, companies) if draft else None
        if isinstance(order, PlaceOrder):
            envelopes.append(drafting.around(envelope, order))
    inside = drafting.inner(batch, envelopes, [])
    world = World(found, codes, channels, companies, await placing.read_world(tx, inside))
    inside = world.placing.batch or inside
    if world.placing.buying:
        world.placing.buying.is_draft = True
    located = [draft.ship_to_id for draft in found.all() if draft.ship_to_id]
    world.placing.taxing = await taxing.for_placing(tx, inside, inside.commands, world.placing, located)
    return world


def _order(
    command: ReviseDraft, draft: Draft, codes: dict[UUID, str], channels: dict[UUID, str], companies: dict[UUID, str]
) -> PlaceOrder | Decision:
    try:
        return drafting.revised(command, draft, channels[draft.channel_id], codes, companies)
    except ValueError as error:
        return refused(NO_ORDER, "", draft=draft.name, why=error)


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; each sees what the earlier ones wrote."""
    return [_revise(envelope, world, batch) for envelope in batch.envelopes]


def _revise(envelope: Envelope[ReviseDraft], world: World, batch: Batch) -> Decision:
    command = envelope.command
    draft = drafting.find(world.drafts, command.draft, command.expected_version, FITTING, batch.now)
    if isinstance(draft, Decision):
        return draft
    order = _order(command, draft, world.codes, world.channels, world.companies)
    if isinstance(order, Decision):
        return order
    order = placing.filled(order, world.placing, batch.now)
    if refusal := placing.refuse(order, world.placing) or drafting.in_past(command.expires_at, batch.now):
        return refusal
    if world.placing.buying and order.company:
        company = world.placing.buying.companies.by_code[order.company]
        world.companies[company.id] = company.code
    world.codes |= {world.placing.skus[line.sku].id: line.sku for line in order.lines}
    rows = drafting.write(draft, order, envelope, world.placing)
    draft.expires_at = command.expires_at or draft.expires_at
    draft.note = draft.note if command.note is None else command.note
    draft.status, draft.sent_at, draft.answered_at, draft.reason = "draft", None, None, None
    decision = drafting.changed(draft, "draft_revised", batch, content=True)
    decision.rows += rows
    return decision


VERB = Verb(
    noun="drafts",
    verb="revise",
    summary="Change a draft or quote; one that was sent has to be sent again.",
    command=ReviseDraft,
    outcome=DraftState,
    refusals=(
        drafting.UNKNOWN_DRAFT, drafting.VERSION_CONFLICT, drafting.WRONG_STATUS, NO_ORDER, placing.UNKNOWN_CHANNEL,
        placing.UNKNOWN_SKU, placing.INACTIVE_SKU, placing.NEGATIVE_TOTAL,
        placing.UNKNOWN_LOCATION, placing.NO_PICKUP, placing.NO_PROVIDER, *attributing.REFUSALS, selling_kits.TOO_MANY_PARTS,
        drafting.IN_PAST,
        *buying.REFUSALS, *pricing_lines.REFUSALS,
    ),
    scope="drafts:write",
    event="draft_revised",
    example={"draft": "D1042", "expires_at": "2099-12-31T12:00:00+01:00", "note": "Asked for two weeks more."},
    prefetch=prefetch,
    decide=decide,
)  # fmt: skip
