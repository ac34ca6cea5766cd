"""What lines cost where an order does not say it: price lists, and from how many units on, in which multiples, a product is sold.

An order that says all of its prices, of no company, pays for none of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import msgspec

from lading.catalog.policies import Policies
from lading.catalog.types import Network, Sku
from lading.customers.companies import Company
from lading.database.pool import Transaction
from lading.journal.types import Decision, refused
from lading.operations.buying import Buying
from lading.orders.commands import LineInput, PlaceOrder
from lading.pricing import rules, store
from lading.pricing.types import Buyer, Found, Prices
from lading.terms.money import UnitPrice

NO_PRICE = (
    "no_price",
    "No price list says what {quantity} {sku} {quantity:costs|cost} in {currency}: say it in the order.",
)
BELOW_MINIMUM = ("below_minimum", "{sku} is sold from {minimum} on, not {quantity}.")
NOT_A_MULTIPLE = ("not_a_multiple", "{sku} is sold in multiples of {multiple}, not {quantity}.")
REFUSALS = (NO_PRICE, BELOW_MINIMUM, NOT_A_MULTIPLE)
SOLD_IN = ("sell_minimum", "sell_multiple")
"""The policies that say in which quantities a product is sold, by whatever price."""


@dataclass(slots=True)
class Pricing:
    """The lists that may hold for a batch, and which of them priced which lines."""

    prices: Prices
    _priced: dict[int, tuple[PlaceOrder, dict[int, Found]]] = field(default_factory=dict)

    def of(self, command: PlaceOrder) -> dict[int, Found]:
        """By line: the list that priced it; nothing for lines that said their price."""
        return self._priced[id(command)][1] if id(command) in self._priced else {}

    def keep(self, command: PlaceOrder, found: dict[int, Found]) -> PlaceOrder:
        """The command, of which it is known now what lists priced."""
        self._priced[id(command)] = (command, found)
        return command


async def read(
    tx: Transaction, commands: Sequence[PlaceOrder], skus: Mapping[str, Sku], buying: Buying | None
) -> Pricing | None:
    """The lists for lines that say no price; None where all do."""
    codes = {line.sku for command in commands for line in command.lines if line.unit_price is None}
    if not codes:
        return None
    companies = buying.companies.by_code.values() if buying else ()
    groups = {company.group for company in companies if company.group}
    ids = {skus[code].id for code in codes if code in skus}
    return Pricing(await store.read_prices(tx, ids, {company.id for company in companies}, groups))


def fill(
    command: PlaceOrder,
    pricing: Pricing,
    skus: Mapping[str, Sku],
    network: Network,
    buying: Buying | None,
    now: datetime,
) -> PlaceOrder:
    """The order with the prices of lists where it says none; what no list knows stays open, and is refused."""
    if all(line.unit_price is not None for line in command.lines):
        return command
    company: Company | None = buying.companies.by_code.get(command.company or "") if buying else None
    buyer = Buyer(
        command.currency, network.channels.get(command.channel), company.id if company else None,
        company.group if company else None, command.placed_at or now,
    )  # fmt: skip
    lines: list[LineInput] = []
    priced: dict[int, Found] = {}
    for number, line in enumerate(command.lines, 1):
        sku = skus.get(line.sku)
        found = rules.find(pricing.prices, sku.id, line.quantity, buyer) if sku and line.unit_price is None else None
        if found:
            priced[number] = found
            line = msgspec.structs.replace(
                line, unit_price=UnitPrice(rules.written(found.unit_price, command.currency), command.currency)
            )
        lines.append(line)
    try:
        return pricing.keep(msgspec.structs.replace(command, lines=lines), priced)
    except ValueError:  # Sums beyond what can be stored: as if no list knew.
        return command


def refuse(
    command: PlaceOrder,
    pricing: Pricing | None,
    skus: Mapping[str, Sku],
    policies: Policies,
    channel_id: UUID,
) -> Decision | None:
    """Why lines cannot be sold like that: nobody knows their price, or it is not sold in such quantities."""
    priced = pricing.of(command) if pricing else {}
    asked = not policies.values.keys().isdisjoint(SOLD_IN)
    for index, line in enumerate(command.lines):
        sku, pointer = skus[line.sku], f"/lines/{index}/quantity"
        if line.unit_price is None:
            return refused(
                NO_PRICE, f"/lines/{index}/unit_price", sku=line.sku, quantity=line.quantity, currency=command.currency
            )
        found = priced.get(index + 1)
        minimum, multiple = (found.item.minimum, found.item.multiple) if found else (1, 1)
        if asked:
            minimum = max(minimum, policies.value("sell_minimum", channel=channel_id, sku=sku.id))
            own = policies.value("sell_multiple", channel=channel_id, sku=sku.id)
            if line.quantity % own:
                return refused(NOT_A_MULTIPLE, pointer, sku=line.sku, multiple=own, quantity=line.quantity)
        if line.quantity < minimum:
            return refused(BELOW_MINIMUM, pointer, sku=line.sku, minimum=minimum, quantity=line.quantity)
        if line.quantity % multiple:
            return refused(NOT_A_MULTIPLE, pointer, sku=line.sku, multiple=multiple, quantity=line.quantity)
    return None
