"""Everything that moves stock, many at once: what was accepted is what a model accepts one after the other, as the journal orders it.

Several commands are sent at the same moment through two executors, some of them as batches. Then the model does what was accepted in
the order of the journal's positions: it must find nothing to refuse, and end with the same tables. LADING_MODEL_EXAMPLES and
LADING_MODEL_STEPS say how many lives there are, and how long; where one of them is set they are new ones,
or those of pytest's --hypothesis-seed, which also says alone which ones they are.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import traceback
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule, run_state_machine_as_test

from lading.database import failpoints
from lading.database.pool import Database
from lading.journal.types import Answer, Envelope
from lading.operations.execute import Executor
from lading.operations.registry import verbs
from tests.operations.model.types import SKUS, Refused, Row
from tests.operations.random_lives.ground import Inside, shelves
from tests.operations.random_lives.life import Life
from tests.operations.test_stock_model import SAME

LIVES = int(os.environ.get("LADING_MODEL_EXAMPLES", "4"))
STEPS = int(os.environ.get("LADING_MODEL_STEPS", "60"))
AT_ONCE = 8
LONGEST = 30.0
"""Seconds; who waits longer for an answer waits for ever."""
POINTS = ("after_prefetch", "before_postings", "before_commit")

APART = ("parcels.track", "returns.request")
"""Not in one moment: the model does not know what comes of it when a carrier speaks after somebody announced a return."""

Then = Callable[[dict[str, Any]], None]


class Crowd(Life):
    """The same lives, with several commands under way at once."""

    other: Database
    chance: random.Random
    wrong: list[str]
    """What was found, whatever becomes of the life afterwards."""
    replayed: list[str]
    """The verbs of the accepted commands that the model did after them."""

    @initialize(focus=st.none() | shelves())
    def open(self, focus: Row | None) -> None:
        self.waiting: list[tuple[str, Envelope[Any], Then]] = []
        self.told: list[str] = []
        self.is_crowded = False
        super().open(focus)
        self.model.alone = False
        self.is_crowded = True
        now = lambda: self.now  # noqa: E731
        self.executors = (self.shop.executor, Executor(self.other, now))

    def step(self, verb: str, fields: Mapping[str, Any], then: Then) -> dict[str, Any]:
        """The command waits until there are enough of them to be sent at once; what it does is seen then."""
        if not self.is_crowded:
            return super().step(verb, fields, then)
        if verb in APART and any(other in APART for other, _, _ in self.waiting):
            return {}
        self.now += timedelta(seconds=1)
        self.waiting.append((verb, self.shop.envelope(verb, fields), then))
        if len(self.waiting) == AT_ONCE:
            self.send()
        return {}

    @contextlib.contextmanager
    def noted(self) -> Iterator[None]:
        """Whatever goes wrong inside is kept, be it a difference, a command that breaks or one that never ends."""
        try:
            yield
        except Exception:
            self.wrong.append("\n".join([*self.told, traceback.format_exc()]))
            raise

    def send(self) -> None:
        """All that wait, at once; the model does after it what was accepted, in the journal's order."""
        self.told = []
        with self.noted():
            self._send()

    def _send(self) -> None:
        sent, self.waiting = self.waiting, []
        self.model.now = self.now
        answers = self.run(self.at_once([(verb, envelope) for verb, envelope, _ in sent]))
        positions = {
            row["event_id"]: int(row["position"])
            for row in self.fetch(
                "SELECT event_id, position FROM event WHERE merchant_id = $1 AND event_id = ANY($2::uuid[])",
                [envelope.event_id for _, envelope, _ in sent],
            )
        }
        for verb, envelope, _ in sent:
            assert not answers[envelope.event_id].failed, f"{verb} failed: look at the log"
        accepted = [each for each in sent if each[1].event_id in positions]
        for verb, envelope, then in sorted(accepted, key=lambda each: positions[each[1].event_id]):
            self.envelope, self.at = envelope, positions[envelope.event_id]
            outcome = msgspec.json.decode(answers[envelope.event_id].body)
            self.told.append(f"{self.at} {verb} {envelope.command} -> {outcome}")
            try:
                then(outcome)
            except Refused as refusal:
                raise AssertionError(f"in its turn it should have been refused: {refusal}") from refusal
            self.accepted(verb, outcome)
            self.replayed.append(verb)
        self.end_what_is_over()

    def end_what_is_over(self) -> None:
        """Whoever saw too little free may end a reservation whose time is over, though more came meanwhile: that is right too."""
        ended = {
            (str(row["reservation_id"]), row["number"])
            for row in self.fetch(
                "SELECT reservation_id, number FROM reservation_line WHERE merchant_id = $1 AND ended_as = 'expired'"
            )
        }
        for id_, reservation in self.model.reservations.items():
            for number, line in enumerate(reservation.lines, 1):
                if line.ended is None and reservation.expires_at <= self.now and (id_, number) in ended:
                    self.model.end(line, "expired")
        self.model.done()

    async def at_once(self, sent: list[tuple[str, Envelope[Any]]]) -> dict[Any, Answer]:
        """The answers by the ids of events; half of the time those of one verb that have the same executor are one batch."""
        batches: dict[Any, list[Envelope[Any]]] = {}
        together = self.chance.random() < 0.5
        for index, (verb, envelope) in enumerate(sent):
            batches.setdefault((verb, self.chance.randrange(2), 0 if together else index), []).append(envelope)

        async def run(verb: str, executor: Executor, envelopes: list[Envelope[Any]]) -> list[Answer]:
            await asyncio.sleep(self.chance.random() * 0.003)
            async with asyncio.timeout(LONGEST):
                return await executor.run(self.shop.merchant_id, verbs()[verb], envelopes)

        answers = await asyncio.gather(
            *(run(verb, self.executors[which], envelopes) for (verb, which, _), envelopes in batches.items())
        )
        return {
            envelope.event_id: answer
            for envelopes, told in zip(batches.values(), answers, strict=True)
            for envelope, answer in zip(envelopes, told, strict=True)
        }

    def position(self) -> int:
        return self.at if self.is_crowded else super().position()

    @invariant()
    def the_tables_are_the_model(self) -> None:
        if getattr(self, "is_crowded", False) and not self.waiting:
            with self.noted():
                super().the_tables_are_the_model()

    @rule(sku=st.sampled_from(SKUS), quantity=st.integers(1, 3))
    def rush(self, sku: str, quantity: int) -> None:
        """Who is still missing in the crowd orders the same product."""
        for _ in range(AT_ONCE - len(self.waiting)):
            self.place_order([(sku, quantity)], None)

    def teardown(self) -> None:
        if getattr(self, "is_crowded", False) and not self.wrong:
            self.rush("A", 1)
            self.the_tables_are_the_model()
            self.rush("B", 2)
            self.the_tables_are_the_model()
        with self.noted():
            super().teardown()


