"""`lading payment-twin`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import httpx
import structlog
import uvicorn
from starlette.applications import Starlette

from lading.adapters.payments.twin import Account, create_twin

log = structlog.get_logger()

DELIVER_SECONDS = 0.3


def payment_twin(*, port: int = 8490, secret: str = "whsec_twin", webhook: str | None = None) -> None:
    """Run a twin of Stripe for trials: it speaks Stripe's wire format, moves no money, and forgets all when it ends.

    Parameters
    ----------
    port
        Where it listens, on this machine only; an account whose api_base is http://127.0.0.1:PORT uses it.
    secret
        What it signs webhooks with; the webhook_secret of the account.
    webhook
        Where webhooks go, such as http://127.0.0.1:8480/webhooks/payments/stripe/main; none are sent without it.
    """
    account = Account(secret)
    app = create_twin(account)
    if webhook is not None:
        app.router.lifespan_context = _delivering(account, webhook)
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", ws="none")


def _delivering(account: Account, webhook: str) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with httpx.AsyncClient(timeout=10) as client:
            task = asyncio.ensure_future(_deliver(account, webhook, client))
            yield
            task.cancel()

    return lifespan


async def _deliver(account: Account, webhook: str, client: httpx.AsyncClient) -> None:
    async def bring(body: bytes, signature: str) -> None:
        try:
            reply = await client.post(webhook, content=body, headers={"Stripe-Signature": signature})
            log.info("webhook", status=reply.status_code)
        except httpx.HTTPError as error:
            log.warning("webhook_not_delivered", error=repr(error))

    while True:
        await account.deliver(bring)
        await asyncio.sleep(DELIVER_SECONDS)
