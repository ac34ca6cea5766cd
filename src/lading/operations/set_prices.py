"""Set prices: what products cost by a list, instead of what it said of them before."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from msgspec import Struct

from lading.catalog import store as catalog
from lading.catalog.types import Sku
from lading.database.pool import Transaction
from lading.journal.types import Decision, refused
from lading.operations.placing import UNKNOWN_SKU
from lading.operations.registry import Batch, Verb
from lading.operations.save_price_lists import VERSION_CONFLICT
from lading.pricing import store
from lading.pricing.commands import SetPrices
from lading.pricing.types import Item, PriceList
from lading.terms.ledger import Event

UNKNOWN_LIST = ("unknown_price_list", "There is no price list {price_list}.")
OTHER_CURRENCY = ("other_currency", "Price list {price_list} is in {currency}, not in {other}.")


class PricesSet(Struct, frozen=True):
    """The version of the list now."""

    price_list: str
    version: int
    products: int
    """Of which something was said."""


@dataclass(slots=True)
class World:
    """The lists, and the products by code."""

    lists: Mapping[str, PriceList]
    skus: Mapping[str, Sku]


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The lists, locked; products."""
    commands: list[SetPrices] = batch.commands
    lists = await store.read_lists(tx, (command.price_list for command in commands), lock=batch.lock)
    return World(lists, await catalog.read_skus(tx, (item.sku for command in commands for item in command.items)))


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_set(command, world, batch) for command in batch.commands]


def _set(command: SetPrices, world: World, batch: Batch) -> Decision:
    found = world.lists.get(command.price_list)
    if found is None:
        return refused(UNKNOWN_LIST, "/price_list", price_list=command.price_list)
    if command.expected_version is not None and command.expected_version != found.version:
        return refused(
            VERSION_CONFLICT, "/expected_version", price_list=found.code, version=found.version,
            expected=command.expected_version,
        )  # fmt: skip
    for index, item in enumerate(command.items):
        if item.sku not in world.skus:
            return refused(UNKNOWN_SKU, f"/items/{index}/sku", sku=item.sku)
        for each in item.prices:
            if each.unit_price.currency != found.currency:
                currencies = {"currency": found.currency, "other": each.unit_price.currency}
                return refused(OTHER_CURRENCY, f"/items/{index}/prices", price_list=found.code, **currencies)
    found.version += 1
    rows = [
        Item(
            found.id, world.skus[item.sku].id, [each.from_quantity for each in item.prices],
            [Decimal(each.unit_price.amount) for each in item.prices], item.minimum, item.multiple,
        )
        for item in command.items
    ]  # fmt: skip
    data = {"code": found.code, "version": found.version, "items": [_told(row) for row in rows]}
    event = Event("prices_set", "price_list", found.id, batch.now, data)
    return Decision(PricesSet(found.code, found.version, len(rows)), event, rows=[found, *rows])


def _told(row: Item) -> dict[str, object]:
    return {
        "sku_id": row.sku_id, "from_quantities": row.from_quantities, "unit_prices": [str(each) for each in row.unit_prices],
        "minimum": row.minimum, "multiple": row.multiple,
    }  # fmt: skip


VERB = Verb(
    noun="prices",
    verb="set",
    summary="Set what products cost by a list, by quantity; without prices the list says nothing of a product any more.",
    command=SetPrices,
    outcome=PricesSet,
    refusals=(UNKNOWN_LIST, VERSION_CONFLICT, UNKNOWN_SKU, OTHER_CURRENCY),
    scope="prices:write",
    event="prices_set",
    example={
        "price_list": "HOTELS-2026",
        "items": [
            {
                "sku": "MUG-BLUE", "minimum": 12, "multiple": 6,
                "prices": [
                    {"from_quantity": 12, "unit_price": {"amount": "9.90", "currency": "EUR"}},
                    {"from_quantity": 120, "unit_price": {"amount": "8.75", "currency": "EUR"}},
                ],
            },
        ],
    },
    prefetch=prefetch,
    decide=decide,
)  # fmt: skip
