"""Adjust stock: what was found, lost, scrapped, damaged or repaired."""

import msgspec

from lading.inventory import rules
from lading.inventory.commands import AdjustStock
from lading.journal.types import Decision, Envelope, refused
from lading.operations import moving_stock, telling_apart, telling_late
from lading.operations.giving_back import give_back
from lading.operations.moving_stock import StockMoved, World
from lading.operations.registry import Batch, Verb
from lading.shortages.rules import Row, open_shortage
from lading.shortages.types import Cause, told
from lading.terms.ledger import Event

NAMED_UNITS = ("named_units", "{sku} is kept by serial number: take the units that are gone off their orders first.")


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; each command sees what the earlier ones left."""
    return give_back([_adjust(envelope, world, batch) for envelope in batch.envelopes], world.over, batch.now)


def _adjust(envelope: Envelope[AdjustStock], world: World, batch: Batch) -> Decision:
    command = envelope.command
    key = moving_stock.key_of(command, world)
    if not command.held_too or key is None or rules.ENDS[command.kind][0] != "available":
        return moving_stock.decide(envelope, command.kind, world, batch)
    row = world.rows.get(key, {})
    free = row.get("available", 0)
    missing = command.quantity - free
    held = row.get("allocated", 0) + row.get("reserved", 0) - row.get("short", 0)
    if missing <= 0 or missing > held:
        return moving_stock.decide(envelope, command.kind, world, batch)
    if world.skus[command.sku].tracking == "serial":
        return refused(NAMED_UNITS, "/held_too", sku=command.sku)
    if refusal := telling_apart.refuse(world.skus[command.sku], command.quantity, command.lot, command.serials):
        return refusal
    return _fall_short(envelope, key, free, missing, world, batch)


def _fall_short(
    envelope: Envelope[AdjustStock], key: Row, free: int, missing: int, world: World, batch: Batch
) -> Decision:
    """What is free is adjusted; the rest stays with whoever holds it, and is short."""
    command, row = envelope.command, world.rows[key]
    at = command.occurred_at or batch.now
    if free:
        decision = moving_stock.post(msgspec.structs.replace(command, quantity=free), command.kind, world, batch)
    else:
        data = {
            "sku": command.sku, "location_id": key[1], "lot": command.lot, "kind": command.kind, "quantity": 0,
            "reason": command.reason, "document": command.document,
        }  # fmt: skip
        event = Event("stock_adjusted", "sku", key[0], at, data)
        decision = Decision(StockMoved(command.sku, command.location, 0), event)
    if decision.event is None:
        return decision
    cause = Cause(envelope.event_id, at, at < batch.now)
    shortage = open_shortage(key, missing, command.kind, command.reason, command.document, cause)
    row["short"] = row.get("short", 0) + missing
    decision.event.data["shortages"] = [told(shortage)]
    decision.rows = [*decision.rows, shortage]
    return telling_late.take_back(decision, envelope, world.counted, world.rows)


VERB = Verb(
    noun="stock",
    verb="adjust",
    summary="Say that units were found, lost, scrapped, damaged or repaired, and why.",
    command=AdjustStock,
    outcome=StockMoved,
    refusals=(
        moving_stock.UNKNOWN_SKU,
        moving_stock.UNKNOWN_LOCATION,
        *telling_apart.REFUSALS,
        NAMED_UNITS,
        moving_stock.NOT_THERE,
        moving_stock.TOO_MANY_UNITS,
        telling_apart.SERIAL_ELSEWHERE,
    ),
    scope="stock:write",
    event="stock_adjusted",
    example={"sku": "MUG-BLUE", "location": "HAM", "quantity": 2, "kind": "damaged", "reason": "broken_handle"},
    prefetch=moving_stock.prefetch,
    decide=decide,
)
