"""The twins of Stripe and AvaTax as servers, and shops whose workers call them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import uvicorn
from starlette.applications import Starlette

from lading.adapters.payments.stripe import Stripe
from lading.adapters.payments.twin import Account, create_twin
from lading.adapters.taxes import avatax_twin
from lading.adapters.taxes.avatax import AvaTax
from lading.adapters.taxes.avatax_twin import Company
from lading.entrypoints.paying import Accounts
from lading.entrypoints.taxing import TaxAccounts
from lading.entrypoints.webhooks import take_in
from lading.entrypoints.worker.paying import Payments
from lading.entrypoints.worker.taxing import Taxes
from lading.operations.execute import Executor

SECRET = "whsec_of_the_twin"


@asynccontextmanager
async def serving(twin: Starlette) -> AsyncIterator[str]:
    """A twin over HTTP on a port of its own; its address."""
    config = uvicorn.Config(twin, port=0, log_level="critical", lifespan="off", ws="none")
    server = uvicorn.Server(config)
    task = asyncio.ensure_future(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn sets no event
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await task


@dataclass
class Paid:
    """A shop with an account `acme` at the twin."""

    shop: Any
    account: Account
    stripe: Stripe
    worker: Payments
    ahead: timedelta = timedelta()

    async def work(self) -> int:
        """Call for all that is due; how many requests there were."""
        return await self.worker.call(self.shop.merchant_id, "shop", datetime.now(UTC) + self.ahead)

    async def work_later(self) -> int:
        """As if hours had passed, so that what was asked in vain is due again."""
        self.ahead += timedelta(hours=2)
        return await self.work()

    async def webhook(self, body: bytes, signature: str) -> None:
        """As the endpoint does it."""
        service: Any = SimpleNamespace(database=self.shop.database, executor=self.shop.executor)
        for heard in self.stripe.hear(body, {"stripe-signature": signature}):
            await take_in(service, self.shop.merchant_id, "acme", heard)

    async def deliver(self) -> int:
        """All webhooks that wait, as the dials say."""
        return await self.account.deliver(self.webhook)


@asynccontextmanager
async def paid(shop: Any, timeout_seconds: float = 5.0) -> AsyncIterator[Paid]:
    """A shop that is paid through the twin."""
    account = Account(SECRET)
    async with serving(create_twin(account)) as address:
        stripe = Stripe("sk_test_twin", SECRET, address, timeout_seconds=timeout_seconds)
        worker = Payments(shop.database, shop.executor, Accounts(providers={"acme": stripe}))
        try:
            yield Paid(shop, account, stripe, worker)
        finally:
            await stripe.close()


@asynccontextmanager
async def avatax(company: Company, timeout_seconds: float = 5.0) -> AsyncIterator[AvaTax]:
    """The adapter, connected to a twin over HTTP."""
    async with serving(avatax_twin.create_twin(company)) as address:
        service = AvaTax(
            company.account, company.license_key, company.code, base=address, timeout_seconds=timeout_seconds
        )
        try:
            yield service
        finally:
            await service.close()


@dataclass
class Taxed:
    """A shop whose channel web is taxed by the account `ava` at the twin."""

    shop: Any
    company: Company
    accounts: TaxAccounts
    worker: Taxes
    ahead: timedelta = timedelta()

    async def work_later(self) -> int:
        """Call for all that is due, as if hours had passed; how many requests there were."""
        self.ahead += timedelta(hours=2)
        self.accounts.wake()
        return await self.worker.call(self.shop.merchant_id, datetime.now(UTC) + self.ahead)


@asynccontextmanager
async def taxed(shop: Any, timeout_seconds: float = 5.0) -> AsyncIterator[Taxed]:
    """A shop that is taxed through the twin."""
    company = Company()
    async with avatax(company, timeout_seconds) as service:
        accounts = TaxAccounts(shop.database, services={"ava": service})
        shop.executor = Executor(shop.database, ask_taxes=accounts.ask)
        await shop.do("policies.set", name="taxes", value="service", channel="web")
        await shop.do("policies.set", name="tax_service", value="ava")
        yield Taxed(shop, company, accounts, Taxes(shop.database, shop.executor, accounts))
