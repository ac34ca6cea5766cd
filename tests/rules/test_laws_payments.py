"""Whatever is asked of a provider and whenever it answers: money is conserved, and the order of answers does not matter."""

from __future__ import annotations

import random
import uuid
from datetime import UTC, datetime
from itertools import permutations
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from lading.payments import rules
from lading.payments.port import Told
from lading.payments.types import Credit, PaymentRequest, Tender
from lading.terms.ledger import AUTHORISED

NOW = datetime(2026, 11, 23, tzinfo=UTC)
ORDER = uuid.UUID(int=7)

amounts = st.integers(1, 5_000)
outcomes = st.sampled_from(["succeeded", "failed", "waiting"])
steps = st.lists(
    st.one_of(
        st.tuples(st.just("capture"), amounts),
        st.tuples(st.just("void"), st.just(0)),
        st.tuples(st.just("refund"), amounts),
        st.tuples(st.just("answer"), st.tuples(st.integers(0, 20), outcomes)),
    ),
    max_size=40,
)


class Books:
    """Two tenders, what was asked of their provider, and the ledger."""

    def __init__(self, *promised: int, once: bool = False) -> None:
        self.tenders = [
            Tender(ORDER, number, "card", None, 0, 0, provider="acme") for number, _ in enumerate(promised, 1)
        ]
        self.requests: list[PaymentRequest] = []
        self.accounts: dict[str, int] = {}
        for tender, amount in zip(self.tenders, promised, strict=True):
            self.requests.append(rules.ask(tender, "authorise", amount, NOW))
            self.answer(len(self.requests) - 1, Told("succeeded", reference="pi", once=once))

    def answer(self, index: int, told: Told) -> None:
        request = self.requests[index]
        tender = self.tenders[request.tender_number - 1]
        if rules.is_news(request, told) and rules.fits(tender, request, told):
            self.post(rules.settle(tender, request, told, "EUR", NOW))

    def post(self, settled: rules.Settled) -> None:
        before = dict(self.accounts)
        for posting in settled.money:
            assert posting.amount_minor > 0
            self.accounts[posting.debit] = self.accounts.get(posting.debit, 0) + posting.amount_minor
            self.accounts[posting.credit] = self.accounts.get(posting.credit, 0) - posting.amount_minor
        moved = self.accounts.get("tender:card", 0) - before.get("tender:card", 0)
        assert moved == settled.captured_minor - settled.refunded_minor

    def do(self, step: tuple[str, object]) -> None:
        what, given = step
        if what == "capture" and isinstance(given, int):
            self.requests += rules.capture(self.tenders, given, NOW)
        elif what == "void":
            idle = [tender for tender in self.tenders if tender.open_minor > 0 and not tender.capturing_minor]
            self.requests += [rules.ask(tender, "void", tender.open_minor, NOW) for tender in idle]
        elif what == "refund" and isinstance(given, int):
            left = sum(tender.refundable_minor for tender in self.tenders)
            if left:
                self.requests += rules.give_back(self.tenders, min(given, left), "EUR", NOW).requests
        elif isinstance(given, tuple) and self.requests:
            self.answer(given[0] % len(self.requests), Told(given[1], reference="x"))

    def check(self) -> None:
        """What the database checks, and that the ledger sums to zero and says what the tenders say."""
        for tender in self.tenders:
            assert tender.refunded_minor >= 0
            assert tender.refunded_minor + tender.refunding_minor <= tender.captured_minor
            assert tender.captured_minor + tender.capturing_minor + tender.voiding_minor <= tender.authorised_minor
            for kind, awaited in (
                ("capture", tender.capturing_minor), ("void", tender.voiding_minor), ("refund", tender.refunding_minor),
            ):  # fmt: skip
                pending = (each for each in self.requests if each.tender_number == tender.number and each.kind == kind)
                assert awaited == sum(each.amount_minor for each in pending if each.status == "pending")
        assert sum(self.accounts.values()) == 0
        captured = sum(tender.captured_minor for tender in self.tenders)
        assert self.accounts.get("tender:card", 0) == captured - sum(tender.refunded_minor for tender in self.tenders)
        assert self.accounts.get(AUTHORISED, 0) == sum(t.authorised_minor for t in self.tenders) - captured


