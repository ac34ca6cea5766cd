"""What an edit changes of an order beside its units and its money: address, date, method, priority, and what goes out whole."""

from typing import Any
from uuid import UUID

from lading.customers import rules as people_rules
from lading.customers.types import People
from lading.fulfillment.types import Work
from lading.journal.types import Envelope
from lading.orders import kits
from lading.orders.commands import EditOrder
from lading.orders.types import Heading, Line, Method, Order, Wholeness


def prioritise(command: EditOrder, order: Order, work: Work, data: dict[str, Any]) -> list[object]:
    """Serve the order earlier or later from now on: what waits for stock, and what locations have not sent.

    Call before its units move.
    """
    if command.priority is None:
        return []
    waiting: dict[UUID, int] = {}
    for line in order.lines.values():
        if units := line.units["backordered"]:
            waiting[line.sku_id] = waiting.get(line.sku_id, 0) + units
    row = Heading(order, (order.priority, command.priority), waiting)
    order.priority = data["priority"] = command.priority
    at_work = [each for each in work.fulfillment_orders if each.released + each.picked + each.packed]
    for each in at_work:
        each.priority = command.priority
    if at_work:
        data["prioritised"] = [each.number for each in at_work]
    return [row, *at_work]


def goes_whole(command: EditOrder, order: Order) -> bool:
    """Whether all of the order goes out together once it is edited."""
    return order.ship_complete if command.ship_complete is None else command.ship_complete


def head(
    envelope: Envelope[EditOrder],
    order: Order,
    added: list[Line],
    people: People,
    located: UUID | None,
    data: dict[str, Any],
) -> list[object]:
    """The rest of it; what changed is told in `data`. `located` is an address that was written before."""
    command = envelope.command
    rows: list[object] = []
    if command.ship_to:
        order.ship_to_id = located
        if located is None:
            order.ship_to_id, rows = people_rules.locate(command.ship_to, people, envelope.fresh_id)
        data["ship_to_id"] = order.ship_to_id
    if command.ship_by:
        order.ship_by = data["ship_by"] = command.ship_by
    if command.ship_to or command.ship_by:
        rows.append(Heading(order))
    if command.method:
        data["method"] = command.method
        rows.append(Method(order.id, command.method))
    return rows + _wholeness(command, order, added, data)


def _wholeness(command: EditOrder, order: Order, added: list[Line], data: dict[str, Any]) -> list[object]:
    if command.ship_complete is not None:
        order.ship_complete = data["ship_complete"] = command.ship_complete
    if command.complete_lines is not None:
        sold = {kits.sold_as(order, order.lines[number]).number for number in command.complete_lines}
        for line in order.lines.values():
            line.ship_complete = line.number in sold or (line in added and line.ship_complete)
    if command.complete_lines is not None or any(line.ship_complete for line in added):
        data["complete_lines"] = [line.number for line in order.lines.values() if line.ship_complete]
    return [] if data.keys().isdisjoint(("ship_complete", "complete_lines")) else [Wholeness(order)]
