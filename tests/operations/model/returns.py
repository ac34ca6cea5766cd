"""What comes back."""

from __future__ import annotations

from tests.operations.model.fulfillment import Fulfillment
from tests.operations.model.types import LOTS, Line, Order, Refused, ReturnLine


class Returns(Fulfillment):
    """It is announced, received and disposed of."""

    def request_return(self, number: str, line_number: int, quantity: int) -> None:
        order = self.order(number)
        if line_number not in order.lines:
            raise Refused("unknown_line")
        line = order.lines[line_number]
        away = line.units["delivered"] + line.units["in_transit"]
        if quantity > away - line.units["return_requested"] - line.units["returned"]:
            raise Refused("more_than_shipped")
        order.returns.append({line_number: ReturnLine(quantity)})
        line.units["return_requested"] += quantity

    def returned(self, number: str, document: int, line_number: int) -> tuple[Order, Line, ReturnLine, bool]:
        order = self.order(number)
        if document > len(order.returns):
            raise Refused("unknown_return")
        lines = order.returns[document - 1]
        if line_number not in lines:
            raise Refused("unknown_line")
        return order, order.lines[line_number], lines[line_number], 0 in lines

    def receive_return(self, number: str, document: int, line_number: int, quantity: int, place: str, lot: str) -> None:
        order, line, returned, sent_back = self.returned(number, document, line_number)
        if quantity > returned.awaited:
            raise Refused("more_than_awaited")
        if returned.place not in (None, place):
            raise Refused("received_elsewhere")
        if line.sku in LOTS and lot not in {each.row[2] for each in order.allocations if each.line == line_number}:
            raise Refused("lot_not_sent")
        if returned.received and returned.lot != lot:
            raise Refused("received_in_other_lot")
        returned.received += quantity
        returned.place, returned.lot = place, lot
        if sent_back:
            line.units["returning"] -= quantity
        else:
            line.units["return_requested"] -= quantity
            line.units["returned"] += quantity
        self.move((line.sku, place, lot), None, "quality_hold", quantity)
        self.done()

    def dispose(self, number: str, document: int, line_number: int, quantity: int, disposition: str) -> None:
        _, line, returned, _ = self.returned(number, document, line_number)
        if quantity > returned.received - returned.disposed:
            raise Refused("not_received")
        returned.disposed += quantity
        assert returned.place
        target = {"restock": "available", "damaged": "damaged", "scrapped": None}[disposition]
        self.move((line.sku, returned.place, returned.lot), "quality_hold", target, quantity)
        self.done()
