"""What happened, the newest first, in sentences; live while one looks."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from starlette.responses import Response

from lading.database.pool import Transaction
from lading.entrypoints.console.context import Context
from lading.views.events import feed, head_position
from lading.views.names import read_names
from lading.views.orders import order_rows
from lading.views.timeline import Entry, EventView, decoded, order_names, skus_named, tell

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Told:
    """An event with its sentence and the order that it is about."""

    entry: Entry
    order: str
    """Its number; empty where it is about something else."""


async def show(context: Context) -> Response:
    """A page of events."""
    async with context.database.read(context.merchant.id) as tx:
        head = await head_position(tx)
        typed = context.query("before")
        top = min(int(typed), head) if typed.isdecimal() and len(typed) < 18 else head
        told = await ending_at(tx, top, PAGE_SIZE)
    older = top - PAGE_SIZE
    return context.render(
        "events.html", told=told, head=head, top=top, older=older if older > 0 else 0, at=context.query("at")
    )


async def latest(tx: Transaction, count: int) -> list[Told]:
    """The last so many events, the newest first."""
    return await ending_at(tx, await head_position(tx), count)


async def ending_at(tx: Transaction, top: int, count: int) -> list[Told]:
    """The events up to a position, the newest first."""
    if top <= 0:
        return []
    found = (await feed(tx, max(top - count, 0), min(count, top))).events
    numbers = await _numbers(tx, found)
    entries: dict[UUID, Entry] = {}
    for order_id in numbers:
        own = [event for event in found if event.subject_id == order_id]
        for entry in await tell(tx, own, await order_names(tx, order_id)):
            entries[entry.event.event_id] = entry
    others = [event for event in found if event.event_id not in entries]
    if others:
        skus = [event.subject_id for event in others if event.subject_kind == "sku"]
        names = await read_names(tx, [*skus, *(id_ for event in others for id_ in skus_named(decoded(event)))])
        for entry in await tell(tx, others, names):
            entries[entry.event.event_id] = entry
    return [Told(entries[event.event_id], numbers.get(event.subject_id, "")) for event in reversed(found)]


async def _numbers(tx: Transaction, found: Sequence[EventView]) -> dict[UUID, str]:
    ids = {event.subject_id for event in found if event.subject_kind == "order"}
    return {row.id: row.number for row in await order_rows(tx, list(ids))}
