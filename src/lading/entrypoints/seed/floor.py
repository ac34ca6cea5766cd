"""How the seeded merchant's goods leave: where each lies in Hamburg, who sends what, and the last wave."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import product
from typing import Any

from lading.entrypoints.seed.stories import Step, Story
from lading.entrypoints.seed.wares import WARES
from lading.entrypoints.seed.wishes import before_end

Fields = dict[str, Any]

AISLES, PLACES = "ABCDE", 9
LAYOUT: Fields = {
    "location": "HAM",
    "aisles": [{"code": aisle, "x_cm": 320 * index} for index, aisle in enumerate(AISLES)],
    "cross_cm": [0, 2_000],
    "depot_cm": 0,
}
BINS: list[Fields] = [
    {
        "location": "HAM",
        "code": f"{aisle}-{place:02d}-1",
        "aisle": aisle,
        "position_cm": 200 * place,
        "sequence": sequence,
    }
    for sequence, (aisle, place) in enumerate(product(AISLES, range(1, PLACES + 1)), 1)
]

SOURCING: Fields = {
    "rules": [
        {"name": country, "by": "listed", "locations": [first], "when": {"regions": [{"country": code}]}}
        for country, first, code in (("Britain from Leeds", "LEE", "GB"), ("Japan from Tokyo", "TYO", "JP"))
    ],
    "filters": [
        {"name": "the store serves its own channel", "by": "never", "kinds": ["store"],
         "when": {"channels": ["web", "marketplace"]}}
    ],
    "strategies": [{"name": "one parcel where one will do", "take": "fewest_parcels"}],
}  # fmt: skip


def put_away(received: Sequence[Fields]) -> list[Fields]:
    """What was received in Hamburg, each product into a bin of its own."""
    home = {ware.sku: place["code"] for ware, place in zip(WARES, BINS, strict=False)}
    return [
        {"sku": each["sku"], "location": "HAM", "bin": home[each["sku"]], "quantity": each["quantity"]}
        for each in received
        if each["location"] == "HAM" and each["sku"] in home
    ]


def stories() -> list[Story]:
    """What happens on the floor in the last minutes."""
    return [_wave()]


PRINTER = "PICK-HAM"

LAST_TICKS = (16, 14, 12, 10, 8, 6, 4, 2)
"""Minutes before the end at which something may happen still: a wave takes some steps."""


def _wave() -> Story:
    """What is to be picked, on one cart through the aisles; of two lists one is printed, and somebody has begun to walk."""
    begin = before_end(LAST_TICKS[0] / 60)
    planned = yield Step(begin, "waves.plan", {"location": "HAM", "method": "cluster", "orders_max": 10}, "warehouse")
    wave = planned["wave"]
    yield Step(timedelta(), "waves.release", {"wave": wave, "orders_per_list": 6}, "warehouse")
    for number in (1, 2):
        paper = {"kind": "pick-list", "of": f"{wave}-L{number}", "station": PRINTER}
        yield Step(timedelta(), "print-jobs.add", paper, "warehouse")
    claimed = yield Step(timedelta(), "print-jobs.claim", {"station": PRINTER, "most": 1}, "station")
    yield Step(timedelta(), "print-jobs.finish", {"job": claimed["jobs"][0]["job"]}, "station")
    yield Step(timedelta(), "waves.take-list", {"wave": wave, "list": 1}, "warehouse")
    yield Step(timedelta(), "waves.pick", {"wave": wave, "task": 1}, "warehouse")
