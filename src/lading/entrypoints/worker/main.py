"""The worker: what happens later than the answer. It reads the journal's feed, one merchant a transaction."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from uuid import UUID

import asyncpg
import structlog

from lading.access import store as access
from lading.database import queries
from lading.database.lanes import Overloaded
from lading.database.pool import Database, Transaction
from lading.entrypoints.feeding import queue as stock_feeds
from lading.entrypoints.files import Files
from lading.entrypoints.paying import Accounts
from lading.entrypoints.taxing import TaxAccounts
from lading.entrypoints.worker import (
    arrivals,
    billing,
    demand,
    disputing,
    expiring,
    ledger,
    levels,
    over,
    paying,
    replenishment,
    search,
    subscribing,
    sweeping,
    taxing,
    young,
)
from lading.kernel.ids import ZERO
from lading.operations.execute import Executor
from lading.settings import Settings

sql = queries.load(__file__)
log = structlog.get_logger()

POLL_SECONDS = 0.5
MERCHANTS_SECONDS = 5.0
"""How often new merchants are looked for."""
YOUNG_SECONDS = 2.0
"""How often tables are looked for that nobody has analysed."""
SWEEP_SECONDS = 5.0
STOCK_FEEDS_SECONDS = 2.0
REPLENISHMENT_SECONDS = 3_600.0
"""How often it is counted what to order."""
EXPIRE_SECONDS = 5.0
PROVIDERS_SECONDS = 0.5
TAXES_SECONDS = 2.0
SWEPT_SECONDS = 3_600.0
"""How long a merchant's command table rests after it was swept to its end."""
OUTAGE_SECONDS = 2.0
REST_SECONDS = 30.0
"""How long a merchant rests whose feed could not be read on: the others are not kept waiting by it."""
PIECES_MAX = 20
"""Pieces of one merchant's feed before the next merchant has its turn."""

WALKED_SECONDS = 600.0
"""How long a merchant rests whose products were walked to the end."""
IDLE_SECONDS = 15.0
"""How often somebody looks whether there is a reason to walk at all."""

Walk = Callable[[Transaction, UUID], Awaitable[UUID | None]]
"""Looks at the next products after an id; where to go on: ZERO at the end, None where there is no reason to walk."""

ReadOn = Callable[[Transaction], Awaitable[bool]]
"""Takes the next piece of the feed; False where there is nothing to take."""

Piece = Callable[[Database, Executor, int, datetime], Awaitable[int]]
"""Does what is due of a merchant by a moment, as much as one batch takes; how much there was."""

_OUTAGE = (asyncpg.PostgresConnectionError, asyncpg.InterfaceError, asyncpg.OperatorInterventionError, OSError)


async def run(settings: Settings, dsn: str) -> None:
    """Work until cancelled. An outage of the database is waited out."""
    database = await _connect(dsn)
    try:
        worker = Worker(
            database,
            Files(settings.files, database),
            Accounts(settings.payment_accounts),
            TaxAccounts(database, settings.tax_accounts),
        )
        await asyncio.gather(
            _forever(worker.read_feeds, POLL_SECONDS),
            _forever(worker.analyse_young, YOUNG_SECONDS),
            _forever(worker.sweep, SWEEP_SECONDS),
            _forever(worker.walk, SWEEP_SECONDS),
            _forever(worker.load_stock_feeds, STOCK_FEEDS_SECONDS),
            _forever(worker.count_replenishment, REPLENISHMENT_SECONDS),
            _forever(worker.expire_reservations, EXPIRE_SECONDS),
            _forever(worker.lift_holds, EXPIRE_SECONDS),
            _forever(worker.drop_edits, EXPIRE_SECONDS),
            _forever(worker.ask_locations, EXPIRE_SECONDS),
            _forever(worker.place_subscriptions, EXPIRE_SECONDS),
            _forever(worker.ask_providers, PROVIDERS_SECONDS),
            _forever(worker.ask_tax_services, TAXES_SECONDS),
        )
    finally:
        await database.close()


