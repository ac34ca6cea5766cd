"""What placing an order does where a company buys: its terms, its purchase order number, what it may owe.

Orders of people pay for none of it: a batch without companies reads nothing here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from uuid import UUID

import msgspec

from lading.catalog import store as catalog
from lading.catalog.policies import Policies
from lading.customers import company_store
from lading.customers import store as customers
from lading.customers.companies import Companies, Company, Credit, search_key
from lading.customers.types import People, content_key
from lading.database.pool import Transaction
from lading.journal.types import Decision, refused
from lading.kernel import money
from lading.operations.registry import Batch
from lading.orders import drafts
from lading.orders.commands import PlaceOrder
from lading.orders.types import Buyer, Order
from lading.terms.money import Money
from lading.terms.people import AddressInput

UNKNOWN_COMPANY = ("unknown_company", "There is no company {company}.")
INACTIVE_COMPANY = ("inactive_company", "{company} orders nothing any more.")
PURCHASE_ORDER_NEEDED = ("purchase_order_needed", "{company} orders with a purchase order number only.")
PURCHASE_ORDER_TAKEN = (
    "purchase_order_taken",
    "Order {order} of {company} bears the purchase order {purchase_order} already.",
)
OVER_CREDIT = ("over_credit_limit", "{company} would owe {owed}, and may owe {limit}.")
REFUSALS = (UNKNOWN_COMPANY, INACTIVE_COMPANY, PURCHASE_ORDER_NEEDED, PURCHASE_ORDER_TAKEN, OVER_CREDIT)

Key = tuple[UUID, str]
"""(company, currency), or (company, purchase order number)"""


@dataclass(slots=True)
class Buying:
    """The companies that buy in a batch. `begin` before the first order, `count` after each that is placed."""

    companies: Companies
    addresses: dict[UUID, AddressInput]
    taken: dict[Key, int]
    """Order numbers by (company, purchase order number)."""
    zone: tzinfo
    """Where the merchant's clock stands: its days are those by which companies pay."""
    is_draft: bool = False
    """Whether nothing is placed yet: what is asked of an order only is not asked."""
    owed: dict[Key, int] = field(default_factory=dict)
    """Minor units that companies owe, with the orders of the batch so far."""
    borne: dict[Key, int] = field(default_factory=dict)
    """Purchase order numbers, with those of the batch so far."""

    def begin(self) -> None:
        """Nothing of the batch is placed yet."""
        self.owed = {key: row.exposure_minor for key, row in self.companies.credit.items()}
        self.borne = dict(self.taken)

    def count(self, command: PlaceOrder, number: int, owed: int) -> None:
        """An order of the batch is placed, of which so much is owed."""
        company = self.companies.by_code.get(command.company or "")
        if company is None:
            return
        key = (company.id, command.currency)
        self.owed[key] = self.owed.get(key, 0) + owed
        if command.purchase_order:
            self.borne.setdefault((company.id, search_key(command.purchase_order)), number)

    def over(self, company: Company, currency: str, more_minor: int) -> tuple[int, int] | None:
        """What the company would owe and what it may owe, where the former is more."""
        credit = self.companies.credit.get((company.id, currency), Credit(company.id, currency))
        owed = self.owed.get((company.id, currency), 0) + more_minor
        if credit.limit_minor is None or more_minor <= 0 or owed <= credit.limit_minor:
            return None
        return owed, credit.limit_minor


async def read(tx: Transaction, batch: Batch) -> Buying | None:
    """The companies of the batch, with what they owe locked; None where there are none."""
    commands: Sequence[PlaceOrder] = batch.commands
    codes = {command.company for command in commands if command.company}
    if not codes:
        return None
    companies = await company_store.read(tx, codes, lock=batch.lock)
    if batch.lock:
        found = ((companies.by_code.get(command.company or ""), command.currency) for command in commands)
        await company_store.lock_credit(tx, companies, [(each.id, currency) for each, currency in found if each])
    places = {
        place for company in companies.by_code.values() for use in ("ship", "bill") if (place := company.address(use))
    }
    wanted = [
        (company.id, search_key(command.purchase_order))
        for command in commands
        if command.purchase_order and (company := companies.by_code.get(command.company or ""))
    ]
    taken = await company_store.taken_purchase_orders(tx, wanted)
    zone = await catalog.read_zone(tx)
    return Buying(companies, await customers.read_address_inputs(tx, places), taken, zone)


