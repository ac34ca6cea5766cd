"""Everything that moves stock, in random order: after each command the tables are what a model in plain dicts says.

Lives begin in several ways; the suite takes a few of each, always the same. LADING_MODEL_EXAMPLES and LADING_MODEL_STEPS say how many
and how long they are; where one of them is set the lives are new ones, or those of pytest's --hypothesis-seed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.operations.random_lives.beginnings import BEGINNINGS
from tests.operations.random_lives.ground import Inside
from tests.operations.random_lives.life import Life

EXAMPLES = int(os.environ.get("LADING_MODEL_EXAMPLES", "8"))
STEPS = int(os.environ.get("LADING_MODEL_STEPS", "40"))
SAME = not {"LADING_MODEL_EXAMPLES", "LADING_MODEL_STEPS"} & set(os.environ)


@pytest.fixture(scope="module")
def inside(shared_dsn: str) -> Iterator[Inside]:
    inside = Inside(shared_dsn)
    yield inside
    inside.close()


@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_stock_is_what_the_model_says(inside: Inside, beginning: str) -> None:
    """Random lives; Hypothesis shows the shortest one that fails."""
    machine = type("Here", (Life,), {"inside": inside, "begin": BEGINNINGS[beginning]})
    profile = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        suppress_health_check=list(HealthCheck),
        database=None,
        print_blob=True,
        report_multiple_bugs=False,
        derandomize=SAME,
    )
    run_state_machine_as_test(machine, settings=profile)
