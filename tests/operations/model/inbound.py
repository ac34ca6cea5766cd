"""What is bought."""

from __future__ import annotations

from tests.operations.model.books import Books
from tests.operations.model.types import Purchase, Refused


class Inbound(Books):
    """It is received and called off."""

    def purchase(self, name: str) -> Purchase:
        if self.purchases[name].status != "open":
            raise Refused("not_open")
        return self.purchases[name]

    def receive_purchase(self, name: str, good: int, damaged: int, lot: str) -> None:
        found = self.purchase(name)
        line = found.lines[0]
        if good + damaged > line["ordered"] - line["cancelled"] - line["received"]:
            raise Refused("over_receipt")
        line["received"] += good + damaged
        line["damaged"] += damaged
        row = (line["sku"], line["place"], lot)
        self.move(row, None, "available", good)
        self.move(row, None, "damaged", damaged)
        self.known_lots.add(lot)
        self.done()

    def call_off(self, name: str, quantity: int | None) -> None:
        line = self.purchase(name).lines[0]
        left = max(line["ordered"] - line["cancelled"] - line["received"], 0)
        if quantity is not None and quantity > left:
            raise Refused("not_expected")
        line["cancelled"] += left if quantity is None else quantity
        if left == (left if quantity is None else quantity):
            self.purchases[name].status = "cancelled"
