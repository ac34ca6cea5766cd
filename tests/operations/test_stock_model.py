"""Everything that moves stock, in random order: after each command the tables are what a model in plain dicts says.

The suite takes a few lives, always the same. LADING_MODEL_EXAMPLES and LADING_MODEL_STEPS say how many and how long they are;
where one of them is set the lives are new ones, or those of pytest's --hypothesis-seed.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.operations.random_lives.ground import Inside
from tests.operations.random_lives.life import Life

EXAMPLES = int(os.environ.get("LADING_MODEL_EXAMPLES", "40"))
STEPS = int(os.environ.get("LADING_MODEL_STEPS", "30"))
SAME = not {"LADING_MODEL_EXAMPLES", "LADING_MODEL_STEPS"} & set(os.environ)


def test_stock_is_what_the_model_says(shared_dsn: str) -> None:
    """Random lives; Hypothesis shows the shortest one that fails."""
    inside = Inside(shared_dsn)
    machine = type("Here", (Life,), {"inside": inside})
    profile = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        suppress_health_check=list(HealthCheck),
        database=None,
        print_blob=True,
        report_multiple_bugs=False,
        derandomize=SAME,
    )
    try:
        run_state_machine_as_test(machine, settings=profile)
    finally:
        inside.close()
