"""A small merchant for tests: everything that is in it came through operations."""

from __future__ import annotations

import hashlib
import tempfile
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from lading.access import store as access
from lading.audit import Difference, audit
from lading.database.pool import Database
from lading.entrypoints.feeding import queue as stock_feeds
from lading.entrypoints.files import Files
from lading.journal.types import Answer, Envelope
from lading.kernel.ids import new_id
from lading.operations.asking_taxes import Question, TaxAnswer
from lading.operations.execute import Executor
from lading.operations.registry import Verb, verbs
from lading.terms.taxes import Tax

Payload = Mapping[str, Any]

DAY = "2019-03-02T11:42:00+01:00"
PEOPLE = ("Wilhelmina Quastenberg", "quastenberg@example.com", "+49 40 1234567", "Zwiebelgasse 99")
"""Who ordered, in words that occur nowhere else."""

CHARGES = (
    {"kind": "shipping", "code": "std", "amount": {"amount": "4.90", "currency": "EUR"}},
    {"kind": "discount", "code": "SPRING", "amount": {"amount": "-1.00", "currency": "EUR"}},
)


def envelope(verb: Verb, payload: Payload, command_id: uuid.UUID | None = None) -> Envelope[Any]:
    """The command as the API would pass it on."""
    body = hashlib.sha256(msgspec.json.encode(payload, order="sorted")).digest()
    command = msgspec.convert(payload, verb.command)
    return Envelope(command_id or uuid.uuid4(), body, "key:test", command, new_id(), new_id())


def money(amount: str, currency: str = "EUR") -> dict[str, str]:
    """As JSON has it."""
    return {"amount": amount, "currency": currency}


def order(*lines: tuple[str, int], price: str = "9.99", **more: Any) -> dict[str, Any]:
    """The payload of an order for (sku, quantity) lines, with an address and without a customer."""
    return {
        "channel": "web", "currency": "EUR", "ship_to": {"country": "DE", "city": "Hamburg"},
        "lines": [{"sku": sku, "quantity": quantity, "unit_price": money(price)} for sku, quantity in lines],
        **more,
    }  # fmt: skip


