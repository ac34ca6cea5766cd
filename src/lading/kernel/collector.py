"""When Python looks for cycles among objects."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


def tune() -> None:
    """For a process that lives long: a batch makes a hundred thousand objects and no cycles, so look between batches, not in them."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(500_000, 20, 50)


@contextmanager
def uncollected() -> Iterator[None]:
    """For a load that makes millions of objects and no cycles: walking them again and again costs much."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def leave() -> None:
    """For a process that ends: thousands of types are not walked once more only to be dropped."""
    gc.freeze()
