"""Create drafts: what an order would be, priced, without stock."""

from dataclasses import dataclass, field

from lading.database.pool import Transaction
from lading.journal.types import Decision, Envelope, refused
from lading.operations import attributing, buying, drafting, placing, pricing_lines, selling_kits, taxing
from lading.operations.drafting import DraftState
from lading.operations.registry import Batch, Verb
from lading.orders import draft_store
from lading.orders.commands import PlaceOrder
from lading.orders.draft_commands import CreateDraft
from lading.orders.drafts import Draft


@dataclass(slots=True)
class World:
    """What placement would look at, and who bears the references of the batch."""

    placing: placing.World
    orders: list[PlaceOrder]
    """What each draft would be as an order."""
    references: dict[str, int] = field(default_factory=dict)


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """Catalog, people, policies; references."""
    commands: list[CreateDraft] = batch.commands
    orders = [command.as_order() for command in commands]
    envelopes = [drafting.around(each, order) for each, order in zip(batch.envelopes, orders, strict=True)]
    world = await placing.read_world(tx, drafting.inner(batch, envelopes, []))
    if world.batch:
        orders = world.batch.commands
    if world.buying:
        world.buying.is_draft = True
    world.taxing = await taxing.for_placing(tx, batch, orders, world)
    references = await draft_store.taken_references(tx, (each.reference for each in commands if each.reference))
    return World(world, orders, references)


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; the same reference is taken once."""
    return [
        _refuse(envelope.command, order, world, batch) or _create(envelope, order, number, world, batch)
        for envelope, order, number in zip(batch.envelopes, world.orders, batch.numbers, strict=True)
    ]


def _refuse(command: CreateDraft, order: PlaceOrder, world: World, batch: Batch) -> Decision | None:
    if refusal := placing.refuse(order, world.placing):
        return refusal
    if command.reference in world.references:
        taken = f"D{world.references[command.reference]}"
        return refused(drafting.REFERENCE_TAKEN, "/reference", draft=taken, reference=command.reference)
    return drafting.in_past(command.expires_at, batch.now)


def _create(envelope: Envelope[CreateDraft], order: PlaceOrder, number: int, world: World, batch: Batch) -> Decision:
    command = envelope.command
    draft = Draft(
        envelope.fresh_id, number, "draft", 1, world.placing.network.channels[command.channel], command.currency, command.reference,
        None, None, None, None, [], [], 0, None, None, batch.now, command.expires_at, note=command.note, stored=False,
    )  # fmt: skip
    rows = drafting.write(draft, order, envelope, world.placing)
    if command.reference:
        world.references[command.reference] = number
    decision = drafting.changed(draft, "draft_created", batch, content=True)
    decision.rows += rows
    return decision


VERB = Verb(
    noun="drafts",
    verb="create",
    summary="Write down what an order would be, at which prices; no stock is taken for it.",
    command=CreateDraft,
    outcome=DraftState,
    refusals=(
        placing.UNKNOWN_CHANNEL, placing.UNKNOWN_SKU, placing.INACTIVE_SKU, placing.NEGATIVE_TOTAL,
        placing.UNKNOWN_LOCATION, placing.NO_PICKUP, placing.NO_PROVIDER, *attributing.REFUSALS, selling_kits.TOO_MANY_PARTS,
        drafting.REFERENCE_TAKEN, drafting.IN_PAST, *buying.REFUSALS, *pricing_lines.REFUSALS,
    ),
    scope="drafts:write",
    event="draft_created",
    example={
        "channel": "web", "currency": "EUR", "reference": "Q-2026-118", "expires_at": "2099-12-31T12:00:00+01:00",
        "customer": {"name": "Ada Meyer", "email": "ada@example.com"},
        "ship_to": {"name": "Ada Meyer", "line1": "Hafenstr. 1", "city": "Hamburg", "postal_code": "20457", "country": "DE"},
        "lines": [{"sku": "MUG-BLUE", "quantity": 200, "unit_price": {"amount": "9.90", "currency": "EUR"}}],
    },
    prefetch=prefetch,
    decide=decide,
    creates=True,
    draws_numbers=True,
    inverse="drafts.drop",
)  # fmt: skip