def fill(command: PlaceOrder, buying: Buying, people: People) -> PlaceOrder:
    """The order with the company's own places where it names none."""
    company = buying.companies.by_code.get(command.company or "")
    if company is None:
        return command
    given: dict[str, AddressInput] = {}
    for use, name in (("ship", "ship_to"), ("bill", "bill_to")):
        place = company.address(use)
        if place and getattr(command, name) is None and (address := buying.addresses.get(place)):
            given[name] = address
            people.addresses.setdefault(content_key(address), place)
    return msgspec.structs.replace(command, **given) if given else command


def refuse(
    command: PlaceOrder, buying: Buying, policies: Policies, channel_id: UUID, owed_minor: int
) -> Decision | None:
    """Why the company cannot order this, of which so much is owed."""
    if command.company is None:
        return None
    company = buying.companies.by_code.get(command.company)
    if company is None:
        return refused(UNKNOWN_COMPANY, "/company", company=command.company)
    if not company.active:
        return refused(INACTIVE_COMPANY, "/company", company=company.code)
    if buying.is_draft:
        return None
    if company.needs_purchase_order and not command.purchase_order:
        return refused(PURCHASE_ORDER_NEEDED, "/purchase_order", company=company.code)
    if command.purchase_order and policies.value("unique_purchase_orders", channel=channel_id):
        taken = buying.borne.get((company.id, search_key(command.purchase_order)))
        if taken is not None:
            return refused(
                PURCHASE_ORDER_TAKEN, "/purchase_order", order=str(taken), company=company.code,
                purchase_order=command.purchase_order,
            )  # fmt: skip
    if policies.value("company_over_credit", channel=channel_id) == "refuse":
        over = buying.over(company, command.currency, max(0, owed_minor - asked_minor(command)))
        if over:
            owed, limit = (Money.of_minor(minor, command.currency) for minor in over)
            return refused(
                OVER_CREDIT, "", company=company.code, owed=f"{owed.amount} {owed.currency}", limit=limit.amount
            )
    return None


def owed_minor(command: PlaceOrder, taxes_minor: int) -> int:
    """What nobody has paid yet of an order that is placed now, with the taxes that are calculated."""
    charged = drafts.total_minor(command) + taxes_minor
    taken = sum(tender.amount.minor for tender in command.tenders if tender.kind in ("paid_elsewhere", "gift_card"))
    return max(0, charged - taken)


def asked_minor(command: PlaceOrder) -> int:
    """What providers are asked for right after: it is owed until they promise it, and no credit is needed for it."""
    return sum(tender.amount.minor for tender in command.tenders if tender.is_asked)


def over_limit(command: PlaceOrder, order: Order, buying: Buying) -> str | None:
    """What the company would owe with the order, where that is more than it may; None where it is not."""
    if command.company is None:
        return None
    more = max(0, order.owed_minor - asked_minor(command))
    over = buying.over(buying.companies.by_code[command.company], order.currency, more)
    return money.from_minor(over[0], money.exponent(order.currency) or 0) if over else None


def buyer_of(command: PlaceOrder, order: Order, buying: Buying, policies: Policies) -> Buyer | None:
    """What the order of a company carries."""
    if command.company is None:
        return None
    company = buying.companies.by_code[command.company]
    key = search_key(command.purchase_order) if command.purchase_order else None
    once = policies.value("unique_purchase_orders", channel=order.channel_id)
    due_on: date | None = None
    if company.terms_days is not None and policies.value("terms_from", channel=order.channel_id) == "placement":
        due_on = due(order.placed_at.astimezone(buying.zone), company.terms_days)
    order.company_id, order.terms_days = company.id, company.terms_days
    return Buyer(
        order.id, company.id, order.currency, command.purchase_order, key, key if once else None, company.terms_days, due_on,
        order.owed_minor,
    )  # fmt: skip


def due(at: datetime, days: int) -> date:
    """When it is to be paid, counted from that day where the merchant is."""
    return at.date() + timedelta(days=days)


def told(buyer: Buyer) -> dict[str, object]:
    """As the journal keeps it."""
    return {
        "company_id": buyer.company_id, "purchase_order": buyer.purchase_order, "terms_days": buyer.terms_days,
        "due_on": buyer.due_on,
    }  # fmt: skip