@given(st.integers(1, 5_000), st.integers(1, 5_000), st.booleans(), steps)
def test_any_sequence_of_requests_and_answers_conserves_money(
    first: int, second: int, once: bool, steps: list[tuple[str, object]]
) -> None:
    books = Books(first, second, once=once)
    for step in steps:
        books.do(step)
        books.check()


@given(st.lists(st.tuples(st.integers(0, 5), outcomes), max_size=6), st.randoms(use_true_random=False))
def test_answers_late_twice_and_in_any_order_end_the_same(said: list[tuple[int, str]], chance: random.Random) -> None:
    """Three captures and three refunds of what was captured before; each answer may come again, anywhere."""

    def end(answers: list[tuple[int, str]]) -> list[object]:
        books = Books(6_000)
        for _ in range(3):
            books.do(("capture", 1_000))
        for index in range(1, 4):
            books.answer(index, Told("succeeded"))
        for _ in range(3):
            books.do(("capture", 500))
            books.do(("refund", 300))
        for index, outcome in answers:
            books.answer(4 + index, Told(outcome))
        books.check()
        (tender,) = books.tenders
        sums = {account: balance for account, balance in books.accounts.items() if balance}
        return [tender, [each.status for each in books.requests], sums]

    again = [*said, *(chance.sample(said, len(said) // 2) if said else [])]
    chance.shuffle(again)
    assert end(said) == end(again)


def test_the_furthest_answer_counts_whatever_came_first() -> None:
    for kind, furthest in (
        ("capture", "succeeded"),
        ("refund", "failed"),
        ("authorise", "succeeded"),
        ("void", "succeeded"),
    ):
        for order in permutations(["waiting", "failed", "succeeded"]):
            tender = Tender(ORDER, 1, "card", None, 1_000, 600, provider="acme")
            request = rules.ask(tender, kind, 100, NOW)
            for outcome in order:
                told = Told(outcome)
                if rules.is_news(request, told):
                    rules.settle(tender, request, told, "EUR", NOW)
            assert request.status == furthest, (kind, order)


@given(
    st.lists(st.tuples(amounts, st.sampled_from(["cash", "card", "gift_card"])), min_size=1, max_size=5),
    st.lists(st.tuples(amounts, st.sampled_from(get_args(rules.First)), st.booleans()), max_size=6),
)
def test_whichever_way_money_goes_back_no_tender_gives_more_than_it_took(
    taken: list[tuple[int, str]], refunds: list[tuple[int, rules.First, bool]]
) -> None:
    tenders = [rules.take(ORDER, number, kind, None, amount) for number, (amount, kind) in enumerate(taken, 1)]
    for tender in tenders:
        tender.provider = "acme" if tender.kind == "card" else None
        if tender.kind == "gift_card":
            tender.credit = Credit(ORDER, "gift_card", "GIFT-0001", None, "EUR", 0, 0, NOW, None)
    given_back = 0
    for asked, first, as_credit in refunds:
        amount = min(asked, sum(tender.refundable_minor for tender in tenders))
        into = Credit(ORDER, "store_credit", None, ORDER, "EUR", 0, 0, NOW, None) if as_credit else None
        done = rules.give_back(tenders, amount, "EUR", NOW, first, into)
        given_back += amount
        assert done.done_minor + done.asked_minor == amount
        assert not (done.requests and as_credit), "nobody is asked for what becomes store credit"
        if into:
            assert into.balance_minor == sum(p.amount_minor for p in done.money if p.credit == "tender:store_credit")
    for tender in tenders:
        assert 0 <= tender.refunded_minor + tender.refunding_minor <= tender.captured_minor
        if tender.credit:
            assert tender.credit.balance_minor == tender.refunded_minor, "it gets back what it paid, always"
    assert sum(tender.refunded_minor + tender.refunding_minor for tender in tenders) == given_back
