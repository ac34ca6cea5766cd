"""The life of an order, as tables that an operator could read.

Each row is a step and what is expected after it: the units of the order by stage, or the name of the refusal. After
each step the books are checked: lines, allocations, stock, fulfillment orders, parcels, money and the journal agree.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

STRAIGHT = """
    stock MUG@HAM 5
    place MUG 3                     | allocated 3
    release                         | released 3
    pick F1                         | picked 3
    pack F1                         | packed 3
    ship P1                         | in_transit 3
    track P1 out_for_delivery 10:00 | in_transit 3
    track P1 delivered 11:00        | delivered 3
"""

THREE_OF_FIVE_PICKED_TWO_PARCELS_ONE_DELIVERED = """
    stock MUG@HAM 9
    place MUG 5            | allocated 5
    release                | released 5
    pick F1 1:3            | released 2, picked 3
    pick F1 1:3            | refused not_released
    pack F1 1:1            | released 2, picked 2, packed 1
    pack F1 1:3            | refused not_picked
    pack F1                | released 2, packed 3
    ship P1                | released 2, packed 2, in_transit 1
    track P1 delivered 9:00| released 2, packed 2, delivered 1
    track P2 delivered 9:00| refused not_shipped
    ship P1                | refused already_shipped
    ship P2                | released 2, in_transit 2, delivered 1
    pick F1                | picked 2, in_transit 2, delivered 1
    pack F1                | packed 2, in_transit 2, delivered 1
    ship P3                | in_transit 4, delivered 1
    track P2 delivered 9:00| in_transit 2, delivered 3
    track P3 delivered 9:00| delivered 5
    pick F1                | refused nothing_to_pick
    pack F1                | refused nothing_to_pack
"""

TWO_LOCATIONS_TWO_FULFILLMENT_ORDERS = """
    stock MUG@HAM 2
    stock MUG@MUC 3
    stock CAP@MUC 1
    place MUG 4 CAP 1      | allocated 5
    release                | released 5
    release                | refused nothing_to_release
    pick F1                | released 3, picked 2
    pick F1 2:1            | refused nothing_to_pick
    pick F2 2:1            | released 2, picked 3
    pick F3                | refused unknown_fulfillment_order
    pick F2                | picked 5
    pack F2 9:1            | refused unknown_line
    pack F2                | picked 2, packed 3
    ship P1                | picked 2, in_transit 3
    pack F1                | packed 2, in_transit 3
    ship P2                | in_transit 5
"""

SHORT_PICK_IS_SOURCED_ELSEWHERE = """
    stock MUG@HAM 4
    stock MUG@MUC 9
    place MUG 4                  | allocated 4
    release                      | released 4
    pick F1 1:1 short 1:2        | open 2, released 1, picked 1
    source                       | allocated 2, released 1, picked 1
    source                       | allocated 2, released 1, picked 1
    release                      | released 3, picked 1
    pick F2                      | released 1, picked 3
    pick F1 short 1:1            | open 1, picked 3
    source                       | allocated 1, picked 3
    release                      | released 1, picked 3
    pick F3                      | picked 4
"""

BACKORDER_WAITS_FOR_STOCK = """
    allow backorders
    stock MUG@HAM 2
    place MUG 5            | backordered 3, allocated 2
    release                | backordered 3, released 2
    source                 | backordered 3, released 2
    stock MUG@LEJ 2
    source                 | backordered 1, allocated 2, released 2
    pick F1 short 1:1      | open 1, backordered 1, allocated 2, picked 1
    source                 | backordered 2, allocated 2, picked 1
    stock MUG@LEJ 2
    source                 | allocated 4, picked 1
    release                | released 4, picked 1
"""

CANCEL_TAKES_THE_LEAST_ADVANCED_FIRST = """
    allow backorders
    stock MUG@HAM 8
    stock MUG@MUC 0
    place MUG 10           | backordered 2, allocated 8
    cancel 1:1             | backordered 1, allocated 8, cancelled 1
    cancel 1:2             | allocated 7, cancelled 3
    release                | released 7, cancelled 3
    pick F1 1:4            | released 3, picked 4, cancelled 3
    pack F1 1:2            | released 3, picked 2, packed 2, cancelled 3
    cancel 1:4             | picked 1, packed 2, cancelled 7
    cancel 1:2             | refused not_cancellable
    cancel 2:1             | refused unknown_line
    cancel                 | packed 2, cancelled 8
    cancel                 | refused nothing_to_cancel
    ship P1                | in_transit 2, cancelled 8
    track P1 delivered 9:00| delivered 2, cancelled 8
"""

ALL_CANCELLED = """
    stock MUG@HAM 1
    stock MUG@MUC 2
    place MUG 3            | allocated 3
    release                | released 3
    pick F2                | released 1, picked 2
    cancel                 | cancelled 3
    pick F1                | refused nothing_to_pick
    release                | refused nothing_to_release
    hold fraud             | refused nothing_to_hold
    source                 | cancelled 3
"""

NOTHING_GOES_ON_WHILE_HELD = """
    stock MUG@HAM 5
    place MUG 2            | allocated 2
    hold fraud             | allocated 2
    hold fraud             | allocated 2
    hold address           | allocated 2
    release                | refused on_hold
    lift fraud             | allocated 2
    release                | refused on_hold
    lift                   | allocated 2
    lift                   | allocated 2
    release                | released 2
    hold fraud             | released 2
    pick F1                | refused on_hold
    lift fraud             | released 2
    pick F1                | picked 2
    hold fraud             | picked 2
    pack F1                | refused on_hold
    cancel 1:1             | picked 1, cancelled 1
    lift                   | picked 1, cancelled 1
    pack F1                | packed 1, cancelled 1
    hold fraud             | packed 1, cancelled 1
    ship P1                | refused on_hold
