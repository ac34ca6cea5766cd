"""Walks past stops: the shortest ones in one block, never longer than those through every aisle in several."""

from __future__ import annotations

import random
import time

from lading.entrypoints.cli.bench_waves import exact, generate
from lading.layouts import routes, search
from lading.layouts.types import Spot


def test_in_one_block_the_walk_is_as_short_as_the_exact_search_says() -> None:
    chance = random.Random(1)
    for _ in range(1_000):
        layout, stops = generate(chance, chance.randint(1, 6), chance.randint(1, 6), 1)
        walk = routes.shortest(layout, stops)
        assert walk.length == exact(layout, stops), (layout, stops)
        assert sorted(walk.order) == list(range(len(stops)))
        assert search.length(layout, stops, walk.order) <= walk.length <= routes.s_shape(layout, stops).length


def test_in_several_blocks_it_is_hardly_ever_longer_and_never_than_through_every_aisle() -> None:
    chance, longer = random.Random(2), 0
    for _ in range(200):
        layout, stops = generate(chance, chance.randint(1, 6), chance.randint(1, 6), chance.randint(2, 3))
        walk, best = routes.shortest(layout, stops), exact(layout, stops)
        longer += walk.length > best
        assert best <= walk.length <= routes.s_shape(layout, stops).length
        assert search.length(layout, stops, walk.order) == walk.length
        assert sorted(walk.order) == list(range(len(stops)))
    assert longer <= 2


def test_twenty_five_aisles_take_under_two_milliseconds() -> None:
    chance, spent = random.Random(3), []
    for _ in range(100):
        layout, stops = generate(chance, 25, 50, 1)
        begun = time.process_time()
        routes.shortest(layout, stops)
        spent.append(time.process_time() - begun)
    assert sorted(spent)[50] < 0.002


def test_a_way_leads_through_the_cross_aisle_of_the_least_detour() -> None:
    layout, _ = generate(random.Random(4), 3, 1, 1)
    there = search.way(layout, Spot(0, 100), Spot(600, 200))
    assert there == [Spot(0, 0), Spot(600, 0), Spot(600, 200)]
    assert search.way(layout, Spot(0, 100), Spot(0, 300)) == [Spot(0, 300)]
