"""What comes back."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.operations.model.types import LOTS
from tests.operations.random_lives.ground import Ground, places, which


class Returns(Ground):
    """It is announced, received and disposed of."""

    @precondition(lambda self: self.known("order"))
    @rule(index=which, line=st.sampled_from((1, 1, 2)), quantity=st.integers(1, 2))
    def request_return(self, index: int, line: int, quantity: int) -> None:
        number = self.one("order", index)
        order = self.model.orders[number]
        if line in order.lines and order.lines[line].is_kit:
            return
        fields = {"order": number, "reason": "size", "lines": [{"line": line, "quantity": quantity}]}
        self.step("returns.request", fields, lambda _: self.model.request_return(number, line, quantity))

    @precondition(
        lambda self: any(order.returns for order in self.model.orders.values()) if self.known("order") else False
    )
    @rule(
        data=st.data(),
        place=places,
        quantity=st.integers(1, 2),
        lot=st.sampled_from(LOTS["L"]),
        line=st.sampled_from((1, 1, 2)),
    )
    def receive_return(self, data: st.DataObject, place: str, quantity: int, lot: str, line: int) -> None:
        number = data.draw(st.sampled_from([number for number, each in self.model.orders.items() if each.returns]))
        order = self.model.orders[number]
        document = data.draw(st.integers(1, len(order.returns)))
        if line not in order.lines:
            return
        named = lot if order.lines[line].sku in LOTS else ""
        units = {"line": line, "quantity": quantity, **({"lot": named} if named else {})}
        fields = {"document": f"{number}-R{document}", "location": place, "lines": [units]}
        self.step(
            "returns.receive",
            fields,
            lambda _: self.model.receive_return(number, document, line, quantity, place, named),
        )

    @precondition(
        lambda self: any(order.returns for order in self.model.orders.values()) if self.known("order") else False
    )
    @rule(
        data=st.data(),
        quantity=st.integers(1, 2),
        disposition=st.sampled_from(("restock", "damaged", "scrapped")),
        line=st.sampled_from((1, 1, 2)),
    )
    def dispose(self, data: st.DataObject, quantity: int, disposition: str, line: int) -> None:
        number = data.draw(st.sampled_from([number for number, each in self.model.orders.items() if each.returns]))
        document = data.draw(st.integers(1, len(self.model.orders[number].returns)))
        # Somebody may have sold or moved what waits in quality hold by its bucket alone: then nothing can be said.
        lines = self.model.orders[number].returns[document - 1]
        if line in lines and lines[line].place:
            row = (self.model.orders[number].lines[line].sku, str(lines[line].place), lines[line].lot)
            if self.model.row(row)["quality_hold"] < quantity:
                return
        fields = {
            "document": f"{number}-R{document}",
            "lines": [{"line": line, "quantity": quantity, "disposition": disposition}],
        }
        self.step(
            "returns.dispose", fields, lambda _: self.model.dispose(number, document, line, quantity, disposition)
        )
