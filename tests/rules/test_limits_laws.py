"""Laws of what is kept back: whatever is taken, in any order, every keep that the stock covered can still be had."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from lading.inventory.limits import (
    KEEPS,
    ROOT,
    Allowance,
    Claim,
    Limits,
    Pool,
    no_longer_held,
    overlap,
    path,
    promisable_at_each,
    promisable_in_all,
)

NORTH, SOUTH, COAST = (UUID(int=number) for number in (1, 2, 3))
HAM, BRE, BER, MUC, FREE = (UUID(int=number) for number in (11, 12, 13, 14, 15))
WEB, POS, B2B = (UUID(int=number) for number in (21, 22, 23))
TREE = {COAST: NORTH, NORTH: None, SOUTH: None, HAM: COAST, BRE: COAST, BER: NORTH, MUC: SOUTH}
PLACES = (HAM, BRE, BER, MUC, FREE)
NODES = (ROOT, NORTH, SOUTH, COAST)


def pool(kind: str, channel: UUID, quantity: int, group: UUID | None = None, taken: int = 0, number: int = 1) -> Pool:
    return Pool(UUID(int=100 + number), ROOT, f"P{number}", kind, (channel,), group, quantity, taken)


frees = st.fixed_dictionaries({place: st.integers(0, 12) for place in PLACES})
claims = st.lists(
    st.builds(Claim, st.sampled_from(NODES), st.integers(1, 8), st.sampled_from([None, WEB, POS])), max_size=3
)
kinds = st.sampled_from(["exclusive", "shared", "capped"])
groups = st.sampled_from([None, NORTH, SOUTH, COAST])


@st.composite
def limits(draw: st.DrawFn) -> Limits:
    pools = [
        pool(draw(kinds), channel, draw(st.integers(0, 10)), draw(groups), draw(st.integers(0, 3)), number)
        for number, channel in enumerate((WEB, POS), 1)
        if draw(st.booleans())
    ]
    return Limits(pools, draw(claims), tree=TREE)


def holds(allowance: Allowance) -> bool:
    return min([*allowance._slack.values(), *allowance._kept.values()], default=0) >= 0


@given(
    limits(), frees, st.lists(st.tuples(st.sampled_from(PLACES), st.sampled_from([WEB, POS, B2B]), st.integers(1, 9)))
)
def test_no_sequence_of_takes_breaks_a_keep(
    limits: Limits, free: Mapping[UUID, int], takes: list[tuple[UUID, UUID, int]]
) -> None:
    allowance = Allowance(limits, free)
    for place, channel, units in takes:
        allowed = min(units, allowance.at(place, channel))
        if allowed:
            allowance.grant(place, channel, allowed)
        assert holds(allowance)


@given(limits(), frees)
def test_what_is_kept_for_a_channel_it_can_take_after_all_others_took_what_they_may(
    limits: Limits, free: Mapping[UUID, int]
) -> None:
    allowance = Allowance(limits, free)
    kept = dict(allowance._kept)
    for channel in (B2B, *(POS,)):
        allowance = _all(allowance, channel)
    web = next((each for each in limits.pools if WEB in each.channel_ids and each.kind in KEEPS), None)
    if web is not None:
        assert sum(allowance.together(dict.fromkeys(PLACES, 99), WEB).values()) >= kept[web.id]


def _all(allowance: Allowance, channel: UUID) -> Allowance:
    for place in PLACES:
        if units := allowance.at(place, channel):
            allowance.grant(place, channel, units)
    return allowance


@given(limits(), frees, st.sampled_from([WEB, POS, B2B]))
def test_all_locations_together_give_no_more_than_each_alone_and_what_they_give_is_allowed(
    limits: Limits, free: Mapping[UUID, int], channel: UUID
) -> None:
    allowance = Allowance(limits, free)
    together = allowance.together(free, channel)
    assert all(units <= promisable_at_each(free, limits, channel)[place] for place, units in together.items())
    assert allowance.allows(together.items(), channel)
    assert promisable_in_all(free, limits, channel) == sum(together.values())


@given(limits(), frees, st.sampled_from([WEB, POS]))
def test_a_channel_with_a_cap_gets_no_more_than_is_left_of_it(
    limits: Limits, free: Mapping[UUID, int], channel: UUID
) -> None:
    mine = next((each for each in limits.pools if channel in each.channel_ids and each.kind != "shared"), None)
    if mine is not None:
        inside = {place: units for place, units in free.items() if mine.node in path(place, TREE)}
        given_ = Allowance(limits, free).together(inside, channel)
        assert sum(given_.values()) <= mine.left


def test_a_group_claim_leaves_the_others_what_the_group_can_spare() -> None:
    claimed = Limits([], [Claim(NORTH, 5)], tree=TREE)
    free = {HAM: 4, BRE: 0, BER: 3, MUC: 2}
    assert promisable_at_each(free, claimed) == {HAM: 2, BRE: 0, BER: 2, MUC: 2}
    assert promisable_in_all(free, claimed) == 4


def test_exclusive_shared_and_capped() -> None:
    free = {HAM: 10}
    for kind, mine, others in (("exclusive", 4, 6), ("shared", 10, 6), ("capped", 4, 10)):
        rule = Limits([pool(kind, WEB, 4)], tree=TREE)
        assert (promisable_at_each(free, rule, WEB)[HAM], promisable_at_each(free, rule, POS)[HAM]) == (mine, others), (
            kind
        )


def test_two_pools_above_the_stock_share_it_by_age_and_nobody_is_locked_out() -> None:
    rule = Limits([pool("shared", WEB, 30, number=1), pool("shared", POS, 30, number=2)], tree=TREE)
    free = {HAM: 40}
    assert promisable_at_each(free, rule, WEB) == {HAM: 30} and promisable_at_each(free, rule, POS) == {HAM: 10}


def test_a_pool_that_is_used_up_keeps_nothing() -> None:
    rule = Limits([pool("shared", WEB, 4, taken=4)], tree=TREE)
    assert promisable_at_each({HAM: 5}, rule, POS) == {HAM: 5}


def test_groups_overlap_where_one_stands_above_the_other() -> None:
    assert overlap(ROOT, SOUTH, TREE) and overlap(COAST, NORTH, TREE) and overlap(NORTH, COAST, TREE)
    assert not overlap(COAST, SOUTH, TREE)


def test_what_is_given_back_is_what_is_held_no_more_the_last_pool_first() -> None:
    first, second = UUID(int=1), UUID(int=2)
    assert no_longer_held({first: 3, second: 2}, 4) == {second: 1}
    assert no_longer_held({first: 3, second: 2}, 1) == {second: 2, first: 2}
    assert no_longer_held({first: 3}, 7) == {}
