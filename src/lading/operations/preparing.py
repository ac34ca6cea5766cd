"""What verbs of prepared edits have in common: a preview that leaves everything as it was."""

import copy
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from lading.catalog.policies import Policies
from lading.customers.types import People
from lading.fulfillment.booking import Diary
from lading.journal.types import Decision, Envelope
from lading.operations import edit_orders
from lading.operations.reading_edits import World
from lading.operations.registry import Batch
from lading.orders.edit_commands import EditOrder
from lading.orders.types import Edit, Order, Orders

UNKNOWN_EDIT = ("unknown_edit", "There is no edit {edit}.")
EDIT_CLOSED = ("edit_closed", "Edit {edit} was {status} already.")
EDIT_OVER = ("edit_over", "The time of edit {edit} was over at {expires_at}: prepare it anew.")
OVER = "over"
"""Why the worker drops what nobody confirmed."""


def expiry(given: datetime | None, order: Order, policies: Policies, now: datetime) -> datetime:
    """Until when an edit waits: as it was said, or by policy."""
    days: int = policies.value("edit_days", channel=order.channel_id)
    return given or now + timedelta(days=days)


def name(order_number: int, number: int) -> str:
    """1042-E1"""
    return f"{order_number}-E{number}"


def preview(envelope: Envelope[EditOrder], world: World, batch: Batch) -> Decision:
    """What the edit would come to; the world stays as it is."""
    order = world.orders.find(envelope.command.order)
    return edit_orders.edit(envelope, world if order is None else _apart(envelope.command, order, world), batch)


def fields_of(command: EditOrder) -> dict[str, Any]:
    """What the command says, as JSON; of an address only its country, for the rest of it is somebody's."""
    said: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(command))
    if said["ship_to"]:
        said["ship_to"] = {"country": said["ship_to"]["country"]}
    left_out = ("order", "expected_version", "expires_at")
    return {key: value for key, value in said.items() if key not in left_out and value not in (None, [], {}, False)}


def command_of(edit: Edit) -> EditOrder:
    """The command that was prepared."""
    return msgspec.convert({"order": str(edit.order_id), **edit.fields}, EditOrder)


def told(decision: Decision) -> dict[str, Any]:
    """What a preview tells, as JSON."""
    said: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(decision.outcome))
    return said


def _apart(command: EditOrder, order: Order, world: World) -> World:
    """A world of this order alone, which may be used up."""
    sku_ids = {line.sku_id for line in order.lines.values()}
    sku_ids |= {world.skus[line.sku].id for line in command.add if line.sku in world.skus}
    stock = world.stock and replace(
        world.stock,
        supplies=_of(world.stock.supplies, sku_ids),
        allowances=_of(world.stock.allowances, sku_ids),
        waiting=_of(world.stock.waiting, sku_ids),
    )
    alone = World(
        Orders({command.order: order}),
        _of(world.work, {order.id}),
        _of(world.parcels, {order.id}),
        diary=Diary(world.diary.days, _of(world.diary.bookings, {order.id})) if stock is None else world.diary,
        said={key: each for key, each in world.said.items() if key[0] == order.id},
        serials={key: each for key, each in world.serials.items() if each.order_id == order.id},
        tenders=_of(world.tenders, {order.id}),
        credits={key: each for key, each in world.credits.items() if key[0] == order.company_id},
        taken={key: each for key, each in world.taken.items() if key[0] == order.id},
        people=People(),
        waiting=world.waiting,
        stock=stock,
    )
    shared = (world.policies, world.network, world.skus, *_shared_of(world))
    alone = copy.deepcopy(alone, {id(each): each for each in shared})
    alone.policies, alone.network, alone.skus = world.policies, world.network, world.skus
    alone.taxing = world.taxing and replace(world.taxing, moved=dict(world.taxing.moved))
    alone.shelves, alone.lots, alone.located = world.shelves, world.lots, world.located
    return alone


def _shared_of(world: World) -> tuple[object, ...]:
    """Large parts of the stock that nobody changes."""
    stock = world.stock
    return (stock.ranking, stock.safety, stock.basis, stock.locations, stock.in_lots) if stock else ()


def _of(found: Any, keys: set[UUID]) -> Any:
    return {key: value for key, value in found.items() if key in keys}
