"""Batches of each verb, so many commands as are asked for; the files beside this one build them, a room a file.

A new verb is built where its room is: `@builds("orders.hold")` over a function that makes ready and returns the commands. Verbs that follow
each other on the same documents are built as a chain, whose one set-up serves them all.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from tests.races.shop import Payload, Shop

Builder = Callable[[Shop, int], Awaitable[list[Payload]]]
"""Makes ready for so many commands of a verb, and returns them."""
Step = tuple[str, Callable[[list[str]], list[Payload]]]
"""A verb, and its commands for the documents of a chain."""


class Built(NamedTuple):
    """How a verb's batch is built."""

    builder: Builder
    many: int
    """The size of a large batch."""


class Chain(NamedTuple):
    """Verbs in the order in which they follow each other."""

    begin: Callable[[Shop, int], Awaitable[list[str]]]
    """Makes so many documents; their names."""
    steps: Sequence[Step]


BUILDERS: dict[str, Built] = {}
CHAINS: dict[str, Chain] = {}


def builds(verb: str, many: int = 100) -> Callable[[Builder], Builder]:
    """The function builds that verb's batches; `many` is 1,000 where they come so large, and a hundred takes a tenth of the time."""

    def keep(builder: Builder) -> Builder:
        BUILDERS[verb] = Built(builder, many)
        return builder

    return keep


def read_all() -> None:
    """Every file beside this one tells what it builds."""
    for file in sorted(Path(__file__).parent.glob("*.py")):
        import_module(f"{__package__}.{file.stem}")