"""

CARRIERS_TALK_OUT_OF_ORDER = """
    stock MUG@HAM 9
    place MUG 6                       | allocated 6
    release                           | released 6
    pick F1                           | picked 6
    pack F1 1:1                       | picked 5, packed 1
    pack F1 1:2                       | picked 3, packed 3
    pack F1 1:3                       | packed 6
    ship P1                           | packed 5, in_transit 1
    ship P2                           | packed 3, in_transit 3
    ship P3                           | in_transit 6
    track P1 failed_attempt 12:00     | in_transit 6
    track P1 in_transit 9:00          | in_transit 6
    track P1 delivered 11:00          | in_transit 5, delivered 1
    track P1 delivered 11:00          | in_transit 5, delivered 1
    track P1 in_transit 13:00         | in_transit 5, delivered 1
    track P1 lost 9:00                | in_transit 5, delivered 1
    track P1 lost 14:00               | refused parcel_ended
    track P1 returned_to_sender 14:00 | refused parcel_ended
    track P2 lost 12:00               | in_transit 3, delivered 1, lost 2
    track P2 in_transit 11:00         | in_transit 3, delivered 1, lost 2
    track P2 in_transit 13:00         | in_transit 5, delivered 1
    track P2 delivered 14:00          | in_transit 3, delivered 3
    track P3 returned_to_sender 12:00 | delivered 3, sent_back 3
    track P3 in_transit 13:00         | delivered 3, sent_back 3
    track P3 delivered 14:00          | refused parcel_ended
    track P4 delivered 14:00          | refused unknown_parcel
"""


STAGES = "open backordered allocated released picked packed in_transit delivered lost sent_back cancelled".split()


class Story:
    """Plays the steps of one order."""

    def __init__(self, shop: Any) -> None:
        self.shop = shop
        self.number = ""

    async def play(self, step: str) -> str:
        """Run the step; the units of the order by stage, or the refusal."""
        word, *rest = step.split()
        outcome = await getattr(self, f"_{word}")(*rest)
        await self.shop.check_books()
        if outcome.get("refused"):
            return f"refused {outcome['name']}"
        if not self.number:
            return ""
        units = await self.shop.units(self.number)
        return ", ".join(f"{stage} {units[stage]}" for stage in STAGES if stage in units)

    async def _one(self, verb: str, **fields: Any) -> dict[str, Any]:
        (outcome,) = await self.shop.batch(verb, fields)
        return dict(outcome)

    async def _allow(self, _: str) -> dict[str, Any]:
        await self.shop.allow_backorders()
        return {}

    async def _stock(self, where: str, units: str) -> dict[str, Any]:
        await self.shop.stock_up(**{where.replace("@", "_"): int(units)})
        return {}

    async def _place(self, *words: str) -> dict[str, Any]:
        self.number = await self.shop.place(dict(zip(words[::2], map(int, words[1::2]), strict=True)))
        return {}

    async def _hold(self, kind: str) -> dict[str, Any]:
        return await self._one("orders.hold", order=self.number, kind=kind, note="Called, no answer.")

    async def _lift(self, kind: str | None = None) -> dict[str, Any]:
        return await self._one("holds.release", order=self.number, kind=kind)

    async def _source(self) -> dict[str, Any]:
        return await self._one("orders.source", order=self.number)

    async def _release(self) -> dict[str, Any]:
        return await self._one("orders.release", order=self.number)

    async def _pick(self, document: str, *words: str) -> dict[str, Any]:
        picked, _, missing = " ".join(words).partition("short")
        short = [{**line, "reason": "not_found"} for line in lines(missing)]
        return await self._one(
            "fulfillment-orders.pick", fulfillment_order=f"{self.number}-{document}", lines=lines(picked), short=short
        )

    async def _pack(self, document: str, *words: str) -> dict[str, Any]:
        return await self._one(
            "parcels.pack",
            fulfillment_order=f"{self.number}-{document}",
            lines=lines(" ".join(words)),
            weight_grams=500,
        )

    async def _ship(self, document: str) -> dict[str, Any]:
        return await self._one(
            "parcels.ship", parcel=f"{self.number}-{document}", carrier="DHL", tracking_number=f"T-{document}"
        )

    async def _track(self, document: str, status: str, time: str) -> dict[str, Any]:
        moment = f"2026-01-05T{time:0>5}:00Z"
        return await self._one("parcels.track", parcel=f"{self.number}-{document}", status=status, occurred_at=moment)

    async def _cancel(self, *words: str) -> dict[str, Any]:
        return await self._one("lines.cancel", order=self.number, reason="changed_mind", lines=lines(" ".join(words)))


def lines(words: str) -> list[dict[str, int]]:
    """1:3 2:1 are three units of line 1 and one of line 2."""
    return [{"line": int(line), "quantity": int(units)} for line, units in re.findall(r"(\d+):(\d+)", words)]


TABLES = {name: table for name, table in globals().items() if name.isupper() and isinstance(table, str)}


@pytest.mark.parametrize("name", TABLES)
async def test_the_units_stand_where_the_table_says(shop: Any, name: str) -> None:
    story = Story(shop)
    for row in TABLES[name].strip().splitlines():
        step, bar, expected = (part.strip() for part in row.partition("|"))
        seen = await story.play(step)
        assert not bar or (step, seen) == (step, expected)
