"""Invoices, and what they are made by."""

from __future__ import annotations

from datetime import date, timedelta

from tests.operations.batches.building import builds
from tests.operations.batches.orders import placed
from tests.races.shop import Payload, Shop


@builds("invoices.issue", many=1_000)
async def issue_invoices(shop: Shop, count: int) -> list[Payload]:
    return [{"order": number, "bill": "all"} for number in await placed(shop, count)]


@builds("legal-entities.save")
async def save_legal_entities(shop: Shop, count: int) -> list[Payload]:
    return [{"code": f"E{number}", "name": "Seller", "country": "DE"} for number in range(count)]


@builds("exchange-rates.save")
async def save_exchange_rates(shop: Shop, count: int) -> list[Payload]:
    first = date(2020, 1, 1)
    rate = {"currency": "USD", "shop_currency": "EUR", "rate": "0.9213"}
    return [{**rate, "day": (first + timedelta(days=at)).isoformat()} for at in range(count)]


@builds("tax-rates.save")
async def save_tax_rates(shop: Shop, count: int) -> list[Payload]:
    return [
        {"country": "US", "postal_prefix": str(at), "code": "CITY", "rate": "1.5", "valid_from": "2026-01-01"}
        for at in range(count)
    ]
