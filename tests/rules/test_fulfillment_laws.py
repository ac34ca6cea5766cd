"""Laws of the pure rules between release and delivery."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lading.fulfillment import rules
from lading.fulfillment.types import Allocation, FulfillmentOrder, Work
from lading.shipping import rules as shipping
from lading.shipping.types import Parcel, ParcelLine

ID = UUID(int=7)
START = datetime(2026, 1, 5, 8, tzinfo=UTC)
STEPS = (
    ("released", "picked"), ("picked", "packed"), ("packed", "in_transit"),
    ("released", "open"), ("released", "cancelled"), ("picked", "cancelled"),
)  # fmt: skip


def work_of(released: list[int]) -> Work:
    """One fulfillment order with so many released units in each of its allocations."""
    allocations = [
        Allocation(ID, number, 1, ID, ID, "", 0, fulfillment_order=1, released=units)
        for number, units in enumerate(released, 1)
    ]
    return Work(allocations, [FulfillmentOrder(ID, 1, ID, START, 0, sum(released))])


@given(
    st.lists(st.integers(1, 9), min_size=1, max_size=4),
    st.lists(st.tuples(st.sampled_from(STEPS), st.integers(1, 12)), max_size=12),
)
def test_allocations_and_their_fulfillment_order_always_agree(
    released: list[int], steps: list[tuple[tuple[str, str], int]]
) -> None:
    work = work_of(released)
    document = work.fulfillment_orders[0]
    for (source, target), wanted in steps:
        there = rules.total(rules.waiting(work.allocations, source))
        if wanted > there:
            with pytest.raises(ValueError, match="more than are"):
                rules.take(work_of(released), work_of(released).allocations, source, target, sum(released) + 1)
            continue
        moves = rules.take(work, work.allocations, source, target, wanted)
        assert sum(moved.quantity for moved in moves) == wanted
        assert all(getattr(each, stage) >= 0 for each in work.allocations for stage in rules.IN_HOUSE)
        for stage in ("released", "picked", "packed"):
            assert getattr(document, stage) == sum(getattr(each, stage) for each in work.allocations)
        counted = document.released + document.picked + document.packed + document.handed_over + document.withdrawn
        assert counted == sum(released)


@pytest.mark.parametrize(
    ("source", "target", "from_bucket", "to_bucket"),
    [
        ("allocated", "released", None, None),
        ("released", "picked", "allocated", "picked"),
        ("picked", "packed", "picked", "packed"),
        ("packed", "in_transit", "packed", None),
        ("released", "open", "allocated", "lost"),
        ("released", "cancelled", "allocated", "available"),
        ("picked", "cancelled", "picked", "available"),
    ],
)
def test_stock_follows_the_line(source: str, target: str, from_bucket: str | None, to_bucket: str | None) -> None:
    posting = rules.posting(rules.Move(Allocation(ID, 1, 1, ID, ID, "L1", 3), source, target, 2))
    assert (posting.source and posting.source.bucket, posting.target and posting.target.bucket) == (
        from_bucket,
        to_bucket,
    )
    assert (posting.quantity, posting.line_from, posting.line_to) == (2, source, target)
    assert (posting.target is None or posting.target.location_id is None) == (to_bucket in (None, "lost"))


def parcel() -> Parcel:
    """A parcel that was shipped at the start."""
    return Parcel(
        ID, 1, 1, ID, "shipped", START, "DHL", None, None, START, shipped_at=START, lines=[ParcelLine(1, 1, 2)]
    )  # fmt: skip


def after(words: list[tuple[str, int]]) -> tuple[str, datetime]:
    """The parcel's status after these words."""
    told = parcel()
    for status, hour in words:
        at = START + timedelta(hours=hour)
        if shipping.takes_over(told, status, at):
            shipping.set_status(told, status, at)
    return told.status, told.status_at


SCANS = st.sampled_from(("in_transit", "out_for_delivery", "failed_attempt", "lost"))


@given(
    st.lists(st.tuples(SCANS, st.integers(-3, 3)), max_size=5),
    st.sampled_from(("", *shipping.ENDS)),
    st.integers(-3, 3),
)
def test_the_order_in_which_words_arrive_does_not_matter(scans: list[tuple[str, int]], end: str, hour: int) -> None:
    words = [*scans, (end, hour)] if end else scans
    assert len({after(list(each)) for each in permutations(words)}) == 1


@given(st.lists(st.tuples(SCANS, st.integers(-3, 3)), max_size=6))
def test_nothing_takes_a_delivery_back(scans: list[tuple[str, int]]) -> None:
    assert after([("delivered", 0), *scans]) == ("delivered", START)


def test_an_end_contradicts_another_end_only_when_it_comes_later() -> None:
    told = parcel()
    shipping.set_status(told, "delivered", START)
    assert shipping.contradicts(told, "returned_to_sender", START + timedelta(hours=1))
    assert shipping.contradicts(told, "lost", START)
    assert not shipping.contradicts(told, "lost", START - timedelta(hours=1))
    assert not shipping.contradicts(told, "in_transit", START + timedelta(hours=1))
    assert not shipping.contradicts(told, "delivered", START + timedelta(hours=1))
