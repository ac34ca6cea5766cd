"""The weeks of the seeded merchant, told through the operations: batches of commands in a time of their own.

Every command's id is named by its place in the simulation, so a seed that was cut off is run again from its beginning:
what was done is answered as it was, and the rest follows.
"""

import heapq
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Any
from uuid import UUID

import msgspec

from lading.database.pool import Database
from lading.entrypoints.files import Files
from lading.entrypoints.seed import business, floor, paying, supply, wares
from lading.entrypoints.seed.people import people
from lading.entrypoints.seed.stories import Outcome, Step, Story, story
from lading.entrypoints.seed.wishes import DAYS, more_wishes, wishes
from lading.entrypoints.service import payload_hash
from lading.entrypoints.worker import replenishment
from lading.journal.types import Envelope
from lading.kernel.ids import dated_id, named_id, new_id
from lading.operations.execute import Executor
from lading.operations.registry import verbs

SEED = 20_482
CUSTOMERS_EACH = 40
"""Of each country."""
FINE_DAYS = 2
"""In the last days things happen every two hours, before that every six."""

ORDER_OF_VERBS = (
    "purchase-orders.place", "purchase-orders.change", "asns.announce", "purchase-orders.receive", "stock-feeds.receive",
    "stock.adjust", "stock.move", "stock.put-away", "lots.hold", "stock-feeds.finish", "pools.set", "transfers.create",
    "transfers.ready", "transfers.ship", "transfers.receive", "work-orders.open", "work-orders.complete",
    "orders.place", "orders.hold", "holds.release", "lines.cancel", "orders.source",
    "orders.release", "fulfillment-orders.pick", "parcels.pack", "parcels.ship", "parcels.track", "invoices.issue", "payments.record",
    "payments.answer", "payments.capture", "payments.dispute", "credits.issue", "credits.spend", "payments.refund",
    "returns.request", "returns.receive", "returns.dispose", "returns.refund", "reservations.reserve",
    "counts.open", "counts.record", "counts.approve", "drafts.create", "drafts.send", "subscriptions.create",
    "edits.begin", "waves.plan", "waves.release", "print-jobs.add", "print-jobs.claim", "print-jobs.finish", "waves.take-list",
    "waves.pick",
)  # fmt: skip
"""What comes first where several things are due."""


class SeedFailed(Exception):
    """A command of the simulation was refused or failed: a bug."""


class Simulation:
    """Runs stories for one merchant; the clock stands where the simulation has come to."""

    def __init__(self, database: Database, merchant_id: int, start: datetime) -> None:
        self._merchant_id = merchant_id
        self._now = start
        self._executor = Executor(database, clock=lambda: self._now)
        self._serial = count(1)

    async def run(self, verb: str, steps: Sequence[tuple[UUID, dict[str, Any], str]]) -> list[Outcome]:
        """One batch of (command id, fields, who); the outcomes. Raises SeedFailed."""
        batch = [self._envelope(verb, *step) for step in steps]
        answers = await self._executor.run(self._merchant_id, verbs()[verb], batch)
        for (_, fields, _), answer in zip(steps, answers, strict=True):
            if not answer.accepted:
                raise SeedFailed(f"{verb} {fields}: {answer.body.decode() or 'failed'}")
        return [msgspec.json.decode(answer.body) for answer in answers]

    async def set_up(self, verb: str, commands: Iterable[dict[str, Any]]) -> None:
        """What is there from the beginning."""
        await self.run(verb, [(self._id("setup", verb, next(self._serial)), fields, "seed") for fields in commands])

    async def play(self, stories: Sequence[Story], ticks: Iterable[datetime], begins: Sequence[datetime]) -> None:
        """Play the stories, each from its beginning, until time is up; at each tick one batch for each verb."""
        steps = [0] * len(stories)
        due = [(begin, index, next(told)) for index, (told, begin) in enumerate(zip(stories, begins, strict=True))]
        due = [(begin + step.wait, index, step) for begin, index, step in due]
        heapq.heapify(due)
        for tick in ticks:
            self._now = tick
            now_due: dict[str, list[tuple[datetime, int, Step]]] = {}
            while due and due[0][0] <= tick:
                each = heapq.heappop(due)
                now_due.setdefault(each[2].verb, []).append(each)
            for verb in sorted(now_due, key=ORDER_OF_VERBS.index):
                batch = []
                for at, index, step in now_due[verb]:
                    steps[index] += 1
                    fields = step.fields | ({"occurred_at": at.isoformat()} if step.dated else {})
                    batch.append((self._id("story", index, steps[index]), fields, step.who))
                for (_, index, _), outcome in zip(now_due[verb], await self.run(verb, batch), strict=True):
                    try:
                        following = stories[index].send(outcome)
                    except StopIteration:
                        continue
                    heapq.heappush(due, (tick + following.wait, index, following))

    def _id(self, *place: object) -> UUID:
        return named_id(self._merchant_id, "seed", *place)

    def _envelope(self, verb: str, command_id: UUID, fields: dict[str, Any], who: str) -> Envelope[Any]:
        command = msgspec.convert(fields, verbs()[verb].command)
        return Envelope(
            command_id, payload_hash(fields), f"simulation:{who}", command, dated_id(new_id(), self._now), new_id()
        )  # fmt: skip