@pytest.fixture
def slow_points() -> Iterator[random.Random]:
    """Who comes to one of the points waits there a little, sometimes: others pass meanwhile."""
    chance = random.Random(7)

    async def wait() -> None:
        if chance.random() < 0.3:
            await asyncio.sleep(chance.random() * 0.01)

    for point in POINTS:
        failpoints.arm(point, wait)
    yield chance
    for point in POINTS:
        failpoints.disarm(point)


def lives(given: str | None) -> range:
    """The numbers that the lives are drawn from: always the same ones, those of --hypothesis-seed, or new ones."""
    if given is None and SAME:
        return range(LIVES)
    first = (random.SystemRandom() if given is None else random.Random(given)).randrange(10**9)
    return range(first, first + LIVES)


def test_many_at_once_are_what_the_model_says_of_one_after_the_other(
    shared_dsn: str, slow_points: random.Random, pytestconfig: pytest.Config
) -> None:
    """No shrinking and nothing to be repeated exactly: what comes first among eight differs each time.

    Hypothesis repeats a life that failed, and calls it flaky when it goes otherwise; what was found at first is told then.
    """
    wrong: list[str] = []
    replayed: list[str] = []
    inside = Inside(shared_dsn)
    other = inside.runner.run(Database.connect(shared_dsn))
    profile = settings(
        max_examples=2,  # the first of them is always the shortest
        stateful_step_count=STEPS,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
        phases=[Phase.generate],
    )
    chosen = lives(pytestconfig.getoption("--hypothesis-seed"))
    try:
        for number in chosen:
            members = {
                "inside": inside,
                "other": other,
                "chance": random.Random(number),
                "wrong": wrong,
                "replayed": replayed,
            }
            try:
                run_state_machine_as_test(seed(number)(type("Life", (Crowd,), members)), settings=profile)
            except Exception as failure:
                pytest.fail(f"life {number}: {wrong[0] if wrong else repr(failure)}")
            assert not wrong, f"life {number}: {wrong[0]}"
    finally:
        inside.runner.run(other.close())
        inside.close()
    assert len(replayed) >= LIVES, "hardly anything was accepted: nothing was seen"
