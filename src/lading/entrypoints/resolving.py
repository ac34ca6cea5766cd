"""Carrying a shortage plan out: its commands, each through its verb, in their order."""

from typing import Any

import msgspec
from msgspec import Struct

from lading.access.store import Caller
from lading.entrypoints.service import Service, envelope
from lading.kernel.outcomes import Refusal
from lading.operations.registry import verbs
from lading.views.shortage_plan import ShortagePlan

_plain = msgspec.json.Encoder(decimal_format="string").encode


class Resolved(Struct, frozen=True):
    """What became of a plan."""

    done: int
    """Commands that were accepted."""
    refused: list[str]
    """Why others were not: what changed since the plan was made stays as it is, and is planned anew."""


async def carry_out(service: Service, caller: Caller, plan: ShortagePlan) -> Resolved:
    """Carts go, free units cover, orders give way, and look elsewhere in the order in which they are served; last the youngest claims."""
    done, refused = 0, list[str]()
    steps: tuple[tuple[str, list[dict[str, Any]]], ...] = (
        ("reservations.release", plan.release), ("shortages.cover", plan.cover), ("shortages.settle", plan.settle),
        ("orders.source", plan.source), ("reservations.shorten", plan.shorten),
    )  # fmt: skip
    for name, commands in steps:
        verb = verbs()[name]
        works = [envelope(caller, verb, raw) for raw in msgspec.json.decode(_plain(commands))]
        for answer in await service.run(caller, verb, works) if works else ():
            if answer.accepted:
                done += 1
            elif answer.body:
                refused.append(msgspec.json.decode(answer.body, type=Refusal).message)
            else:
                refused.append("A fault of ours kept a command from being carried out; the log tells.")
    return Resolved(done, refused)