class Shop:
    """One merchant, one process."""

    def __init__(self, database: Database, merchant_id: int) -> None:
        self.database = database
        self.merchant_id = merchant_id
        self.executor = Executor(database, ask_taxes=self.ask_taxes)
        self.tax_service_is_away = False

    async def ask_taxes(self, _: int, questions: Sequence[Question]) -> Mapping[Question, TaxAnswer]:
        """A tenth of everything, unless the service is away."""
        if self.tax_service_is_away:
            return dict.fromkeys(questions, "away")
        tenth = Decimal(10)
        return {
            each: [
                Tax(index, "TENTH", tenth, False, item.amount_minor // 10)
                for index, item in enumerate(each.document.items)
            ]
            for each in questions
        }

    async def answers(self, verb: str, payloads: Sequence[Payload]) -> list[Answer]:
        """Run one batch of commands."""
        found = verbs()[verb]
        return await self.run(verb, [envelope(found, payload) for payload in payloads])

    async def run(self, verb: str, batch: Sequence[Envelope[Any]]) -> list[Answer]:
        """Run one batch of envelopes."""
        return await self.executor.run(self.merchant_id, verbs()[verb], batch)

    async def do(self, verb: str, *payloads: Payload) -> list[dict[str, Any]]:
        """Run one batch of which every command must be accepted; the outcomes."""
        answers = await self.answers(verb, payloads)
        for answer in answers:
            assert answer.accepted, answer.body or "failed"
        return [msgspec.json.decode(answer.body) for answer in answers]

    async def stock_up(
        self, quantity: int, skus: Sequence[str] = ("A", "B", "C"), places: Sequence[str] = ("HAM", "BER")
    ) -> None:
        """A channel, locations, products, and so many units of each product at each location."""
        await self.do("channels.save", {"code": "web", "name": "Web shop"})
        await self.do(
            "locations.save",
            *(
                {"code": code, "name": code, "kind": "warehouse", "time_zone": "UTC", "country": "DE"}
                for code in places
            ),
        )
        await self.do("products.save", *({"sku": sku, "name": f"Product {sku}"} for sku in skus))
        receipts = [
            {"sku": sku, "location": place, "quantity": quantity, "reason": "opening"}
            for sku in skus
            for place in places
        ]
        if quantity:
            await self.do("stock.receive", *receipts)

    async def audit(self) -> list[Difference]:
        """What the audit finds."""
        async with self.database.read(self.merchant_id) as tx:
            return await audit(tx)

    async def fetch(self, statement: str, *arguments: Any) -> list[Any]:
        """Rows of one statement; $1 is the merchant."""
        async with self.database.read(self.merchant_id) as tx:
            return await tx.fetch(statement, *arguments)


@asynccontextmanager
async def open_shop(dsn: str, slug: str = "") -> AsyncIterator[Shop]:
    """A new merchant of that database."""
    database = await Database.connect(dsn)
    slug = slug or f"shop-{uuid.uuid4().hex}"
    try:
        yield Shop(database, await access.create_merchant(database, slug, slug, "UTC", "EUR"))
    finally:
        await database.close()


async def live(shop: Shop) -> None:
    """A life with something of everything that the verbs can do so far."""
    await shop.stock_up(20)
    number = await send(shop)
    split, held = order(("C", 30), risk=12, bill_to={"country": "DE", "line1": PEOPLE[3]}), order(("A", 1))
    del held["ship_to"]
    waiting, stopped = await shop.do("orders.place", split, held)
    await shop.do("stock.adjust", {"sku": "B", "location": "HAM", "quantity": 2, "kind": "damaged", "reason": "wet"})
    await shop.do("orders.release", {"order": waiting["number"]})
    await shop.do("lines.cancel", {"order": waiting["number"], "reason": "late", "lines": [{"line": 1, "quantity": 4}]})
    await shop.do("orders.hold", {"order": stopped["number"], "kind": "fraud", "note": f"{PEOPLE[0]} called"})
    await shop.do("holds.release", {"order": stopped["number"], "kind": "no_address"})
    await shop.do("orders.source", {"order": number})
    await shop.do("payments.record", {"order": stopped["number"], "amount": money("5.00"), "kind": "cash"})
    await bring_back(shop, number)
    await remember(shop)
    await move(shop)
    await pool(shop)
    await name(shop)
    await sell_kits(shop)
    await keep_days(shop)
    await walk(shop)
    await tell_apart(shop)
    await expect(shop)
    await count(shop)
    await run_low(shop)
    await put_back(shop)
    await box(shop)
    await edit(shop)
    await part_and_join(shop)
    await replace_missing(shop)
    await pay(shop)
    await bill(shop)
    await promise(shop)
    await sell_to_companies(shop)
    await draft(shop)
    await ask_around(shop)
    await source_by_rules(shop)
    await tax(shop)
    await collect(shop)


async def sell_to_companies(shop: Shop) -> None:
    """A company with terms and a limit: an order that was paid in part, one over the limit, one that was cancelled; and an invoice."""
    await shop.do("products.save", {"sku": "DESK", "name": "Desk"})
    await shop.do("stock.receive", {"sku": "DESK", "location": "HAM", "quantity": 9, "reason": "opening"})
    nord = {"code": "NORD", "name": "Nord Hotels", "terms_days": 30, "group": "hotels"}
    buyer = {"person": {"name": "Eva Lind", "email": "eva@example.com"}, "role": "buyer"}
    await shop.do("companies.save", nord)
    await shop.do("companies.save", {**nord, "contacts": [buyer], "credit_limits": [money("50.00")]})
    await shop.do(
        "price-lists.save", {"code": "HOTELS", "name": "Hotels", "currency": "EUR", "company_group": "hotels"}
    )
    steps = [{"unit_price": money("22.00")}, {"from_quantity": 2, "unit_price": money("20.00")}]
    await shop.do("prices.set", {"price_list": "HOTELS", "items": [{"sku": "DESK"}]})
    await shop.do("prices.set", {"price_list": "HOTELS", "items": [{"sku": "DESK", "prices": steps}]})
    bought = order(("DESK", 2), company="NORD", lines=[{"sku": "DESK", "quantity": 2}])
    made = await shop.do("orders.place", *({**bought, "purchase_order": f"PO {number}"} for number in range(3)))
    paid, _, gone = [each["number"] for each in made]
    assert made[1]["holds"] == ["credit_limit"]
    await shop.do("payments.record", {"order": paid, "amount": money("15.00"), "kind": "bank_transfer"})
    await shop.do("lines.cancel", {"order": gone, "reason": "late"})
    await shop.do("policies.set", {"name": "terms_from", "value": "invoice"})
    (billed,) = await shop.do("orders.place", bought)
    await shop.do("invoices.issue", {"order": billed["number"], "bill": "all"})
    await shop.do("policies.set", {"name": "terms_from", "value": None})


async def draft(shop: Shop) -> None:
    """A quote that was revised, kept stock for, accepted and converted; one that was declined."""
    await shop.do("products.save", {"sku": "QUOTED", "name": "Quoted"})
    await shop.do("stock.receive", {"sku": "QUOTED", "location": "HAM", "quantity": 9, "reason": "opening"})
    wanted = {
        **order(("QUOTED", 3), charges=list(CHARGES)),
        "customer": {"name": "Eva Lind", "email": "eva@example.com"},
    }
    made = await shop.do("drafts.create", {**wanted, "reference": "Q-1"}, {**wanted, "note": "Call first."})
    one, two = [{"draft": each["draft"]} for each in made]
    await shop.do("policies.set", {"name": "approve_over", "value": "20.00"})
    big = order(("QUOTED", 1), price="30.00")
    late = [{"draft": each["draft"]} for each in await shop.do("drafts.create", big, big)]
    held = [{"order": each["number"]} for each in await shop.do("orders.place", big, big)]
    await shop.do("approvals.give", late[0], held[0])
    await shop.do("approvals.refuse", *({**each, "reason": "too_much"} for each in (late[1], held[1])))
    await shop.do("policies.set", {"name": "approve_over", "value": None})
    await shop.do("drafts.revise", {**one, "ship_by": "2035-12-03T08:00:00Z", "expires_at": "2990-01-01T00:00:00Z"})
    await shop.do("drafts.reserve", one, two)
    (often,) = await shop.do("drafts.create", order(("QUOTED", 1), price="5.00"))
    rhythm = {"draft": often["draft"], "unit": "month", "first_at": "2026-01-31T08:00:00Z"}
    made = await shop.do("subscriptions.create", rhythm, rhythm, {**rhythm, "prices": "current"})
    each = [{"subscription": row["subscription"]} for row in made]
    await shop.do("subscriptions.place", {**each[0], "cycle": 1}, {**each[2], "cycle": 1})
    await shop.do("subscriptions.skip", each[0])
    await shop.do("subscriptions.pause", each[0])
    await shop.do("subscriptions.resume", each[0])
    await shop.do("subscriptions.cancel", {**each[1], "reason": "moved_away"})
    (apart,) = await shop.do("orders.place", order(("QUOTED", 1), ("A", 1), price="1.00", external_reference="W-2A"))
    here = {"order": apart["number"], "lines": [1]}
    await shop.do("lines.address", {**here, "ship_to": {"country": "AT", "city": "Wien"}})
    await shop.do("orders.release", {"order": apart["number"]})
    await shop.do("drafts.send", one, two)
    await shop.do("drafts.accept", one)
    await shop.do("drafts.decline", {**two, "reason": "too_expensive"})
    await shop.do("drafts.convert", {**one, "external_reference": "W-D"})


async def tax(shop: Shop) -> None:
    """A channel of which taxes are calculated here; its order is paid in another currency than the shop's, edited, and cut."""
    await shop.stock_up(0, ("TAXED",))
    await shop.do("stock.receive", {"sku": "TAXED", "location": "HAM", "quantity": 9, "reason": "opening"})
    await shop.do("channels.save", {"code": "taxed", "name": "Taxed"})
    await shop.do("policies.set", {"name": "taxes", "value": "calculate", "channel": "taxed"})
    worth = {"currency": "JPY", "shop_currency": "EUR", "day": "2026-01-01", "rate": "0.0061"}
    await shop.do("exchange-rates.save", worth, {**worth, "rate": "0.0062"})
    rate = {"country": "DE", "code": "VAT", "rate": "19", "included": True, "valid_from": "2026-01-01"}
    await shop.do(
        "tax-rates.save", rate, {**rate, "category": "books", "rate": "7"}, {**rate, "category": "tip", "rate": None}
    )
    charges = [
        {"kind": "discount", "code": "SPRING", "percent": "10", "source": "code"},
        {"kind": "gift_wrap", "code": "ribbon", "amount": money("2.00")},
    ]
    dollars = {"currency": "USD", "rate": "1.0843"}
    placed = order(("TAXED", 4), channel="taxed", charges=charges, exchange=dollars, placed_at="2026-11-01T12:00:00Z")
    (done, _) = await shop.do("orders.place", placed, {**placed, "tax_exemption": "DE811907980"})
    change = {"order": done["number"], "reason": "late"}
    await shop.do("orders.edit", {**change, "prices": [{"line": 1, "unit_price": money("12.00")}]})
    await shop.do("orders.edit", {**change, "quantities": [{"line": 1, "quantity": 3}]})
    await tax_by_service(shop)


async def tax_by_service(shop: Shop) -> None:
    """The service is away when the order is placed; its invoice is recorded, its credit note refused and sent again."""
    service = {"channel": "taxed", "name": "taxes", "value": "service"}
    await shop.do("policies.set", service, {"channel": "taxed", "name": "tax_service", "value": "ava"})
    shop.tax_service_is_away = True
    (placed,) = await shop.do("orders.place", order(("TAXED", 2), channel="taxed", external_reference="W-T"))
    shop.tax_service_is_away = False
    number = placed["number"]
    await shop.do("orders.tax", {"order": number})
    await shop.do("invoices.issue", {"order": number, "bill": "all"})
    await shop.do("lines.cancel", {"order": number, "reason": "late", "lines": [{"line": 1, "quantity": 1}]})
    await shop.do("invoices.issue", {"order": number, "bill": "all"})
    told = {"order_id": placed["order_id"], "document": 1, "reference": "85000001"}
    await shop.do("tax-records.answer", told, {"order_id": placed["order_id"], "document": 2, "code": "Busy"})
    await shop.do("tax-records.repeat", {"order": number, "document": 2})


async def ask_around(shop: Shop) -> None:
    """Fulfillment orders in parts: held, asked, accepted, moved, given back from the shelf and from a cart, stopped and scheduled."""
    await shop.stock_up(0, ("FO",))
    await shop.do(
        "stock.receive", *({"sku": "FO", "location": each, "quantity": 9, "reason": "x"} for each in ("HAM", "BER"))
    )
    number = (await shop.do("orders.place", order(("FO", 7), external_reference="W-F")))[0]["number"]
    await shop.do("orders.release", {"order": number})
    first, one = {"fulfillment_order": f"{number}-F1"}, [{"line": 1, "quantity": 1}]
    await shop.do("fulfillment-orders.pick", {**first, "lines": [{"line": 1, "quantity": 2}]})
    await shop.do("fulfillment-orders.reject", {**first, "reason": "busy", "lines": [{"line": 1, "quantity": 6}]})
    second = (await shop.do("fulfillment-orders.split", {"fulfillment_order": f"{number}-F2", "lines": one}))[0]
    split = {"fulfillment_order": second["fulfillment_order"]}
    await shop.do("fulfillment-orders.hold", {**split, "kind": "gift"})
    await shop.do("fulfillment-orders.submit", {"fulfillment_order": f"{number}-F2", "minutes": 9})
    await shop.do("fulfillment-orders.accept", {"fulfillment_order": f"{number}-F2", "lines": one})
    await shop.do(
        "fulfillment-orders.reject", {"fulfillment_order": f"{number}-F4", "reason": "wet", "found": "damaged"}
    )
    await shop.do(
        "fulfillment-orders.move",
        {"fulfillment_order": f"{number}-F2", "to_location": "HAM", "reason": "x", "lines": one},
    )
    await shop.do("fulfillment-orders.release-hold", split)
    await shop.do("fulfillment-orders.cancel", {**split, "reason": "mistake"})
    await shop.do("fulfillment-orders.schedule", {"fulfillment_order": f"{number}-F2", "at": "2990-01-01T00:00:00Z"})


CARTON = {
    "code": "M", "inner": {"length_mm": 300, "width_mm": 200, "height_mm": 150}, "cost": money("0.50"), "max_grams": 9_000,
}  # fmt: skip
RATE = {"code": "DE", "countries": ["DE"], "steps": [{"up_to_grams": 5_000, "price": money("4.90")}]}


async def print_papers(shop: Shop, parcel: str) -> None:
    """A label that was printed and printed again, a slip that could not be printed, another one that nobody wants."""
    kinds = ("label", "packing-slip", "cn22")
    await shop.do("print-jobs.add", *({"kind": kind, "of": parcel, "station": "PACK-1"} for kind in kinds))
    (claimed,) = await shop.do("print-jobs.claim", {"station": "PACK-1"})
    label, slip, customs = ({"job": each["job"]} for each in claimed["jobs"])
    await shop.do("print-jobs.finish", {**label, "sha256": "ab" * 32})
    await shop.do("print-jobs.reprint", label)
    await shop.do("print-jobs.fail", {**slip, "trouble": "no paper"})
    await shop.do("print-jobs.drop", customs)


async def box(shop: Shop) -> None:
    """Two parcels in cartons, each with a serial of its own."""
    await shop.do("cartons.save", CARTON)
    await shop.do("parcel-rates.save", RATE)
    await shop.do("policies.set", {"name": "gs1_company_prefix", "value": "4012345"})
    vase = {"length_mm": 90, "width_mm": 90, "height_mm": 120, "weight_grams": 400, "fragile": True, "upright": True}
    await shop.do("products.save", {"sku": "VASE", "name": "Vase", "hs_code": "691200", "origin": "PT", **vase})
    await shop.do("stock.receive", {"sku": "VASE", "location": "HAM", "quantity": 3, "reason": "opening"})
    number = (await shop.do("orders.place", order(("VASE", 2), gift=True)))[0]["number"]
    await shop.do("orders.release", {"order": number})
    await shop.do("fulfillment-orders.pick", {"fulfillment_order": f"{number}-F1"})
    one = {"fulfillment_order": f"{number}-F1", "scans": [{"code": "VASE"}], "carton": "M", "weight_grams": 450}
    await shop.do("parcels.pack", one, one)
    await print_papers(shop, f"{number}-P1")
    await shop.do("policies.set", {"name": "gs1_company_prefix", "value": None})


async def collect(shop: Shop) -> None:
    """Lines that customers collect: at the counter, sent to it from elsewhere, not collected, and changed."""
    place = {"name": "Store", "kind": "store", "time_zone": "UTC", "country": "DE", "capabilities": ["ship", "pickup"]}
    await shop.do("locations.save", {"code": "STO", "priority": 999, **place})
    await shop.do("policies.set", {"name": "ship_to_store", "location": "STO", "value": True})
    await shop.do("products.save", {"sku": "BAG", "name": "Bag"}, {"sku": "HAT", "name": "Hat"})
    here = {"quantity": 3, "reason": "x"}
    await shop.do(
        "stock.receive",
        {"sku": "BAG", "location": "HAM", **here},
        *({"sku": "HAT", "location": each, **here} for each in ("HAM", "STO")),
    )
    wanted = order(("BAG", 1), ("HAT", 2), ("HAT", 1), external_reference="W-P")
    del wanted["ship_to"]
    for line in wanted["lines"][:2]:
        line["pickup"] = "STO"
    number = (await shop.do("orders.place", wanted))[0]["number"]
    await shop.do("holds.release", {"order": number})
    await shop.do("orders.release", {"order": number})
    for name in ("F1", "F2"):
        await shop.do("fulfillment-orders.pick", {"fulfillment_order": f"{number}-{name}"})
        await shop.do("parcels.pack", {"fulfillment_order": f"{number}-{name}"})
    rows = await shop.fetch(
        "SELECT p.number, l.code FROM parcel AS p JOIN orders AS o ON o.merchant_id = $1 AND o.id = p.order_id"
        " JOIN location AS l ON l.merchant_id = $1 AND l.id = p.location_id"
        " WHERE p.merchant_id = $1 AND o.external_reference = 'W-P'"
    )
    for row in rows:
        parcel = {"parcel": f"{number}-P{row['number']}"}
        if row["code"] == "STO":
            await shop.do("pickups.ready", parcel)
            await shop.do("pickups.extend", {**parcel, "collect_by": "2990-01-01T00:00:00Z"})
            await shop.do("pickups.expire", parcel)
        else:
            await shop.do("parcels.ship", {**parcel, "carrier": "DHL"})
            came = (await shop.do("pickups.receive", parcel))[0]["parcel"]
            await shop.do("pickups.hand-over", {"parcel": came, "name": "A. Meyer"})


async def pay(shop: Shop) -> None:
    """Cards: one declined, one captured in parts, given back and partly given up; one that lapsed, one that has not answered."""
    await shop.stock_up(0, ("PAID",))
    await shop.do("stock.receive", {"sku": "PAID", "location": "HAM", "quantity": 9, "reason": "opening"})
    first, second = [each["number"] for each in await shop.do("orders.place", *[order(("PAID", 4), price="10.00")] * 2)]
    card = {"provider": "acme", "method": "pm_1"}
    await shop.do("payments.authorise", {**card, "order": first})
    refused = {"order": first, "tender": 1, "request": 1, "outcome": "failed", "code": "expired_card"}
    await shop.do("payments.answer", refused)
    await shop.do("payments.authorise", {**card, "order": first})
    told = {"order": first, "tender": 2, "outcome": "succeeded"}
    promised = {"reference": "pi_2", "expires_at": "2990-01-01T00:00:00Z"}
    await shop.do("payments.answer", {**told, "request": 1, **promised})
    await shop.do("payments.capture", {"order": first, "amount": money("15.00")})
    await shop.do("payments.capture", {"order": first, "amount": money("5.00")})
    await shop.do("payments.answer", *({**told, "request": number, "reference": f"ch_{number}"} for number in (2, 3)))
    await shop.do("lines.cancel", {"order": first, "reason": "late", "lines": [{"line": 1, "quantity": 3}]})
    await shop.do("payments.refund", {"order": first, "amount": money("7.00")})
    await shop.do("payments.answer", {**told, "request": 4, "reference": "re_4"})
    await shop.do("payments.answer", {**told, "request": 4, "outcome": "failed", "code": "lost_or_stolen_card"})
    await shop.do("payments.refund", {"order": first, "amount": money("3.00")})
    await shop.do("payments.void", {"order": first})
    await shop.do("payments.answer", {**told, "request": 6})
    taken = {"order": first, "tender": 2, "amount": money("4.00"), "reason": "fraudulent"}
    fee = {"provider": "acme", "payment": "pi_2", "movement": "txn_1", "fee": money("0.33")}
    await shop.do("provider-fees.post", fee, {**fee, "movement": "txn_2", "fee": money("-0.03")})
    for reference, ends in (("dp_1", ["open"]), ("dp_2", ["open", "lost"]), ("dp_3", ["won", "open"])):
        for status in ends:
            await shop.do("payments.dispute", {**taken, "reference": reference, "status": status})
    answered = {"order": first, "tender": 2, "reference": "dp_1"}
    await shop.do("disputes.answer", {**answered, "words": "She signed for it."})
    await shop.do("dispute-answers.settle", {**answered, "number": 1, "code": "too_long"})
    await shop.do("disputes.accept", answered)
    await shop.do("payments.authorise", {**card, "order": second, "amount": money("25.00")})
    await shop.do("payments.answer", {**told, "order": second, "tender": 1, "request": 1, "reference": "pi_3"})
    await shop.do("payments.lapse", {"order": second, "tender": 1})
    await shop.do(
        "payments.authorise", {"provider": "acme", "reference": "pi_4", "order": second, "amount": money("5.00")}
    )
    await spend(shop)


async def promise(shop: Shop) -> None:
    """Cards and transfers said with the order: one that answered, one that failed, one transfer that came in part, one given up."""
    await shop.stock_up(0, ("LATER",))
    await shop.do("stock.receive", {"sku": "LATER", "location": "HAM", "quantity": 9, "reason": "opening"})
    card = {"kind": "card", "provider": "acme", "method": "pm_1", "amount": money("20.00")}
    transfer = {"kind": "bank_transfer", "amount": money("20.00")}
    wanted = [order(("LATER", 2), price="10.00", tenders=[each]) for each in (card, card, transfer, transfer)]
    numbers = [each["number"] for each in await shop.do("orders.place", *wanted)]
    told = {"tender": 1, "request": 1}
    await shop.do("payments.answer", {"order": numbers[0], **told, "outcome": "succeeded", "reference": "pi_7"})
    await shop.do("payments.answer", {"order": numbers[1], **told, "outcome": "failed", "code": "expired_card"})
    came = {"order": numbers[2], "amount": money("15.00"), "kind": "bank_transfer", "reference": "TX-15"}
    await shop.do("payments.record", came)
    await shop.do("payments.void", {"order": numbers[3]})
    person = {"name": "Ina Kreft", "email": "ina@example.com"}
    (paid,) = await shop.do(
        "orders.place", order(("LATER", 1), price="7.00", customer=person, tenders=[{"amount": money("7.00")}])
    )
    await shop.do("lines.cancel", {"order": paid["number"], "reason": "late"})
    await shop.do("payments.refund", {"order": paid["number"], "to": "store_credit"})


async def spend(shop: Shop) -> None:
    """A gift card and store credit, of which an order is paid; a part comes back; another card whose time is over."""
    person = {"name": "Ina Kreft", "email": "ina@example.com"}
    (placed,) = await shop.do("orders.place", order(("PAID", 1), price="40.00", customer=person))
    number = placed["number"]
    await shop.do("credits.issue", {"code": "GIFT-0001", "amount": money("25.00"), "reason": "sold"})
    (credit,) = await shop.do("credits.issue", {"order": number, "amount": money("30.00"), "reason": "goodwill"})
    await shop.do("credits.spend", {"order": number, "code": "GIFT-0001"})
    await shop.do("credits.spend", {"order": number, "credit": credit["credit"], "amount": money("9.00")})
    await shop.do("lines.cancel", {"order": number, "reason": "late"})
    await shop.do("payments.refund", {"order": number, "amount": money("12.00")})
    over = {"code": "GIFT-0002", "amount": money("5.00"), "reason": "sold", "expires_at": DAY}
    (gone,) = await shop.do("credits.issue", over)
    await shop.do("credits.expire", {"credit": gone["credit"]})


async def walk(shop: Shop) -> None:
    """Waves: one partly picked, with units that were short, and closed; one cancelled; one on which somebody walks."""
    names = await lay_out(Shop(shop.database, shop.merchant_id))
    (first,) = await shop.do("waves.plan", {"location": "HAM", "fulfillment_orders": names[:2], "reference": "V-1"})
    wave = {"wave": first["wave"]}
    await shop.do("waves.release", wave)
    await shop.do("waves.take-list", wave)
    await shop.do("waves.pick", wave | {"barcode": "H", "bin": "H-1", "quantity": 3})
    await shop.do("waves.pick", wave | {"task": 2, "quantity": 1, "short": 2, "reason": "gone"})
    await shop.do("waves.close", wave)
    await walk_again(Shop(shop.database, shop.merchant_id), names[2:])


async def lay_out(shop: Shop) -> list[str]:
    """Fulfillment orders that wait for units in a bin and on the floor of a place that is drawn."""
    await shop.do("products.save", {"sku": "H", "name": "Product H"})
    await shop.do("stock.receive", {"sku": "H", "location": "HAM", "quantity": 20, "reason": "opening"})
    aisles = [{"code": "H", "x_cm": 0}, {"code": "I", "x_cm": 300}]
    await shop.do("layouts.save", {"location": "HAM", "aisles": aisles, "cross_cm": [0, 900], "depot_cm": 150})
    await shop.do("bins.save", {"location": "HAM", "code": "H-1", "aisle": "H", "position_cm": 400})
    await shop.do("stock.put-away", {"sku": "H", "location": "HAM", "bin": "H-1", "quantity": 9})
    placed = await shop.do("orders.place", *[order(("H", 4))] * 3)
    await shop.do("orders.release", *({"order": each["number"]} for each in placed))
    return [f"{each['number']}-F1" for each in placed]


async def walk_again(shop: Shop, names: list[str]) -> None:
    """One wave that is cancelled, and one with a list that was given back and taken again."""
    (second,) = await shop.do("waves.plan", {"location": "HAM", "fulfillment_orders": names})
    await shop.do("waves.cancel", {"wave": second["wave"], "reason": "replanned"})
    (third,) = await shop.do("waves.plan", {"location": "HAM", "fulfillment_orders": names, "method": "zone"})
    await shop.do("waves.release", {"wave": third["wave"]})
    (taken,) = await shop.do("waves.take-list", {"wave": third["wave"]})
    await shop.do("waves.leave-list", {"list": taken["list"]})
    await shop.do("waves.take-list", {"wave": third["wave"], "list": 1})


async def replace_missing(shop: Shop) -> None:
    """Units are missing, and another product goes in their place."""
    await shop.do("products.save", *({"sku": sku, "name": sku} for sku in ("CUP", "MUG")))
    received = {"location": "HAM", "quantity": 3, "reason": "opening"}
    await shop.do("stock.receive", *({"sku": sku, **received} for sku in ("CUP", "MUG")))
    await shop.do("substitutes.save", {"sku": "CUP", "substitutes": ["MUG"]})
    number = (await shop.do("orders.place", order(("CUP", 3), charges=list(CHARGES))))[0]["number"]
    lost = {"sku": "CUP", "location": "HAM", "quantity": 2, "kind": "lost", "reason": "gone", "held_too": True}
    await shop.do("stock.adjust", lost)
    line = {"line": 1, "quantity": 2, "location": "HAM", "instead": "substitute", "sku": "MUG"}
    await shop.do("shortages.settle", {"order": number, "lines": [line]})
    await shop.do("orders.source", {"order": number})


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


async def put_back(shop: Shop) -> None:
    """An order that was cancelled when one of its units was packed and one picked; one of them lies on the shelf again."""
    await shop.do("products.save", {"sku": "E", "name": "Product E"})
    await shop.do("stock.receive", {"sku": "E", "location": "HAM", "quantity": 5, "reason": "opening"})
    number = (await shop.do("orders.place", order(("E", 3))))[0]["number"]
    await shop.do("orders.release", {"order": number})
    two, one = [{"line": 1, "quantity": 2}], [{"line": 1, "quantity": 1}]
    await shop.do("fulfillment-orders.pick", {"fulfillment_order": f"{number}-F1", "lines": two})
    await shop.do("parcels.pack", {"fulfillment_order": f"{number}-F1", "lines": one})
    await shop.do("lines.cancel", {"order": number, "reason": "late", "unpack": True})
    await shop.do("fulfillment-orders.put-back", {"fulfillment_order": f"{number}-F1", "lines": one})


async def source_by_rules(shop: Shop) -> None:
    """Rules of the merchant's own decide where an order comes from; then they are withdrawn. An order with wishes of its own."""
    await shop.do("products.save", {"sku": "R", "name": "Product R", "weight_grams": 400})
    received = {"sku": "R", "quantity": 9, "reason": "opening"}
    await shop.do("stock.receive", *({**received, "location": place} for place in ("HAM", "BER")))
    area = {"postal_code": "20457", "latitude": 53.54, "longitude": 9.99}
    await shop.do("postal-codes.save", {"country": "DE", "areas": [area]})
    costs = {
        "currency": "EUR", "zones": [{"zone": "all"}], "per_split": "1.00",
        "rates": [{"zone": "all", "up_to_grams": 31_500, "amount": "4.90"}],
    }  # fmt: skip
    rules = {
        "rules": [{"name": "Berlin first", "by": "listed", "locations": ["BER"], "when": {"products": ["R"]}}],
        "strategies": [{"name": "cheapest", "take": "cheapest"}], "costs": costs,
    }  # fmt: skip
    await shop.do("sourcing-rules.save", rules)
    to = {"country": "DE", "postal_code": "20457"}
    await shop.do("orders.place", order(("R", 2), ship_to=to))
    dear = {**costs, "zones": [{"zone": "home", "locations": ["HAM"]}, {"zone": "all"}]}
    dear["rates"] = [*costs["rates"], {"zone": "home", "up_to_grams": 31_500, "amount": "1.90"}]
    await shop.do("sourcing-rules.save", {**rules, "costs": dear})
    (made,) = await shop.do("sourcing-previews.make", {})
    await shop.do("orders.resource", *({"order": each["order"], "preview": made["preview"]} for each in made["orders"]))
    await shop.do("sourcing-rules.save", {})
    await shop.do("orders.place", order(("R", 2), may_split=False, whole_lines=[1]))


async def bill(shop: Shop) -> None:
    """An order with taxes beside and inside prices that was billed twice, with a credit note in between."""
    await shop.do("legal-entities.save", {"name": "Quay Goods Ltd", "country": "GB", "tax_number": "GB1"})
    await shop.do("products.save", {"sku": "T", "name": "Product T"})
    await shop.do("stock.receive", {"sku": "T", "location": "HAM", "quantity": 9, "reason": "opening"})
    vat = {"kind": "tax", "code": "VAT", "rate": "19", "amount": money("2.39"), "line": 1, "included": True}
    duty = {"kind": "tax", "code": "DUTY", "amount": money("0.50"), "rate": "8.875", "applies_to": "shipping"}
    (sold,) = await shop.do("orders.place", order(("T", 3), charges=[*CHARGES, vat, duty], external_reference="W-10"))
    await shop.do("policies.set", {"name": "invoice_at", "value": "shipment"})
    await shop.do("invoices.issue", {"order": sold["number"], "bill": "all"})
    await shop.do("lines.cancel", {"order": sold["number"], "reason": "late", "lines": [{"line": 1, "quantity": 1}]})
    await shop.do("invoices.issue", {"order": sold["number"]})
    await shop.do("policies.set", {"name": "invoice_at", "value": None})


async def expect(shop: Shop) -> None:
    """A product that was bought, came in part, and is waited for."""
    await shop.do("products.save", {"sku": "D", "name": "Product D"})
    await shop.do("policies.set", {"name": "may_backorder", "sku": "D", "value": True})
    line = {"sku": "D", "location": "HAM", "quantity": 20, "due_at": "2035-12-03T08:00:00Z"}
    (bought,) = await shop.do("purchase-orders.place", {"supplier": "Nord", "reference": "B-1", "lines": [line]})
    name = bought["purchase_order"]
    due = {"purchase_order": name, "due_at": "2035-12-01T08:00:00Z"}
    await shop.do("asns.announce", {**due, "reference": "S-1", "lines": [{"line": 1, "quantity": 8}]})
    await shop.do("asns.announce", {**due, "reference": "S-2", "lines": [{"line": 1, "quantity": 3}]})
    await shop.do("asns.cancel", {"asn": f"{name}-A2", "reason": "late"})
    came = [{"line": 2, "quantity": 5, "damaged": 1}]
    await shop.do("purchase-orders.receive", {"purchase_order": f"{name}-A1", "lines": came})
    await shop.do("bins.save", *({"location": "HAM", "code": code} for code in ("D-1", "D-2")))
    lies = {"sku": "D", "location": "HAM"}
    await shop.do("stock.put-away", {**lies, "bin": "D-1", "quantity": 5})
    await shop.do("stock.put-away", {**lies, "bin": "D-2", "from_bin": "D-1", "quantity": 4})
    await shop.do("stock.adjust", {**lies, "quantity": 2, "kind": "lost", "reason": "gone"})
    later = {"line": 1, "due_at": "2035-12-05T08:00:00Z", "quantity": 13}
    await shop.do("purchase-orders.change", {"purchase_order": name, "lines": [later]})
    off = {"purchase_order": name, "reason": "scarce", "lines": [{"line": 1, "quantity": 1}]}
    await shop.do("purchase-orders.cancel", off)
    (waiting,) = await shop.do("orders.place", order(("D", 12), external_reference="W-9"))
    await shop.do("promises.renew", {"order": waiting["number"]})


async def count(shop: Shop) -> None:
    """A count in two passes that finds less than an order holds, and what is told late of before it; and one that was opened in vain."""
    await shop.do("products.save", {"sku": "Q", "name": "Product Q"})
    await shop.do("stock.receive", {"sku": "Q", "location": "HAM", "quantity": 9, "reason": "opening"})
    await shop.do("orders.place", order(("Q", 6)))
    counted, vain = await shop.do(
        "counts.open",
        {"location": "HAM", "skus": ["Q"], "reference": "Y-1"},
        {"location": "BER", "blind": False},
    )
    for found in (4, 5):
        lines = [{"sku": "Q", "quantity": found}]
        await shop.do("counts.record", {"count": counted["count"], "lines": lines})
        if found == 4:
            await shop.do("counts.recount", {"count": counted["count"]})
    await shop.do("counts.approve", {"count": counted["count"], "reason": "cycle"})
    late = {"sku": "Q", "location": "HAM", "quantity": 2, "reason": "opening", "occurred_at": DAY}
    await shop.do("stock.receive", late)
    await shop.do("counts.cancel", {"count": vain["count"], "reason": "vain"})


async def move(shop: Shop) -> None:
    """A transfer that arrived in part with damage, the rest of it lost; and one that is set aside."""
    way = {"from_location": "BER", "to_location": "HAM", "due_at": DAY}
    sent, ready = await shop.do(
        "transfers.create",
        {**way, "reference": "X-1", "lines": [{"sku": "B", "quantity": 5}]},
        {**way, "lines": [{"sku": "A", "quantity": 2}]},
    )
    await shop.do("transfers.ready", *({"transfer": each["transfer"]} for each in (sent, ready)))
    await shop.do("transfers.ship", {"transfer": sent["transfer"], "lines": [{"line": 1, "quantity": 4}]})
    landed = [{"line": 1, "quantity": 3, "damaged": 1}]
    await shop.do("transfers.receive", {"transfer": sent["transfer"], "lines": landed})
    await shop.do("transfers.close", {"transfer": sent["transfer"], "reason": "lost"})
    await keep(shop)


async def sell_kits(shop: Shop) -> None:
    """A kit of two products, of which one order has a whole one cancelled and the other picked."""
    await shop.do("products.save", {"sku": "KIT", "name": "A and two B"})
    await shop.do("kits.save", {"sku": "KIT", "components": [{"sku": "A"}, {"sku": "B", "per_kit": 2}]})
    number = (await shop.do("orders.place", order(("KIT", 2))))[0]["number"]
    await shop.do("lines.cancel", {"order": number, "reason": "late", "lines": [{"line": 1, "quantity": 1}]})
    await shop.do("products.save", {"sku": "BOX", "name": "A and two B, made ahead"})
    await shop.do(
        "kits.save", {"sku": "BOX", "components": [{"sku": "A"}, {"sku": "B", "per_kit": 2}], "stocked": True}
    )
    parts = {"location": "BER", "quantity": 9, "reason": "purchase"}
    await shop.do("stock.receive", *({"sku": sku, **parts} for sku in ("A", "B")))
    made = (await shop.do("work-orders.open", {"sku": "BOX", "location": "BER", "quantity": 3}))[0]["work_order"]
    await shop.do("work-orders.complete", {"work_order": made, "quantity": 1})
    await shop.do("work-orders.cancel", {"work_order": made, "quantity": 1, "reason": "late"})
    made = (await shop.do("orders.release", {"order": number}))[0]["fulfillment_orders"]
    await shop.do("fulfillment-orders.pick", *({"fulfillment_order": name} for name in made))


async def keep_days(shop: Shop) -> None:
    """A store of a region that does two orders a day, and three orders for it, one of them cancelled in part."""
    await shop.do("location-groups.save", {"code": "NORTH", "name": "North"})
    store = {"code": "KIEL", "name": "Kiel", "kind": "store", "time_zone": "Europe/Berlin", "country": "DE"}
    await shop.do("locations.save", store | {"group": "NORTH", "schedule": {"capacity": {"per_day": 2}}})
    await shop.do("products.save", {"sku": "D", "name": "Product D"})
    await shop.do("stock.receive", {"sku": "D", "location": "KIEL", "quantity": 9, "reason": "opening"})
    placed = await shop.do("orders.place", *(order(("D", 2)) for _ in range(3)))
    one = [{"line": 1, "quantity": 1}]
    await shop.do("lines.cancel", {"order": placed[1]["number"], "reason": "late", "lines": one})
    await shop.do("orders.release", {"order": placed[0]["number"]})


async def tell_apart(shop: Shop) -> None:
    """A product in two lots and one by serial number: received, sold, moved between buckets."""
    await shop.do("products.save", *({"sku": each, "name": each, "tracking": how} for each, how in TRACKED.items()))
    received = {"location": "HAM", "reason": "purchase"}
    await shop.do(
        "stock.receive",
        {"sku": "L", "quantity": 3, "lot": "L1", "expires_on": "2990-01-31", **received},
        {"sku": "L", "quantity": 5, "lot": "L2", "expires_on": "2990-02-28", **received},
        {"sku": "S", "quantity": 3, "serials": ["S1", "S2", "S3"], **received},
    )
    number = (await shop.do("orders.place", order(("L", 4), ("S", 1))))[0]["number"]
    swap = {"order": number, "line": 1, "lot": "L1", "to_lot": "L2", "quantity": 1, "reason": "complaint"}
    await shop.do("allocations.swap-lot", swap)
    made = (await shop.do("orders.release", {"order": number}))[0]["fulfillment_orders"][0]
    lines = [{"line": 1, "quantity": 4}, {"line": 2, "quantity": 1, "serials": ["S2"]}]
    await shop.do("fulfillment-orders.pick", {"fulfillment_order": made, "lines": lines})
    parcel = (await shop.do("parcels.pack", {"fulfillment_order": made}))[0]["parcel"]
    await shop.do("parcels.ship", {"parcel": parcel, "carrier": "DHL"})
    one = [{"line": 1, "quantity": 1}, {"line": 2, "quantity": 1}]
    back = (await shop.do("returns.request", {"order": number, "reason": "sour", "lines": one}))[0]["document"]
    one = [{"line": 1, "quantity": 1, "lot": "L1"}, {"line": 2, "quantity": 1, "serials": ["S2"]}]
    await shop.do("returns.receive", {"document": back, "location": "HAM", "lines": one})
    good = [{"line": 2, "quantity": 1, "disposition": "restock", "serials": ["S2"]}]
    await shop.do("returns.dispose", {"document": back, "lines": good})
    hold = {"location": "HAM", "quantity": 1, "source": "available", "target": "quality_hold", "reason": "dent"}
    await shop.do("stock.move", {**hold, "sku": "S", "serials": ["S3"]}, {**hold, "sku": "L", "lot": "L2"})
    await shop.do("lots.hold", {"sku": "L", "lot": "L2", "reason": "complaint"})
    (wrong,) = await shop.fetch(
        "SELECT position FROM event WHERE merchant_id = $1 AND kind = 'stock_received' AND data->>'lot' = 'L2'"
    )
    await shop.do("stock.correct", {"event": wrong["position"], "quantity": 1, "reason": "typing_error"})


TRACKED = {"L": "lot", "S": "serial"}


async def name(shop: Shop) -> None:
    """Units with names on their way, and counted; a zone that was counted; a claim that was shortened; a parcel that was unpacked."""
    await shop.do(
        "products.save", {"sku": "N", "name": "Product N", "tracking": "serial"}, {"sku": "Z", "name": "Product Z"}
    )
    here = {"location": "HAM", "reason": "purchase"}
    await shop.do("stock.receive", {"sku": "N", "quantity": 4, "serials": ["N1", "N2", "N3", "N4"], **here})
    way = {"from_location": "HAM", "to_location": "BER", "due_at": DAY, "lines": [{"sku": "N", "quantity": 2}]}
    transfer = (await shop.do("transfers.create", way))[0]["transfer"]
    lines = [{"line": 1, "quantity": 2, "serials": ["N1", "N2"]}]
    await shop.do("transfers.ready", {"transfer": transfer, "lines": lines})
    await shop.do("transfers.ship", {"transfer": transfer})
    counted = (await shop.do("counts.open", {"location": "HAM", "skus": ["N"]}))[0]["count"]
    found = [{"sku": "N", "quantity": 2, "serials": ["N3", "N9"]}]
    await shop.do("counts.record", {"count": counted, "lines": found})
    await shop.do("counts.approve", {"count": counted, "reason": "cycle"})
    await shop.do("stock.receive", {"sku": "Z", "quantity": 9, **here})
    await shop.do("bins.save", {"location": "HAM", "code": "Z-1"})
    await shop.do("stock.put-away", {"sku": "Z", "location": "HAM", "bin": "Z-1", "quantity": 6})
    zone = (await shop.do("counts.open", {"location": "HAM", "zone": "Z"}))[0]["count"]
    await shop.do("counts.record", {"count": zone, "lines": [{"sku": "Z", "quantity": 5}]})
    await shop.do("counts.approve", {"count": zone, "reason": "cycle"})
    number = (await shop.do("orders.place", order(("Z", 2))))[0]["number"]
    made = (await shop.do("orders.release", {"order": number}))[0]["fulfillment_orders"][0]
    await shop.do("fulfillment-orders.pick", {"fulfillment_order": made})
    parcel = (await shop.do("parcels.pack", {"fulfillment_order": made}))[0]["parcel"]
    await shop.do("parcels.unpack", {"parcel": parcel})
    await shop.do("reservations.reserve", {"lines": [{"sku": "Z", "quantity": 5}], "anywhere": True, "seconds": 86_400})
    await shop.do("stock.adjust", {"sku": "Z", "location": "HAM", "quantity": 3, "kind": "lost", "reason": "flood"})
    await shop.do("reservations.shorten", {"sku": "Z"})


async def run_low(shop: Shop) -> None:
    """A product falls below two levels and reaches one of them again."""
    await shop.do("products.save", {"sku": "E", "name": "Product E"})
    await shop.do("policies.set", {"name": "availability_levels", "value": [3, 9], "sku": "E"})
    await shop.do("availability.check", {"sku": "E"})
    await shop.do("stock.receive", {"sku": "E", "location": "HAM", "quantity": 5, "reason": "opening"})
    await shop.do("availability.check", {"sku": "E"})


async def pool(shop: Shop) -> None:
    """A product of which a channel has a pool; an order takes of it and gives some back."""
    await shop.do("products.save", {"sku": "POOLED", "name": "Product of a pool"})
    await shop.do("stock.receive", {"sku": "POOLED", "location": "HAM", "quantity": 9, "reason": "opening"})
    kept = {"sku": "POOLED", "pool": "launch", "kind": "shared", "channels": ["web"], "quantity": 5}
    await shop.do("pools.set", kept)
    number = (await shop.do("orders.place", order(("POOLED", 4))))[0]["number"]
    await shop.do("lines.cancel", {"order": number, "reason": "late", "lines": [{"line": 1, "quantity": 1}]})
    await shop.do("pools.set", {**kept, "kind": "capped", "quantity": 6})
    claim = {"lines": [{"sku": "POOLED", "quantity": 1}], "anywhere": True, "channel": "web", "seconds": 600}
    stands, pinned, taken = await shop.do("reservations.reserve", claim, claim, {**claim, "channel": None})
    await shop.do("reservations.extend", {"reservation": stands["reservation"], "seconds": 1_200})
    await shop.do("reservations.pin", {"reservation": pinned["reservation"]})
    await shop.do("orders.place", order(("POOLED", 1), reservation=taken["reservation"]))


async def send(shop: Shop) -> str:
    """An order of a person: 3 of 5 picked first, one short, two parcels, one of them delivered. Its number."""
    name, email, phone, street = PEOPLE
    sent = order(
        ("A", 5), ("B", 3), charges=list(CHARGES), external_reference="W-1",
        customer={"name": name, "email": email, "phone": phone},
        ship_to={"country": "DE", "line1": street, "name": name},
        tenders=[{"amount": money("83.82"), "reference": "t-1"}],
    )  # fmt: skip
    number: str = (await shop.do("orders.place", sent))[0]["number"]
    made = (await shop.do("orders.release", {"order": number}))[0]["fulfillment_orders"][0]
    short = [{"line": 2, "quantity": 1, "reason": "gone"}]
    three = [{"line": 1, "quantity": 3}]
    await shop.do("fulfillment-orders.pick", {"fulfillment_order": made, "lines": three, "short": short})
    await shop.do("fulfillment-orders.pick", {"fulfillment_order": made})
    parcels = []
    for lines in ([{"line": 1, "quantity": 2}], []):
        packed = await shop.do("parcels.pack", {"fulfillment_order": made, "lines": lines})
        parcels.append(packed[0]["parcel"])
        await shop.do("parcels.ship", {"parcel": parcels[-1], "carrier": "DHL", "tracking_number": f"T{parcels[-1]}"})
    await shop.do(
        "parcels.track", {"parcel": parcels[0], "status": "delivered", "occurred_at": datetime.now(UTC).isoformat()}
    )
    return number


async def bring_back(shop: Shop, number: str) -> None:
    """Two units of the delivered parcel come back; the other parcel returns to its sender."""
    asked = {"order": number, "reason": "too_small", "lines": [{"line": 1, "quantity": 2}]}
    document = (await shop.do("returns.request", asked))[0]["document"]
    one = [{"line": 1, "quantity": 1}]
    await shop.do("returns.receive", {"document": document, "location": "BER", "lines": one})
    damaged = [{"line": 1, "quantity": 1, "disposition": "damaged"}]
    await shop.do("returns.dispose", {"document": document, "lines": damaged})
    await shop.do("returns.refund", {"document": document})
    await shop.do("returns.cancel", {"document": document})
    now = datetime.now(UTC).isoformat()
    await shop.do("parcels.track", {"parcel": f"{number}-P2", "status": "returned_to_sender", "occurred_at": now})
    back = {"document": number, "location": "HAM", "lines": [{"line": 1, "quantity": 2}]}
    sender = (await shop.do("returns.receive", back))[0]["document"]
    restocked = [{"line": 1, "quantity": 1, "disposition": "restock"}]
    await shop.do("returns.dispose", {"document": sender, "lines": restocked})


async def remember(shop: Shop) -> None:
    """An order of the past, most of which came back, and something that came back from nowhere."""
    past = order(("B", 4), charges=list(CHARGES), tenders=[{"amount": money("43.86")}])
    past |= {"location": "BER", "placed_at": DAY, "delivered_at": DAY}
    number = (await shop.do("orders.record", past))[0]["number"]
    back = {
        "order": number, "location": "BER", "reason": "credit", "returned_at": DAY,
        "lines": [{"line": 1, "quantity": 3}], "charges": [{"charge": 1, "amount": money("1.00")}],
    }  # fmt: skip
    await shop.do("returns.record", back)
    nowhere = {
        "channel": "web", "key": "k-1", "reference": "C-9", "sku": "A", "quantity": -1, "amount": money("-9.99"),
        "reason": "no_such_order", "occurred_at": DAY,
    }  # fmt: skip
    keep = next(name for name in verbs() if name.endswith(".keep"))
    await shop.do(keep, nowhere)
    rows = b"sku,location,quantity\nA,BER,2\nNONE,BER,1\nB,BER,1.5\n"
    await shop.do("stock-feeds.receive", {"reference": "S-1", "file": await hand_in(shop, rows)})
    with tempfile.TemporaryDirectory() as folder:
        files = Files(Path(folder), shop.database)
        await files.keep(shop.merchant_id, _once(rows), "text/csv")
        assert await stock_feeds.run_one(shop.database, files, shop.merchant_id)


async def hand_in(shop: Shop, content: bytes) -> str:
    """The SHA-256 of a file that the merchant may name."""
    with tempfile.TemporaryDirectory() as folder:
        return (await Files(Path(folder), shop.database).keep(shop.merchant_id, _once(content), "text/csv")).sha256


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def keep(shop: Shop) -> None:
    """Reservations: one that stands, one extended, one released, and one that an order takes two of three units of."""
    three = {"lines": [{"sku": "A", "quantity": 3}], "reference": "cart"}
    kept = [each["reservation"] for each in await shop.do("reservations.reserve", *[{**three, "seconds": 60}] * 4)]
    await shop.do("reservations.extend", {"reservation": kept[1], "seconds": 120})
    await shop.do("reservations.release", {"reservation": kept[2]})
    await shop.do("orders.place", order(("A", 2), reservation=kept[3]))
