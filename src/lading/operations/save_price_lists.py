"""Save price lists: for whom, in which currency, from when until when."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from msgspec import Struct

from lading.catalog import store as catalog
from lading.customers import company_store
from lading.database.pool import Transaction
from lading.journal.types import Decision, Envelope, refused
from lading.operations.buying import UNKNOWN_COMPANY
from lading.operations.placing import UNKNOWN_CHANNEL
from lading.operations.registry import Batch, Verb
from lading.pricing import store
from lading.pricing.commands import SavePriceList
from lading.pricing.types import PriceList
from lading.terms.ledger import Event

VERSION_CONFLICT = (
    "version_conflict",
    "Price list {price_list} has version {version} by now, not {expected}: look at it again.",
)
CURRENCY_STAYS = ("currency_stays", "Price list {price_list} is in {currency}: make another one for {other}.")
FIELDS = (
    "code", "name", "currency", "company_id", "company_group", "channel_id", "priority", "valid_from", "valid_until", "active", "version",
)  # fmt: skip


class PriceListSaved(Struct, frozen=True):
    """The version in force now."""

    id: UUID
    code: str
    version: int


@dataclass(slots=True)
class World:
    """The lists as they are, and whom they may be for."""

    lists: dict[str, PriceList]
    companies: Mapping[str, UUID]
    channels: Mapping[str, UUID]


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The lists, locked; channels and companies."""
    commands: list[SavePriceList] = batch.commands
    lists = await store.read_lists(tx, (command.code for command in commands), lock=batch.lock)
    companies = await company_store.read(tx, (each.company for each in commands if each.company), lock=False)
    network = await catalog.read_network(tx)
    return World(lists, {code: company.id for code, company in companies.by_code.items()}, network.channels)


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; saved twice in a batch, a list gets two versions."""
    return [_save(envelope, world, batch) for envelope in batch.envelopes]


def _save(envelope: Envelope[SavePriceList], world: World, batch: Batch) -> Decision:
    command = envelope.command
    before = world.lists.get(command.code)
    version = before.version if before else 0
    if command.expected_version is not None and command.expected_version != version:
        facts: dict[str, Any] = {"version": version, "expected": command.expected_version}
        return refused(VERSION_CONFLICT, "/expected_version", price_list=command.code, **facts)
    if before and before.currency != command.currency:
        return refused(
            CURRENCY_STAYS, "/currency", price_list=command.code, currency=before.currency, other=command.currency
        )
    if command.company and command.company not in world.companies:
        return refused(UNKNOWN_COMPANY, "/company", company=command.company)
    if command.channel and command.channel not in world.channels:
        return refused(UNKNOWN_CHANNEL, "/channel", channel=command.channel)
    row = before or PriceList(
        envelope.fresh_id, command.code, "", command.currency, None, None, None, 0, None, None, True, 0
    )
    row.name, row.company_group, row.priority, row.active = (
        command.name, command.company_group, command.priority, command.active,
    )  # fmt: skip
    row.company_id = world.companies[command.company] if command.company else None
    row.channel_id = world.channels[command.channel] if command.channel else None
    row.valid_from, row.valid_until, row.version = command.valid_from, command.valid_until, version + 1
    world.lists[command.code] = row
    event = Event("price_list_saved", "price_list", row.id, batch.now, {name: getattr(row, name) for name in FIELDS})
    return Decision(PriceListSaved(row.id, row.code, row.version), event, rows=[row])


VERB = Verb(
    noun="price-lists",
    verb="save",
    summary="Save a list of prices: for whom, in which currency, from when until when.",
    command=SavePriceList,
    outcome=PriceListSaved,
    refusals=(VERSION_CONFLICT, CURRENCY_STAYS, UNKNOWN_COMPANY, UNKNOWN_CHANNEL),
    scope="prices:write",
    event="price_list_saved",
    example={"code": "HOTELS-2026", "name": "Hotels 2026", "currency": "EUR", "company_group": "hotels"},
    prefetch=prefetch,
    decide=decide,
)