async def _connect(dsn: str) -> Database:
    while True:
        try:
            return await Database.connect(dsn, readers=2)
        except _OUTAGE as error:
            log.warning("database_unreachable", error=repr(error))
            await asyncio.sleep(OUTAGE_SECONDS)


async def _forever(work: Callable[[], Awaitable[None]], pause_seconds: float) -> None:
    while True:
        try:
            await work()
        except (*_OUTAGE, Overloaded) as error:
            log.warning("database_unreachable", error=repr(error))
            await asyncio.sleep(OUTAGE_SECONDS)
        await asyncio.sleep(pause_seconds)


class Worker:
    """The consumers and timers of all merchants."""

    def __init__(
        self,
        database: Database,
        files: Files,
        accounts: Accounts | None = None,
        tax_accounts: TaxAccounts | None = None,
    ) -> None:
        self._database = database
        self._files = files
        tax_accounts = tax_accounts or TaxAccounts(database)
        self._executor = Executor(database, ask_taxes=tax_accounts.ask)
        self._arrivals = arrivals.Arrivals(self._executor)
        self._levels = levels.Levels(self._executor)
        self._payments = paying.Payments(database, self._executor, accounts or Accounts())
        self._taxes = taxing.Taxes(database, self._executor, tax_accounts)
        self._disputes = disputing.Disputes(database, self._executor, accounts or Accounts(), files)
        self._slugs: dict[int, str] = {}
        self._billing = billing.Billing(self._executor)
        self._walked: dict[tuple[int, str], tuple[UUID, float]] = {}
        self._merchants: list[int] = []
        self._looked_at = float("-inf")
        self._swept: dict[int, tuple[UUID, float]] = {}
        self._resting: dict[tuple[int, str], float] = {}

    async def read_feeds(self) -> None:
        """Bring every reader of every merchant's feed up to the head."""
        now = asyncio.get_running_loop().time()
        for merchant_id in await self.merchants():
            for consumer, read_on in self._readers():
                if self._resting.get((merchant_id, consumer), 0.0) > now:
                    continue
                try:
                    await self._read_on(merchant_id, read_on)
                except (*_OUTAGE, Overloaded):
                    raise
                except Exception as error:
                    log.error("feed_not_read", merchant_id=merchant_id, consumer=consumer, exc_info=error)
                    self._resting[(merchant_id, consumer)] = now + REST_SECONDS

    def _readers(self) -> Sequence[tuple[str, ReadOn]]:
        return (
            (search.CONSUMER, search.read_on),
            (arrivals.CONSUMER, self._arrivals.read_on),
            (levels.CONSUMER, self._levels.read_on),
            (ledger.CONSUMER, ledger.read_on),
            (paying.CONSUMER, self._payments.read_on),
            (billing.CONSUMER, self._billing.read_on),
        )

    async def _read_on(self, merchant_id: int, read_on: ReadOn) -> None:
        for _ in range(PIECES_MAX):
            async with self._database.write(merchant_id) as tx:
                if not await read_on(tx):
                    return

    async def merchants(self) -> list[int]:
        """All merchants; a new one is noticed within seconds, and its reader is opened."""
        now = asyncio.get_running_loop().time()
        if now - self._looked_at > MERCHANTS_SECONDS:
            self._slugs = {merchant.id: merchant.slug for merchant in await access.merchants(self._database)}
            found = list(self._slugs)
            for merchant_id in sorted(set(found) - set(self._merchants)):
                async with self._database.write(merchant_id) as tx:
                    for consumer, _ in self._readers():
                        await tx.execute(sql.open_consumer, consumer)
            self._merchants, self._looked_at = found, now
        return self._merchants

    async def analyse_young(self) -> None:
        """Have PostgreSQL look at tables that it knows nothing of."""
        if tables := await young.analyse(self._database):
            log.info("young_tables_analysed", tables=tables)

    async def walk(self) -> None:
        """The next products of each merchant: how much is asked for of them, and whether they crossed a level that no event told."""
        await self._walk_on("demand", lambda tx, after: demand.count(tx, after, datetime.now(UTC)))
        await self._walk_on("levels", self._levels.walk_on)

    async def _walk_on(self, name: str, walk: Walk) -> None:
        for merchant_id in self._merchants:
            now = asyncio.get_running_loop().time()
            after, rests_until = self._walked.get((merchant_id, name), (ZERO, 0.0))
            for _ in range(PIECES_MAX if now >= rests_until else 0):
                async with self._database.write(merchant_id) as tx:
                    on = await walk(tx, after)
                after = on or ZERO
                if after == ZERO:
                    rests_until = now + (IDLE_SECONDS if on is None else WALKED_SECONDS)
                    break
            self._walked[(merchant_id, name)] = (after, rests_until)

    async def load_stock_feeds(self) -> None:
        """Every stock feed that is due, one after the other."""
        for merchant_id in self._merchants:
            while await stock_feeds.run_one(self._database, self._files, merchant_id):
                pass

    async def _in_pieces(self, do: Piece, most: int) -> None:
        """What is due by now, of each merchant in turn; a merchant with much of it does not keep the others waiting."""
        for merchant_id in self._merchants:
            for _ in range(PIECES_MAX):
                if await do(self._database, self._executor, merchant_id, datetime.now(UTC)) < most:
                    break

    async def expire_reservations(self) -> None:
        """Give back what is over."""
        await self._in_pieces(expiring.expire, expiring.PIECE)

    async def lift_holds(self) -> None:
        """Lift what is over."""
        await self._in_pieces(over.HOLDS.end, over.PIECE)

    async def drop_edits(self) -> None:
        """Drop prepared edits that are over."""
        await self._in_pieces(over.EDITS.end, over.PIECE)

    async def place_subscriptions(self) -> None:
        """Place the orders of subscriptions that are due."""
        await self._in_pieces(subscribing.place, subscribing.PIECE)

    async def ask_locations(self) -> None:
        """What locations did not answer in time, what was scheduled until now, and what nobody collected."""
        await self._in_pieces(over.end_at_locations, over.PIECE)

    async def ask_providers(self) -> None:
        """What providers of payments are to be asked, of each merchant in turn."""
        for merchant_id in self._merchants:
            now = datetime.now(UTC)
            await self._payments.call(merchant_id, self._slugs[merchant_id], now)
            await self._disputes.call(merchant_id, self._slugs[merchant_id], now)
            await self._payments.lapse(merchant_id, now)
            await self._payments.expire(merchant_id, now)

    async def ask_tax_services(self) -> None:
        """What tax services are to be asked, of each merchant in turn."""
        for merchant_id in self._merchants:
            await self._taxes.call(merchant_id, datetime.now(UTC))

    async def count_replenishment(self) -> None:
        """What to order, of each merchant whose last count is over."""
        for merchant_id in await self.merchants():
            await replenishment.count_all(self._database, merchant_id, datetime.now(UTC))

    async def sweep(self) -> None:
        """What is sold ahead until now is given out; then one piece of each merchant's command table."""
        for merchant_id in self._merchants:
            async with self._database.write(merchant_id) as tx:
                await self._arrivals.release(tx)
        now = asyncio.get_running_loop().time()
        for merchant_id in self._merchants:
            after, rests_until = self._swept.get(merchant_id, (sweeping.FIRST, 0.0))
            if now < rests_until:
                continue
            async with self._database.write(merchant_id) as tx:
                after, deleted = await sweeping.sweep(tx, after, datetime.now(UTC))
            self._swept[merchant_id] = (after, now + SWEPT_SECONDS if after == sweeping.FIRST else 0.0)
            if deleted:
                log.info("commands_forgotten", merchant_id=merchant_id, count=deleted)
