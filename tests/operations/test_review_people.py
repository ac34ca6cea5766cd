"""How much placement reads of a customer who had many names."""

from __future__ import annotations

from typing import Any

from lading.customers import store as customers


async def test_a_customer_of_many_versions_costs_what_one_of_one_does(shop: Any) -> None:
    """A channel that gives all its buyers one reference makes a version for each of them."""
    await shop.stock_up(MUG_HAM=100)
    buyers = [{"reference": "AMAZON", "name": f"Buyer {number}"} for number in range(30)]
    await shop.batch("orders.place", *(shop.order({"MUG": 1}, customer=buyer) for buyer in buyers))
    read: list[int] = []
    people = customers.read_people

    async def counted(*arguments: Any) -> Any:
        found = await people(*arguments)
        read.append(len(found.parties))
        return found

    customers.read_people = counted
    try:
        await shop.place({"MUG": 1}, customer=buyers[7])
    finally:
        customers.read_people = people
    assert read == [1]
    (rows,) = await shop.fetch("SELECT count(*) AS versions FROM party_version WHERE merchant_id = $1")
    assert rows["versions"] == 30
