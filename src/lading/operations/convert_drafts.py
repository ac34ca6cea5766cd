"""Convert drafts: the order that a draft describes is placed as any other, at the prices of the draft.

What speaks against it is what speaks against any order: a product that is not sold any more, stock that is not there.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from lading.catalog import store as catalog
from lading.customers import store as customers
from lading.customers.types import PartyInput, content_key, customer_key
from lading.database.pool import Transaction
from lading.inventory.types import Reservations
from lading.journal.types import Decision, Envelope
from lading.operations import drafting, ending_reservations, place_orders, placing
from lading.operations.place_orders import OrderPlaced
from lading.operations.registry import Batch, Verb
from lading.orders import draft_store, drafts
from lading.orders.commands import PlaceOrder, wishes_of
from lading.orders.draft_commands import ConvertDraft
from lading.orders.drafts import Draft, Drafts
from lading.terms.people import AddressInput

FITTING = ("draft", "accepted")


@dataclass(slots=True)
class World:
    """The drafts, and what placement looks at for those that may be converted."""

    drafts: Drafts
    asked: dict[UUID, Envelope[PlaceOrder]]
    """By draft: the first command that may convert it."""
    placing: placing.World
    inside: Batch


@dataclass(slots=True)
class Known:
    """Who and what the drafts name, by id."""

    codes: dict[UUID, str]
    channels: dict[UUID, str]
    parties: dict[UUID, PartyInput]
    addresses: dict[UUID, AddressInput]
    kept: Reservations
    companies: dict[UUID, str]


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The drafts, locked; then all that placement reads and locks."""
    found = await draft_store.load(tx, (command.draft for command in batch.commands), lock=batch.lock)
    known = await read_known(tx, found.all())
    asked: dict[UUID, Envelope[PlaceOrder]] = {}
    numbers: list[int] = []
    for envelope, number in zip(batch.envelopes, batch.numbers, strict=True):
        draft = _find(envelope.command, found, batch)
        if isinstance(draft, Draft) and draft.id not in asked:
            asked[draft.id] = drafting.around(envelope, order_of(draft, known, envelope.command.external_reference))
            numbers.append(number)
    inside = drafting.inner(batch, list(asked.values()), numbers)
    converted = [(found.by_key[draft_id], envelope) for draft_id, envelope in asked.items()]
    world = await place_orders.prefetch(tx, inside, partial(introduce, converted))
    return World(found, asked, world, inside)


def introduce(asked: Iterable[tuple[Draft, Envelope[PlaceOrder]]], world: placing.World) -> None:
    """Whoever a draft is for is known, even a guest whom no later order could name; what was approved needs no other approval."""
    for draft, envelope in asked:
        if draft.approval == "given":
            world.past.approved.add(envelope.command_id)
        if draft.customer_id and draft.party_version_id and (customer := envelope.command.customer):
            key = customer_key(customer, envelope.command.channel) or f"guest:{envelope.fresh_id}"
            world.people.customers[key] = draft.customer_id
            world.people.parties[content_key(customer, key)] = draft.party_version_id


async def read_known(tx: Transaction, found: list[Draft]) -> Known:
    channels = {id_: code for code, id_ in (await catalog.read_network(tx)).channels.items()}
    parties = await customers.read_party_inputs(tx, (each.party_version_id for each in found if each.party_version_id))
    places = [place for each in found for place in (each.ship_to_id, each.bill_to_id) if place]
    addresses = await customers.read_address_inputs(tx, places)
    kept = await ending_reservations.read(tx, drafting.kept_for(found), lock=False)
    companies = await drafting.companies_of(tx, found)
    return Known(await drafting.codes_of(tx, found), channels, parties, addresses, kept, companies)


def _find(command: ConvertDraft, known: Drafts, batch: Batch) -> Draft | Decision:
    draft = drafting.find(known, command.draft, command.expected_version, FITTING, batch.now)
    return draft if isinstance(draft, Decision) else drafting.unapproved(draft) or draft


def order_of(draft: Draft, known: Known, external_reference: str | None) -> PlaceOrder:
    """The order that the draft describes. A reservation that somebody ended is no reason to refuse it."""
    channel = known.channels[draft.channel_id]
    party = known.parties.get(draft.party_version_id) if draft.party_version_id else None
    lines = known.kept.get(draft.reservation_id, ()) if draft.reservation_id else ()
    keeps = any(line.ended_as is None for line in lines)
    return PlaceOrder(
        channel=channel, currency=draft.currency, lines=draft.line_inputs(known.codes), charges=draft.charges,
        external_reference=external_reference, ship_by=draft.ship_by, priority=draft.priority,
        customer=party.given(channel) if party else None,
        ship_to=known.addresses.get(draft.ship_to_id) if draft.ship_to_id else None,
        bill_to=known.addresses.get(draft.bill_to_id) if draft.bill_to_id else None,
        reservation=draft.reservation_id if keeps else None,
        company=known.companies[draft.company_id] if draft.company_id else None, purchase_order=draft.purchase_order,
        **wishes_of(draft.wished),
    )  # fmt: skip


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; a draft becomes one order."""
    answers = dict(zip(world.asked, place_orders.decide(world.placing, world.inside), strict=True))
    return [_convert(envelope, world, batch, answers) for envelope in batch.envelopes]


def _convert(envelope: Envelope[ConvertDraft], world: World, batch: Batch, answers: dict[UUID, Decision]) -> Decision:
    draft = _find(envelope.command, world.drafts, batch)
    if isinstance(draft, Decision):
        return draft
    answer = answers[draft.id]
    if not isinstance(answer.outcome, OrderPlaced) or answer.event is None:
        return answer
    draft.status, draft.order_id = "converted", answer.outcome.order_id
    draft.version += 1
    answer.event.data["draft"] = drafts.told(draft)
    answer.rows.append(draft)
    return answer


VERB = Verb(
    noun="drafts",
    verb="convert",
    summary="Place the order that a draft or an accepted quote describes, at its prices.",
    command=ConvertDraft,
    outcome=OrderPlaced,
    refusals=(
        drafting.UNKNOWN_DRAFT, drafting.VERSION_CONFLICT, drafting.WRONG_STATUS, drafting.NOT_APPROVED, *place_orders.VERB.refusals,
    ),
    scope="drafts:write",
    event="order_placed",
    example={"draft": "D1042", "external_reference": "W-10482", "expected_version": 3},
    prefetch=prefetch,
    decide=decide,
    creates=True,
    draws_numbers=True,
)  # fmt: skip
