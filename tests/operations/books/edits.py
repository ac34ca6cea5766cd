"""Orders that were edited, split, joined and written about."""

from __future__ import annotations

from tests.operations.books.spoiling import Spoil
from tests.races.shop import CHARGES, Shop, money, order


async def edit(shop: Shop) -> None:
    """An order that was edited twice: units, a price, a charge; then its address, date, priority and method."""
    await shop.do("products.save", {"sku": "F", "name": "Product F"}, {"sku": "G", "name": "Product G"})
    here = {"location": "HAM", "quantity": 9, "reason": "opening"}
    await shop.do("stock.receive", {"sku": "F", **here}, {"sku": "G", **here})
    number = (await shop.do("orders.place", order(("F", 3), ("G", 1), external_reference="W-E")))[0]["number"]
    new = {"sku": "G", "quantity": 2, "unit_price": money("4.00")}
    new["charges"] = [{"kind": "tax", "code": "vat", "amount": money("0.76"), "rate": "19"}]
    change = {"order": number, "reason": "wish", "quantities": [{"line": 1, "quantity": 2}], "add": [new]}
    await shop.do("orders.edit", change | {"prices": [{"line": 2, "unit_price": money("5.00")}]})
    head = {"ship_to": {"country": "AT"}, "ship_by": "2035-12-03T08:00:00Z", "priority": 5, "method": "bike"}
    await shop.do("orders.edit", {"order": number, "reason": "wish", **head})
    await prepare(shop, number)


async def prepare(shop: Shop, number: str) -> None:
    """Three edits that were prepared: one was confirmed, one dropped, one waits."""
    change = {"order": number, "reason": "wish", "ship_to": {"country": "AT", "name": "Ina Kreft"}}
    begun = [
        (await shop.do("edits.begin", {**change, "quantities": [{"line": 1, "quantity": units}]}))[0]["edit"]
        for units in (1, 0, 1)
    ]
    await shop.do("edits.confirm", {"edit": begun[0]})
    await shop.do("edits.drop", {"edit": begun[1], "reason": "late"})
    await shop.do("orders.edit", {**change, "ship_complete": True, "complete_lines": [2]})
    await shop.do("orders.release", {"order": number})
    await shop.do("orders.edit", {"order": number, "reason": "wish", "priority": 9})
    notes = [{"order": number, "text": text} for text in ("Rings at the back door", "Ina is away")]
    desk = {"subject": "order", "code": "desk", "name": "Desk", "type": "choice", "allowed": ["a", "b"]}
    wish = {"subject": "line", "code": "wish", "name": "Wish", "type": "text"}
    weave = {"subject": "product", "code": "weave", "name": "Weave", "type": "number"}
    await shop.do("attributes.define", desk, wish, weave)
    said = {"attributes": {"desk": "a"}, "line_attributes": [{"line": 1, "attributes": {"wish": "A red ribbon"}}]}
    await shop.do("orders.edit", {"order": number, "reason": "wish", **said})
    await shop.do("products.save", {"sku": "G", "name": "Product G", "attributes": {"weave": 7}})
    await shop.do("notes.add", *notes)
    await shop.do("notes.blank", {"note": f"{number}-N2"})
    await shop.do("orders.tag", {"order": number, "add": ["VIP", "late"]}, {"order": number, "remove": ["late"]})


async def part_and_join(shop: Shop) -> None:
    """An order that was split, with what was paid for it; the part went back to it again."""
    await shop.do("products.save", {"sku": "H", "name": "Product H"})
    await shop.do("stock.receive", {"sku": "H", "location": "HAM", "quantity": 9, "reason": "opening"})
    paid = [{"amount": money("16.90")}]
    number = (await shop.do("orders.place", order(("H", 3), ("H", 1), charges=list(CHARGES), tenders=paid)))[0][
        "number"
    ]
    (done,) = await shop.do("orders.split", {"order": number, "reason": "wish", "lines": [{"line": 1, "quantity": 2}]})
    await shop.do("orders.merge", {"order": number, "others": [done["number"]], "reason": "wish"})


SPOILS = [
    Spoil(
        "lines_added",
        "Event ",
        """UPDATE event SET data = data || '{"adjusted_minor": 1}' WHERE kind = 'order_edited'""",
    ),
    Spoil(
        "lines_added",
        "Line 1 of order ",
        "UPDATE order_line SET cancelled = 1, allocated = allocated + 1 WHERE cancelled = 2 AND sku_id ="
        " (SELECT id FROM sku WHERE code = 'CUP')",
    ),
    Spoil(
        "lines_added",
        "Event ",
        "UPDATE money_posting SET amount_minor = amount_minor + 1 WHERE credit = 'sales' AND event_id IN"
        " (SELECT event_id FROM event WHERE kind = 'shortage_settled')",
    ),
    Spoil(
        "order_attributes",
        "What is said of desk of order ",
        "UPDATE order_attribute SET value = 'b' WHERE code = 'desk'",
    ),
    Spoil("order_attributes", "What is said of wish of order ", "DELETE FROM order_attribute WHERE code = 'wish'"),
    Spoil(
        "product_attributes",
        "What is said of weave of G",
        "UPDATE product_attribute SET value = '8' WHERE code = 'weave'",
    ),
    Spoil("attributes", "The attribute desk of orders", "UPDATE attribute SET required = true WHERE code = 'desk'"),
    Spoil(
        "order_relations", "The relation split_into of order ", "DELETE FROM order_relation WHERE how = 'split_into'"
    ),
    Spoil(
        "order_relations",
        "The relation merged_",
        "UPDATE order_relation SET how = 'split_from' WHERE how = 'merged_from'",
    ),
    Spoil("order_notes", "Note 1 on order ", "UPDATE order_note SET audience = 'customer' WHERE number = 1"),
    Spoil("order_notes", "Note 2 on order ", "UPDATE order_note SET text = 'x', blanked_at = NULL WHERE number = 2"),
    Spoil("order_tags", "The tag vip of order ", "DELETE FROM order_tag WHERE tag = 'vip'"),
    Spoil("order_tags", "The tag late of order ", "UPDATE order_tag SET tag = 'late'"),
    Spoil("order_edits", "Edit 1 of order ", "UPDATE order_edit SET status = 'begun' WHERE number = 1"),
    Spoil("order_edits", "Edit 2 of order ", "UPDATE order_edit SET shown = '{}' WHERE status = 'dropped'"),
    Spoil("order_edits", "Edit 3 of order ", "DELETE FROM order_edit WHERE status = 'begun'"),
]
