"""What an edit changes of an order beside its units and its money: address, date, method, priority, and what goes out whole."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from lading.catalog.attributes import Schema
from lading.customers import rules as people_rules
from lading.customers.types import People
from lading.fulfillment.types import Work
from lading.journal.types import Decision, Envelope, refused
from lading.operations import attributing, fulfilling
from lading.orders import kits
from lading.orders.edit_commands import EditOrder
from lading.orders.types import Heading, Line, Method, Order, Wholeness
from lading.terms.fields import AttributeValue


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


def refuse_attributes(command: EditOrder, order: Order, schema: Schema) -> Decision | None:
    """What is said must fit; a line that is new says all that has to be said."""
    if refusal := attributing.refuse(schema, "order", command.attributes, "/attributes", whole=False):
        return refusal
    for index, changed in enumerate(command.line_attributes):
        pointer = f"/line_attributes/{index}"
        if changed.line not in order.lines:
            document = f"order {order.number}"
            return refused(fulfilling.UNKNOWN_LINE, f"{pointer}/line", document=document, line=changed.line)
        if refusal := attributing.refuse(schema, "line", changed.attributes, f"{pointer}/attributes", whole=False):
            return refusal
    for index, new in enumerate(command.add):
        if refusal := attributing.refuse(schema, "line", new.attributes, f"/add/{index}/attributes", whole=True):
            return refusal
    return None


def attributes(
    command: EditOrder,
    order: Order,
    added: Sequence[tuple[int, Mapping[str, AttributeValue]]],
    schema: Schema,
    data: dict[str, Any],
) -> list[object]:
    """What is said of the order and its lines from now on; `added` are new lines, those that are more of another one say what it does."""
    rows = attributing.said(schema, "order", order.id, 0, command.attributes)
    for changed in command.line_attributes:
        rows += attributing.said(schema, "line", order.id, changed.line, changed.attributes)
    for number, values in added:
        known = {code: value for code, value in values.items() if ("line", code) in schema}
        rows += attributing.said(schema, "line", order.id, number, known)
    if rows:
        data["attributes"] = attributing.told(rows)
    return list(rows)


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