async def simulate(database: Database, files: Files, merchant_id: int, start: datetime) -> None:
    """Everything, from the first product to what is due at the end, and what is to be ordered then. Raises SeedFailed."""
    rng = Random(SEED)
    simulation = Simulation(database, merchant_id, start)
    received = [*wares.opening_stock(rng), *wares.more_stock(start.date())]
    for verb, commands in (
        ("channels.save", [{"code": channel.code, "name": channel.name} for channel in wares.CHANNELS]),
        ("location-groups.save", wares.GROUPS),
        ("locations.save", wares.LOCATIONS),
        ("layouts.save", [floor.LAYOUT]),
        ("bins.save", floor.BINS),
        ("products.save", [wares.product(index) for index in range(len(wares.PRODUCTS))]),
        ("kits.save", wares.KITS),
        ("cartons.save", wares.CARTONS),
        ("parcel-rates.save", wares.PARCEL_RATES),
        ("policies.set", [*wares.POLICIES, business.APPROVAL]),
        ("sourcing-rules.save", [floor.SOURCING]),
        ("companies.save", business.COMPANIES),
        ("exchange-rates.save", business.exchange_rates(start.date())),
        ("price-lists.save", business.PRICE_LISTS),
        ("prices.set", business.PRICES),
        ("stock.receive", received),
        ("stock.put-away", floor.put_away(received)),
    ):
        await simulation.set_up(verb, commands)
    customers = people(rng, CUSTOMERS_EACH)
    wished = wishes(rng, customers, start)
    wished += more_wishes(rng, customers, start)
    stories = [story(wish, Random(f"{SEED}-{number}")) for number, wish in enumerate(wished)]
    begins = [wish.placed_at for wish in wished]
    feed = await files.keep(merchant_id, _file(supply.FEED), "text/csv")
    others = [*supply.stories(start, feed.sha256), *paying.stories(start), *business.stories(start), *floor.stories()]
    await simulation.play([*stories, *others], _ticks(start), [*begins, *[start] * len(others)])
    await replenishment.count_all(database, merchant_id, start + timedelta(days=DAYS))


async def _file(content: bytes) -> AsyncIterator[bytes]:
    yield content


def _ticks(start: datetime) -> list[datetime]:
    coarse = [start + timedelta(hours=hours) for hours in range(6, (DAYS - FINE_DAYS) * 24, 6)]
    end = start + timedelta(days=DAYS)
    fine = [end - timedelta(hours=hours) for hours in range(FINE_DAYS * 24, 0, -2)]
    return [*coarse, *fine, *(end - timedelta(minutes=minutes) for minutes in floor.LAST_TICKS), end]
