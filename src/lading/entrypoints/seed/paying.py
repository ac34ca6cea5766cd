"""How some customers of the seeded merchant pay: by card, by transfer, at the door, with a gift card; and what goes wrong with it.

The account `demo` at a provider is nobody's: what it would have said is told here, and nobody is called.
"""

from datetime import datetime, timedelta
from typing import Any

from lading.entrypoints.seed.stories import Step, Story
from lading.entrypoints.seed.wares import eur
from lading.entrypoints.seed.wishes import DAYS, before_end

Fields = dict[str, Any]

SKU, PRICE = "MUG-BLUE", "12.50"
CARD = {"kind": "card", "provider": "demo", "method": "pm_demo"}


def stories(start: datetime) -> list[Story]:
    """All of them, each to begin at the start."""
    end = start + timedelta(days=DAYS)
    return [
        _by_card(end),
        _declined(end),
        _disputed(end),
        _transfer(end),
        _once(_order("P-5", end, 2, [{"kind": "cash_on_delivery", "amount": eur("25.00")}])),
        _gift_card(end),
        _became_credit(end),
    ]


ORDERS = 7
"""How many orders these stories place."""


def _order(reference: str, end: datetime, units: int, tenders: list[Fields], days: int = 0) -> Fields:
    """An order of so many mugs, placed so many days before the end."""
    name = {"P-6": "Elif Aydin", "P-7": "Jonas Brandt"}.get(reference, "Marta Okafor")
    return {
        "channel": "web", "currency": "EUR", "external_reference": reference,
        "placed_at": (end - timedelta(days=days, hours=9)).isoformat(),
        "customer": {"name": name, "email": f"{name.partition(' ')[0].lower()}@example.org"},
        "ship_to": {"name": name, "line1": "Lindenweg 4", "postal_code": "22087", "city": "Hamburg", "country": "DE"},
        "lines": [{"sku": SKU, "quantity": units, "unit_price": eur(PRICE)}], "tenders": tenders,
    }  # fmt: skip


def _step(verb: str, fields: Fields, wait: timedelta = timedelta(hours=1), who: str = "provider") -> Step:
    return Step(wait, verb, fields, who)


def _place(fields: Fields) -> Step:
    return _step("orders.place", fields, before_end(9), "channel")


def _once(fields: Fields) -> Story:
    yield _place(fields)


def _answer(order: object, request: int, **told: Any) -> Step:
    return _step("payments.answer", {"order": str(order), "tender": 1, "request": request, **told})


def _by_card(end: datetime) -> Story:
    """A card that promised what the order costs."""
    placed = yield _place(_order("P-1", end, 2, [CARD | {"amount": eur("25.00")}]))
    until = (end + timedelta(days=6)).isoformat()
    yield _answer(placed["number"], 1, outcome="succeeded", reference="pi_demo_1", expires_at=until)


def _declined(end: datetime) -> Story:
    """A card that was declined: the order waits."""
    placed = yield _place(_order("P-2", end, 1, [CARD | {"amount": eur("12.50")}]))
    yield _answer(placed["number"], 1, outcome="failed", code="insufficient_funds")


def _disputed(end: datetime) -> Story:
    """Paid at once, and the customer's bank took it back."""
    placed = yield _place(_order("P-3", end, 3, [CARD | {"amount": eur("37.50")}]))
    order = str(placed["number"])
    yield _answer(order, 1, outcome="succeeded", reference="pi_demo_3")
    yield _step("payments.capture", {"order": order}, who="service")
    yield _answer(order, 2, outcome="succeeded", reference="ch_demo_3")
    by = (end + timedelta(days=5)).isoformat()
    taken = {"tender": 1, "reference": "dp_demo_3", "amount": eur("37.50"), "reason": "fraudulent", "answer_by": by}
    yield _step("payments.dispute", {"order": order, **taken})


def _transfer(end: datetime) -> Story:
    """A bank transfer of which half came."""
    placed = yield _place(_order("P-4", end, 4, [{"kind": "bank_transfer", "amount": eur("50.00")}], days=9))
    half = {"order": str(placed["number"]), "kind": "bank_transfer", "amount": eur("25.00"), "reference": "TX-2207"}
    yield _step("payments.record", half, who="service")


def _gift_card(end: datetime) -> Story:
    """A gift card that pays an order and has something left."""
    placed = yield _place(_order("P-6", end, 1, []))
    card = {"code": "GIFT-7K2M-99QX", "amount": eur("50.00"), "reason": "sold"}
    card |= {"expires_at": (end + timedelta(days=700)).isoformat()}
    yield _step("credits.issue", card, who="service")
    yield _step("credits.spend", {"order": str(placed["number"]), "code": "GIFT-7K2M-99QX"}, who="channel")


def _became_credit(end: datetime) -> Story:
    """One of two mugs is cancelled, and becomes store credit."""
    placed = yield _place(_order("P-7", end, 2, [{"amount": eur("25.00"), "reference": "pay_demo_7"}]))
    order = str(placed["number"])
    units = {"order": order, "reason": "customer_request", "lines": [{"line": 1, "quantity": 1}]}
    yield _step("lines.cancel", units, who="service")
    yield _step("payments.refund", {"order": order, "to": "store_credit"}, who="service")
