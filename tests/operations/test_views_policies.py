"""Policies: what is set where, which value applies and why."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from lading.catalog.policies import KINDS
from lading.views import events, policies
from lading.views.pages import NotFound


async def ask(shop: Any, view: Any, query: Any) -> Any:
    async with shop.database.read(shop.merchant_id) as tx:
        return await view(tx, query)


async def resolved(shop: Any, **fields: Any) -> policies.Resolved:
    """Which value applies."""
    found: policies.Resolved = await ask(shop, policies.resolve, msgspec.convert(fields, policies.ResolveQuery))
    return found


async def test_the_narrowest_scope_that_says_something_wins(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=1)
    assert (await resolved(shop, name="may_backorder", sku="MUG")).why == "Nobody set it there: the default holds."
    await shop.do("policies.set", name="may_backorder", value=True)
    await shop.do("policies.set", name="may_backorder", value=False, sku="MUG")
    wide = await resolved(shop, name="may_backorder", channel="web")
    assert (wide.value, [each.scope_kind for each in wide.candidates if each.applies]) == (True, ["merchant"])
    assert (
        wide.why.startswith("Set for the merchant by key test at ") and "Nothing narrower is set (channel)" in wide.why
    )
    narrow = await resolved(shop, name="may_backorder", channel="web", sku="MUG")
    assert [(each.scope_kind, each.scope, each.set, each.value, each.applies) for each in narrow.candidates] == [
        ("sku", "MUG", True, False, True),
        ("channel", "web", False, None, False),
        ("merchant", None, True, True, False),
        ("default", None, True, False, False),
    ]
    await shop.do("policies.set", name="may_backorder", value=None, sku="MUG")
    assert (await resolved(shop, name="may_backorder", channel="web", sku="MUG")).value is True


async def test_an_order_can_be_asked_which_values_it_was_placed_under(shop: Any) -> None:
    first = await shop.do("policies.set", name="may_split", value=False)
    await shop.do("policies.set", name="may_split", value=True, channel="web")
    assert (await resolved(shop, name="may_split", channel="web")).value is True
    assert (await resolved(shop, name="may_split", channel="web", version=first["version"])).value is False


async def test_every_kind_is_explained_and_every_value_listed(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=1)
    await shop.do("policies.set", name="may_split", value=False)
    await shop.do("policies.set", name="may_split", value=True)
    await shop.do("policies.set", name="hold_sku", value=True, sku="MUG")
    await shop.do("policies.set", name="fills_orders", value=False, location="MUC")
    page = await ask(shop, policies.policies, policies.PoliciesQuery())
    assert [kind.name for kind in page.kinds] == list(KINDS)
    assert [(each.name, each.scope_kind, each.scope, each.value) for each in page.items] == [
        ("fills_orders", "location", "MUC", False),
        ("may_split", "merchant", None, True),
        ("hold_sku", "sku", "MUG", True),
    ]
    assert page.version == 4
    first = await ask(shop, policies.policies, policies.PoliciesQuery(limit=2))
    second = await ask(shop, policies.policies, policies.PoliciesQuery(limit=2, after=first.next))
    assert [*first.items, *second.items] == page.items and second.next is None
    (only,) = (await ask(shop, policies.policies, policies.PoliciesQuery(name="hold_sku"))).items
    assert only.scope == "MUG"


async def test_what_does_not_exist_is_not_found(shop: Any) -> None:
    for fields in ({"name": "nonsense"}, {"name": "may_split", "channel": "x"}, {"name": "may_split", "sku": "x"}):
        with pytest.raises(NotFound, match="There is no"):
            await resolved(shop, **fields)


async def test_a_change_is_told_in_a_sentence(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=1)
    await shop.do("policies.set", name="hold_sku", value=True, sku="MUG")
    async with shop.database.read(shop.merchant_id) as tx:
        entry = await events.event(tx, events.EventQuery(position=await events.head_position(tx)))
    assert entry.sentence == "Policy hold_sku set to true for sku MUG."
