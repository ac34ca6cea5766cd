"""Keep stock for drafts: a reservation like any other, and the order that the draft becomes takes it."""

from dataclasses import dataclass
from uuid import UUID

from lading.catalog import store as catalog
from lading.database.pool import Transaction
from lading.inventory.commands import RESERVED_LINES_MAX, ReservedLine, ReserveStock
from lading.inventory.types import Reservations
from lading.journal.types import Decision, Envelope, refused
from lading.operations import drafting, ending_reservations, placing, reserve_reservations
from lading.operations.registry import Batch, Verb
from lading.operations.reserve_reservations import StockReserved
from lading.orders import draft_store, drafts
from lading.orders.draft_commands import ReserveDraft
from lading.orders.drafts import OPEN, Draft, Drafts

TOO_MANY_LINES = ("too_many_lines", "{draft} has more than {lines} lines: stock is not kept for so many at once.")
KEPT_ALREADY = ("kept_already", "Stock is kept for {draft} already: extend or release reservation {reservation}.")


@dataclass(slots=True)
class World:
    """The drafts, what is kept for them, and what reserving looks at for those that may."""

    drafts: Drafts
    kept: Reservations
    asked: dict[UUID, Envelope[ReserveStock]]
    """By draft: the first command that may reserve for it."""
    reserving: reserve_reservations.World
    inside: Batch


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The drafts, locked; then all that reserving reads and locks."""
    found = await draft_store.load(tx, (command.draft for command in batch.commands), lock=batch.lock)
    codes = await drafting.codes_of(tx, found.all())
    channels = {id_: code for code, id_ in (await catalog.read_network(tx)).channels.items()}
    kept = await ending_reservations.read(tx, drafting.kept_for(found.all()), lock=False)
    asked: dict[UUID, Envelope[ReserveStock]] = {}
    for envelope in batch.envelopes:
        draft = _find(envelope.command, found, kept, batch)
        if isinstance(draft, Draft) and draft.id not in asked:
            asked[draft.id] = drafting.around(envelope, _command(envelope.command, draft, codes, channels))
    inside = drafting.inner(batch, list(asked.values()), [])
    return World(found, kept, asked, await reserve_reservations.prefetch(tx, inside), inside)


def _find(command: ReserveDraft, known: Drafts, kept: Reservations, batch: Batch) -> Draft | Decision:
    draft = drafting.find(known, command.draft, command.expected_version, OPEN, batch.now)
    if isinstance(draft, Decision):
        return draft
    if len(draft.lines) > RESERVED_LINES_MAX:
        return refused(TOO_MANY_LINES, "/draft", draft=draft.name, lines=RESERVED_LINES_MAX)
    lines = kept.get(draft.reservation_id, ()) if draft.reservation_id else ()
    if any(line.ended_as is None and not line.is_over(batch.now) for line in lines):
        return refused(KEPT_ALREADY, "/draft", draft=draft.name, reservation=draft.reservation_id)
    return draft


def _command(command: ReserveDraft, draft: Draft, codes: dict[UUID, str], channels: dict[UUID, str]) -> ReserveStock:
    lines = [ReservedLine(codes[line.sku_id], line.quantity) for line in draft.lines]
    return ReserveStock(lines, command.seconds, channel=channels[draft.channel_id], reference=draft.name)


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; a draft gets one reservation."""
    answers = dict(zip(world.asked, reserve_reservations.decide(world.reserving, world.inside), strict=True))
    return [_reserve(envelope, world, batch, answers) for envelope in batch.envelopes]


def _reserve(envelope: Envelope[ReserveDraft], world: World, batch: Batch, answers: dict[UUID, Decision]) -> Decision:
    draft = _find(envelope.command, world.drafts, world.kept, batch)
    if isinstance(draft, Decision):
        return draft
    first, answer = world.asked[draft.id], answers[draft.id]
    if not isinstance(answer.outcome, StockReserved) or answer.event is None:
        return answer
    if first.command_id != envelope.command_id:
        return refused(KEPT_ALREADY, "/draft", draft=draft.name, reservation=draft.reservation_id)
    draft.reservation_id = answer.outcome.reservation
    draft.version += 1
    answer.event.data["draft"] = drafts.told(draft)
    answer.rows.append(draft)
    return answer


VERB = Verb(
    noun="drafts",
    verb="reserve",
    summary="Keep stock for a draft or quote for a while: all of it or nothing.",
    command=ReserveDraft,
    outcome=StockReserved,
    refusals=(
        drafting.UNKNOWN_DRAFT, drafting.VERSION_CONFLICT, drafting.WRONG_STATUS, TOO_MANY_LINES, KEPT_ALREADY,
        placing.UNKNOWN_SKU, placing.INACTIVE_SKU, reserve_reservations.INSUFFICIENT_STOCK,
    ),
    scope="drafts:write",
    event="stock_reserved",
    example={"draft": "D1042", "seconds": 86400},
    prefetch=prefetch,
    decide=decide,
    creates=True,
    inverse="reservations.release",
)  # fmt: skip
