"""The life of a merchant who has something of everything; each room beside this file tells its part."""

from __future__ import annotations

from tests.operations.books import (
    assembly,
    companies,
    counts,
    drafts,
    edits,
    fulfillment,
    inbound,
    invoices,
    locations,
    orders,
    packing,
    payments,
    pickups,
    reservations,
    returns,
    shortages,
    sourcing,
    stock,
    stock_feeds,
    taxes,
    transfers,
    waves,
)  # fmt: skip
from tests.races.shop import Shop


async def live(shop: Shop) -> None:
    """A life with something of everything that the verbs can do so far."""
    await shop.stock_up(20)
    number = await orders.send(shop)
    await orders.stop(shop, number)
    await returns.bring_back(shop, number)
    await returns.remember(shop)
    await stock_feeds.feed(shop)
    await transfers.move(shop)
    await reservations.keep(shop)
    await reservations.pool(shop)
    await stock.name(shop)
    await assembly.sell_kits(shop)
    await locations.keep_days(shop)
    await waves.walk(shop)
    await stock.tell_apart(shop)
    await inbound.expect(shop)
    await counts.count(shop)
    await stock.run_low(shop)
    await fulfillment.put_back(shop)
    await packing.box(shop)
    await edits.edit(shop)
    await edits.part_and_join(shop)
    await shortages.replace_missing(shop)
    await payments.pay(shop)
    await invoices.bill(shop)
    await payments.promise(shop)
    await companies.sell_to_companies(shop)
    await drafts.draft(shop)
    await fulfillment.ask_around(shop)
    await sourcing.source_by_rules(shop)
    await taxes.tax(shop)
    await pickups.collect(shop)
    await returns.lose(shop)
