"""Asking providers: what is due is claimed in one transaction, called outside of any, and what they say is taken in by a command.

Whoever dies in between leaves a request that is due again later, with the same key. And the reader of the feed that does what policy says
about the money of orders that something happened to.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime

import asyncpg
import structlog

from lading.database import failpoints, queries
from lading.database.pool import Database, Transaction
from lading.entrypoints import paying
from lading.entrypoints.paying import Accounts
from lading.entrypoints.worker.following import follow
from lading.journal.types import Envelope
from lading.operations.execute import Executor
from lading.operations.registry import verbs
from lading.payments.commands import ExpireCredit, FollowPayment, LapsePayment
from lading.payments.port import Ask, ProviderAway, Told

sql = queries.load(__file__)
log = structlog.get_logger()

CONSUMER = "payments"
PIECE = 100
"""Requests claimed at once."""
CALLS_MAX = 8
"""Calls to providers at the same time."""
EVENTS_MAX = 1_000
QUIET = [
    "payment_authorisation_requested",
    "payment_capture_requested",
    "payment_void_requested",
    "payments_followed",
    "edit_begun",
    "edit_dropped",
    "note_added",
    "note_blanked",
    "order_tagged",
    "provider_fee_posted",
    "dispute_answered",
    "dispute_answer_settled",
    "tax_record_answered",
    "tax_record_repeated",
]
"""Events after which nothing is to be done: providers were asked and have not answered, or the order is as it was."""


class Payments:
    """The caller of providers, for all merchants."""

    def __init__(self, database: Database, executor: Executor, accounts: Accounts) -> None:
        self._database = database
        self._executor = executor
        self._accounts = accounts

    async def call(self, merchant_id: int, merchant: str, now: datetime) -> int:
        """Carry out what is due; how many requests there were (PIECE: there may be more)."""
        async with self._database.write(merchant_id) as tx:
            rows = await tx.fetch(sql.claim_payment_requests, now, PIECE)
        await failpoints.reach("before_provider")
        gate = asyncio.Semaphore(CALLS_MAX)
        asked = await asyncio.gather(*(self._ask(row, merchant, gate) for row in rows))
        await failpoints.reach("after_provider")
        answers = [
            paying.answer(merchant_id, ask.order_id, ask.tender, ask.number, ask.currency, told)
            for ask, told in asked
            if told is not None
        ]
        if answers:
            await self._executor.run(merchant_id, verbs()[paying.ANSWER], answers)
        return len(rows)

    async def _ask(self, row: asyncpg.Record, merchant: str, gate: asyncio.Semaphore) -> tuple[Ask, Told | None]:
        """What the provider says; None where nobody knows, and it is asked again later."""
        ask = _ask_of(row)
        provider = self._accounts.find(row["provider"], merchant)
        if provider is None:
            return ask, Told("failed", code="unknown_account")
        if ask.kind == "authorise" and ask.number > 1 and not ask.promised_minor:
            return ask, Told("failed", code="nothing_promised")
        async with gate:
            try:
                return ask, await provider.ask(ask)
            except ProviderAway as error:
                log.warning(
                    "provider_away", provider=row["provider"], key=ask.key, attempts=ask.attempts, error=str(error)
                )
            except Exception as error:
                log.error(
                    "provider_failed", provider=row["provider"], key=ask.key, attempts=ask.attempts, exc_info=error
                )
            return ask, None

    async def lapse(self, merchant_id: int, now: datetime) -> int:
        """Authorisations whose time is over."""
        async with self._database.read(merchant_id) as tx:
            rows = await tx.fetch(sql.lapsed_tenders, now, PIECE)
        commands = [
            paying.envelope(
                merchant_id, paying.LAPSE, LapsePayment(str(row["order_id"]), row["number"]), row["expires_at"]
            )
            for row in rows
        ]
        if commands:
            await self._executor.run(merchant_id, verbs()[paying.LAPSE], commands)
        return len(rows)

    async def expire(self, merchant_id: int, now: datetime) -> int:
        """Gift cards and store credit whose time is over."""
        async with self._database.read(merchant_id) as tx:
            rows = await tx.fetch(sql.credits_over, now, PIECE)
        commands = [
            paying.envelope(
                merchant_id, paying.EXPIRE, ExpireCredit(row["id"]), row["expires_at"], row["balance_minor"]
            )
            for row in rows
        ]
        if commands:
            await self._executor.run(merchant_id, verbs()[paying.EXPIRE], commands)
        return len(rows)

    async def read_on(self, tx: Transaction) -> bool:
        """Take the next piece of the feed; False where there is nothing to take, or another worker is at it."""
        return await follow(tx, CONSUMER, self._follow_touched)

    async def _follow_touched(self, tx: Transaction, position: int) -> int:
        rows = await tx.fetch(sql.orders_to_follow, position, EVENTS_MAX, QUIET)
        last: int = next(row["position"] for row in rows if row["order_id"] is None)
        await self._follow(tx.merchant_id, [row for row in rows if row["order_id"] is not None])
        return last

    async def _follow(self, merchant_id: int, rows: Sequence[asyncpg.Record]) -> None:
        commands: list[Envelope[FollowPayment]] = [
            paying.envelope(merchant_id, paying.FOLLOW, FollowPayment(str(row["order_id"])), row["position"])
            for row in rows
        ]
        if commands:
            await self._executor.run(merchant_id, verbs()[paying.FOLLOW], commands)


def _ask_of(row: asyncpg.Record) -> Ask:
    return Ask(
        order_id=row["order_id"],
        order=str(row["order_number"]),
        tender=row["tender_number"],
        number=row["number"],
        kind=row["kind"],
        amount_minor=row["amount_minor"],
        currency=row["currency"],
        asked_at=row["asked_at"],
        attempts=row["attempts"],
        method=row["method"],
        payer=row["payer"],
        unattended=row["unattended"],
        payment=row["payment"],
        promised_minor=row["promised_minor"],
        reference=row["reference"],
        last=row["last"],
    )
