"""Drafts and subscriptions."""

from __future__ import annotations

from typing import Any

from tests.operations.batches.building import builds
from tests.operations.batches.orders import customer, place
from tests.races.shop import Payload, Shop


@builds("drafts.create")
async def create_drafts(shop: Shop, count: int) -> list[Payload]:
    shared = {"external_reference", "tenders"}
    return [
        {**{name: value for name, value in each.items() if name not in shared}, "reference": each["external_reference"]}
        for each in await place(shop, count)
    ]


async def drafted(shop: Shop, count: int, *steps: str, **more: Any) -> list[Payload]:
    """So many drafts that went these steps."""
    drafts = [{"draft": each["draft"]} for each in await shop.do("drafts.create", *await create_drafts(shop, count))]
    for step in steps:
        await shop.do(step, *drafts)
    return [{**each, **more} for each in drafts]


@builds("drafts.revise")
async def revise_drafts(shop: Shop, count: int) -> list[Payload]:
    drafts = await drafted(shop, count)
    return [{**each, "customer": customer(-number), "note": "x"} for number, each in enumerate(drafts, 1)]


@builds("drafts.send")
async def send_drafts(shop: Shop, count: int) -> list[Payload]:
    return await drafted(shop, count)


@builds("drafts.accept")
async def accept_drafts(shop: Shop, count: int) -> list[Payload]:
    return await drafted(shop, count, "drafts.send")


@builds("drafts.decline")
async def decline_drafts(shop: Shop, count: int) -> list[Payload]:
    return await drafted(shop, count, "drafts.reserve", "drafts.send", reason="late")


@builds("drafts.drop")
async def drop_drafts(shop: Shop, count: int) -> list[Payload]:
    return await drafted(shop, count, "drafts.reserve")


@builds("drafts.reserve")
async def reserve_drafts(shop: Shop, count: int) -> list[Payload]:
    return await drafted(shop, count)


@builds("drafts.convert")
async def convert_drafts(shop: Shop, count: int) -> list[Payload]:
    return await drafted(shop, count, "drafts.reserve")


@builds("subscriptions.create")
async def create_subscriptions(shop: Shop, count: int) -> list[Payload]:
    return await drafted(shop, count, unit="month", first_at="2026-01-31T08:00:00Z")


async def subscribed(shop: Shop, count: int, *steps: str, **more: Any) -> list[Payload]:
    made = await shop.do("subscriptions.create", *await create_subscriptions(shop, count))
    found = [{"subscription": each["subscription"]} for each in made]
    for step in steps:
        await shop.do(step, *found)
    return [{**each, **more} for each in found]


@builds("subscriptions.pause")
async def pause_subscriptions(shop: Shop, count: int) -> list[Payload]:
    return await subscribed(shop, count)


@builds("subscriptions.resume")
async def resume_subscriptions(shop: Shop, count: int) -> list[Payload]:
    return await subscribed(shop, count, "subscriptions.pause")


@builds("subscriptions.skip")
async def skip_subscriptions(shop: Shop, count: int) -> list[Payload]:
    return await subscribed(shop, count)


@builds("subscriptions.cancel")
async def cancel_subscriptions(shop: Shop, count: int) -> list[Payload]:
    return await subscribed(shop, count, reason="late")


@builds("subscriptions.place")
async def place_subscriptions(shop: Shop, count: int) -> list[Payload]:
    return await subscribed(shop, count, cycle=1)
