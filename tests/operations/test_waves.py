"""A wave, from its plan to its end: who picks what where, and what becomes of what nobody picked."""

from __future__ import annotations

import random
from typing import Any

import msgspec
import pytest

from lading.entrypoints.api.reads import READS
from tests.operations.conftest import Shop

AISLES = [{"code": code, "x_cm": 300 * index} for index, code in enumerate("ABC")]


async def asked(shop: Shop, path: str, **fields: Any) -> dict[str, Any]:
    """An answer of the API as JSON."""
    (read,) = (read for read in READS if read.path == path)
    async with shop.database.read(shop.merchant_id) as tx:
        found = await read.handler(tx, msgspec.convert(fields, read.query))
    told: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(found))
    return told


async def fill_bins(shop: Shop) -> None:
    """Three aisles of 30 m; MUG in two bins of A and B, TEE at the far end of C, POT on the floor."""
    await shop.stock_up(MUG_HAM=10, TEE_HAM=6, POT_HAM=4)
    await shop.do("layouts.save", location="HAM", aisles=AISLES, cross_cm=[0, 3000], depot_cm=0)
    places = (("A-01", "A", 200, 1), ("B-02", "B", 400, 2), ("C-09", "C", 2800, 3))
    bins = (
        {"location": "HAM", "code": code, "aisle": aisle, "position_cm": at, "sequence": sequence}
        for code, aisle, at, sequence in places
    )
    await shop.batch("bins.save", *bins)
    for sku, code, units in (("MUG", "A-01", 4), ("MUG", "B-02", 6), ("TEE", "C-09", 6)):
        await shop.do("stock.put-away", sku=sku, location="HAM", bin=code, quantity=units)


async def released(shop: Shop, *orders: dict[str, int]) -> list[str]:
    """Fulfillment orders that wait to be picked."""
    names = []
    for wanted in orders:
        number = await shop.place(wanted)
        names += (await shop.do("orders.release", order=number))["fulfillment_orders"]
    return names


async def walked(shop: Shop, **plan: Any) -> str:
    """A wave with its lists."""
    wave = (await shop.do("waves.plan", location="HAM", **plan))["wave"]
    await shop.do("waves.release", wave=wave)
    return str(wave)


async def test_a_wave_leads_past_its_bins_by_the_shortest_way_and_is_picked_by_scan(shop: Shop) -> None:
    await fill_bins(shop)
    one, two = await released(shop, {"MUG": 3, "TEE": 1}, {"MUG": 3, "POT": 1})
    wave = await walked(shop, method="cluster")
    shown = await asked(shop, "/v1/pick-lists/{list}", list=f"{wave}-L1")
    assert shown["slots"] == [one, two]
    told = [
        (stop["bin"], [(each["sku"], each["slot"], each["quantity"]) for each in stop["tasks"]])
        for stop in shown["stops"]
    ]
    places, mugs = dict(told), [("MUG", 1, 3), ("MUG", 2, 1)]
    assert places == {None: [("POT", 2, 1)], "A-01": mugs, "C-09": [("TEE", 1, 1)], "B-02": [("MUG", 2, 2)]}
    assert (told[0][0], told[1][0]) == (None, "A-01")
    in_and_out_of_a, through_b_and_c, along_the_front = 2 * 200, 2 * 3000, 2 * 600
    assert shown["head"]["route_cm"] == in_and_out_of_a + through_b_and_c + along_the_front
    refused = await shop.refusal("waves.pick", wave=wave, task=1, barcode="MUG")
    assert refused["name"] == "wrong_product"
    assert (await shop.refusal("waves.pick", wave=wave, barcode="BOWL"))["name"] == "unknown_barcode"
    first = await shop.do("waves.pick", wave=wave, barcode="MUG", bin="A-01", quantity=2)
    assert (first["fulfillment_order"], first["slot"], first["left"]) == (one, 1, 1)
    wrong = await shop.refusal("waves.pick", wave=wave, task=2, bin="C-09")
    assert wrong["name"] == "wrong_bin"
    for task in range(1, 6):
        await shop.do("waves.pick", wave=wave, task=task)
    head = (await asked(shop, "/v1/waves/{wave}", wave=wave))["head"]
    assert (head["picked"], head["waiting"], head["gone"]) == (8, 0, 0)
    lies = (await asked(shop, "/v1/bins", location="HAM"))["items"]
    assert {each["bin"]: each["quantity"] for each in lies} == {"B-02": 4, "C-09": 5}
    closed = await shop.do("waves.close", wave=wave)
    assert (closed["status"], closed["picked"], closed["given_up"]) == ("closed", 8, 0)
    await shop.check_books()


async def test_a_partly_picked_wave_can_be_closed_and_holds_on_to_nothing(shop: Shop) -> None:
    await fill_bins(shop)
    one, two = await released(shop, {"MUG": 3}, {"TEE": 2})
    wave = await walked(shop)
    await shop.do("waves.pick", wave=wave, barcode="MUG", quantity=1)
    assert (await shop.refusal("waves.cancel", wave=wave, reason="x"))["name"] == "picked_already"
    closed = await shop.do("waves.close", wave=wave)
    assert (closed["picked"], closed["given_up"]) == (1, 4)
    assert (await shop.refusal("waves.pick", wave=wave, task=1))["name"] == "wrong_status"
    again = await shop.do("waves.plan", location="HAM")
    assert again["fulfillment_orders"] == [one, two]
    order = two.partition("-")[0]
    await shop.do("lines.cancel", order=order, reason="late")
    assert (await shop.units(order)) == {"cancelled": 2}
    rows = await shop.fetch(
        "SELECT sum(available)::int AS free, sum(allocated)::int AS kept FROM stock WHERE merchant_id = $1"
    )
    assert rows == [{"free": 17, "kept": 2}]
    await shop.check_books()


async def test_what_is_short_is_written_off_and_looked_for_elsewhere(shop: Shop) -> None:
    await fill_bins(shop)
    await shop.do("stock.receive", sku="TEE", location="MUC", quantity=5, reason="opening")
    (name,) = await released(shop, {"TEE": 3})
    wave = await walked(shop)
    done = await shop.do(
        "waves.pick", wave=wave, task=1, quantity=1, short=2, reason="not_found", shelf_empty=True, barcode="TEE"
    )
    assert (done["picked"], done["short"], done["left"]) == (1, 2, 0)
    order = name.partition("-")[0]
    assert (await shop.units(order)) == {"open": 2, "picked": 1}
    await shop.do("waves.close", wave=wave)
    await shop.do("orders.source", order=order)
    again = await shop.do("orders.release", order=order)
    assert again["fulfillment_orders"] == [f"{order}-F2"]
    assert (await asked(shop, "/v1/bins", location="HAM", sku="TEE"))["items"] == []
    await shop.check_books()


async def test_what_was_cancelled_or_picked_without_the_wave_is_gone_from_it(shop: Shop) -> None:
    await fill_bins(shop)
    one, two = await released(shop, {"MUG": 3}, {"TEE": 2})
    wave = await walked(shop)
    await shop.do("lines.cancel", order=one.partition("-")[0], reason="late", lines=[{"line": 1, "quantity": 2}])
    await shop.do("fulfillment-orders.pick", fulfillment_order=two)
    head = (await asked(shop, "/v1/waves/{wave}", wave=wave))["head"]
    assert (head["waiting"], head["gone"]) == (1, 4)
    assert (await shop.refusal("waves.pick", wave=wave, task=1, quantity=2))["name"] == "not_waiting"
    assert (await shop.refusal("waves.pick", wave=wave, barcode="TEE"))["name"] == "not_on_list"
    await shop.do("waves.pick", wave=wave, barcode="MUG")
    assert (await shop.do("waves.close", wave=wave))["given_up"] == 4
    await shop.check_books()


WISHES: list[tuple[dict[str, Any], list[int]]] = [
    ({"priority": 5}, [1]),
    ({"zone": "C"}, [2]),
    ({"zone": "A-0"}, [0]),
    ({"units_max": 3}, [1, 2]),
    ({"orders_max": 2}, [1, 0]),
    ({"shipping_method": "bike"}, [0]),
    ({"ship_by": "2030-01-02T00:00:00Z"}, [2]),
    ({"ship_on": "2030-01-02"}, []),
    ({"units_min": 2, "units_max": 2}, [2]),
    ({"units_min": 6}, [1, 0, 2]),
    ({"units_min": 7}, []),
]
"""What a wave asks for, and which of three fulfillment orders it gets."""


async def test_a_wave_chooses_the_most_urgent_that_fit(shop: Shop) -> None:
    await fill_bins(shop)
    names = []
    due = {"ship_by": "2030-01-01T00:00:00Z"}
    for wanted, more in (({"MUG": 3}, {}), ({"POT": 1}, {"priority": 7}), ({"TEE": 2}, due)):
        number = await shop.place(wanted, **more)
        names += (await shop.do("orders.release", order=number))["fulfillment_orders"]
    await shop.do("orders.edit", order=names[0].partition("-")[0], reason="wish", method="bike")
    for wish, chosen in WISHES:
        (told,) = await shop.preview("waves.plan", [shop.envelope("waves.plan", {"location": "HAM", **wish})])
        assert told.get("fulfillment_orders", []) == [names[index] for index in chosen], wish


async def test_a_fulfillment_order_is_in_one_wave_at_a_time(shop: Shop) -> None:
    await fill_bins(shop)
    one, two, three = await released(shop, {"MUG": 1}, {"MUG": 1}, {"MUG": 1})
    await shop.do("orders.hold", order=three.partition("-")[0], kind="fraud")
    first = await shop.do("waves.plan", location="HAM", fulfillment_orders=[two])
    refused = await shop.refusal("waves.plan", location="HAM", fulfillment_orders=[one, two])
    assert (refused["name"], refused["pointer"]) == ("in_a_wave", "/fulfillment_orders/1")
    assert (await shop.refusal("waves.plan", location="HAM", fulfillment_orders=[three]))["name"] == "on_hold"
    assert (await shop.refusal("waves.plan", location="MUC", fulfillment_orders=[one]))["name"] == "elsewhere"
    both = await shop.batch("waves.plan", {"location": "HAM"}, {"location": "HAM"})
    assert both[0]["fulfillment_orders"] == [one]
    assert both[1]["name"] == "nothing_fits"
    await shop.do("waves.cancel", wave=first["wave"], reason="replanned")
    assert (await shop.do("waves.plan", location="HAM"))["fulfillment_orders"] == [two]
    await shop.check_books()


async def test_lists_are_made_by_the_method(shop: Shop) -> None:
    await fill_bins(shop)
    await released(shop, {"MUG": 5, "TEE": 1}, {"POT": 1}, {"TEE": 1})
    for method, lists in (("single", 3), ("batch", 2), ("cluster", 2), ("zone", 4)):
        wave = (await shop.do("waves.plan", location="HAM", method=method))["wave"]
        assert (await shop.do("waves.release", wave=wave, orders_per_list=2))["lists"] == lists
        shown = await asked(shop, "/v1/waves/{wave}", wave=wave)
        assert sum(each["waiting"] for each in shown["lists"]) == 8
        zones = [each["zone"] for each in shown["lists"]]
        assert zones == ([None, "A", "B", "C"] if method == "zone" else [None] * lists)
        await shop.do("waves.cancel", wave=wave, reason="another_way")
    await shop.check_books()


async def test_what_is_split_off_or_moved_is_gone_from_the_wave(shop: Shop) -> None:
    await fill_bins(shop)
    (name,) = await released(shop, {"MUG": 3, "TEE": 2})
    wave = await walked(shop)
    lines = [{"line": 1, "quantity": 2}]
    split = await shop.do("fulfillment-orders.split", fulfillment_order=name, lines=lines)
    head = (await asked(shop, "/v1/waves/{wave}", wave=wave))["head"]
    assert (head["waiting"], head["gone"]) == (3, 2)
    again = await shop.do("waves.plan", location="HAM")
    assert again["fulfillment_orders"] == [split["fulfillment_order"]]
    for task in (1, 2):
        await shop.do("waves.pick", wave=wave, task=task)
    assert (await shop.do("waves.close", wave=wave))["given_up"] == 2
    await shop.check_books()


STEPS = ("pick", "pick", "pick", "short", "close", "plan", "cancel", "without", "put_back", "hold", "lift", "leave")


@pytest.mark.parametrize("seed", range(2))
async def test_whatever_happens_to_waves_nothing_stays_reserved_that_nobody_waits_for(shop: Shop, seed: int) -> None:
    chance = random.Random(seed)
    await fill_bins(shop)
    await shop.allow_backorders()
    names = await released(shop, *({"MUG": chance.randint(1, 2), "TEE": chance.randint(0, 1) or 1} for _ in range(5)))
    orders = [name.partition("-")[0] for name in names]
    waves = [await walked(shop, method=chance.choice(["batch", "zone"]), orders_max=3) for _ in range(2)]

    def command(step: str) -> tuple[str, dict[str, Any]]:
        order, wave = chance.choice(orders), chance.choice(waves)
        pick = {"wave": wave, "task": chance.randint(1, 6)}
        return {
            "pick": ("waves.pick", {"wave": wave, "barcode": chance.choice(["MUG", "TEE"]), "quantity": 1}),
            "short": (
                "waves.pick",
                pick | {"quantity": 0, "short": 1, "reason": "gone", "shelf_empty": chance.random() < 0.5},
            ),
            "close": ("waves.close", {"wave": wave}),
            "plan": ("waves.plan", {"location": "HAM"}),
            "cancel": ("lines.cancel", {"order": order, "reason": "late", "lines": [{"line": 1, "quantity": 1}]}),
            "without": ("fulfillment-orders.pick", {"fulfillment_order": f"{order}-F1"}),
            "put_back": ("fulfillment-orders.put-back", {"fulfillment_order": f"{order}-F1"}),
            "hold": ("orders.hold", {"order": order, "kind": "fraud"}),
            "lift": ("holds.release", {"order": order}),
            "leave": ("waves.take-list", {"wave": wave}),
        }[step]

    for _ in range(40):
        verb, fields = command(chance.choice(STEPS))
        (told,) = await shop.batch(verb, fields)
        if verb == "waves.plan" and "wave" in told and "refused" not in told:
            await shop.batch("waves.release", {"wave": told["wave"]})
            waves.append(told["wave"])
    await shop.check_books()
    await shop.batch("waves.close", *({"wave": wave} for wave in waves))
    assert (
        await shop.fetch("SELECT number FROM pick_task WHERE merchant_id = $1 AND picked + short + given_up < quantity")
        == []
    )
    await shop.batch("lines.cancel", *({"order": order, "reason": "end", "unpack": True} for order in orders))
    rows = await shop.fetch(
        "SELECT sum(allocated + picked + packed + reserved)::int AS kept FROM stock WHERE merchant_id = $1"
    )
    assert rows == [{"kept": 0}]
    await shop.check_books()


async def test_a_list_is_walked_by_one_person(shop: Shop) -> None:
    await fill_bins(shop)
    await released(shop, {"MUG": 1}, {"TEE": 1})
    wave = await walked(shop, method="single")
    mine = await shop.do("waves.take-list", wave=wave)
    assert (await shop.do("waves.take-list", wave=wave))["list"] == mine["list"] == f"{wave}-L1"
    other = shop.envelope("waves.take-list", {"wave": wave, "list": 1})
    object.__setattr__(other, "actor", "key:other")
    (answer,) = await shop.run("waves.take-list", [other])
    assert b"taken" in answer.body
    await shop.do("waves.leave-list", list=mine["list"])
    assert (await shop.refusal("waves.leave-list", list=mine["list"]))["name"] == "not_taken"
    await shop.check_books()


async def test_units_with_names_and_lots_are_picked_by_them(shop: Shop) -> None:
    await fill_bins(shop)
    await shop.do("products.save", sku="PHONE", name="Phone", tracking="serial")
    await shop.do("products.save", sku="MILK", name="Milk", tracking="lot")
    here = {"location": "HAM", "reason": "opening"}
    await shop.do("stock.receive", sku="PHONE", quantity=3, serials=["S1", "S2", "S3"], **here)
    await shop.do("stock.receive", sku="MILK", quantity=3, lot="L1", expires_on="2990-01-01", **here)
    await released(shop, {"PHONE": 2, "MILK": 2})
    wave = await walked(shop)
    assert (await shop.refusal("waves.pick", wave=wave, barcode="PHONE", quantity=1))["name"] == "units_not_named"
    await shop.do("waves.pick", wave=wave, barcode="PHONE", quantity=1, serials=["S2"])
    await shop.do("waves.pick", wave=wave, barcode="PHONE", quantity=0, short=1, reason="gone", short_serials=["S1"])
    assert (await shop.refusal("waves.pick", wave=wave, task=1, barcode="MILK", lot="L9"))["name"] in (
        "wrong_lot",
        "wrong_product",
    )
    assert (await shop.refusal("waves.pick", wave=wave, barcode="MILK", lot="L9"))["name"] == "not_on_list"
    await shop.do("lots.hold", sku="MILK", lot="L1", reason="complaint")
    assert (await shop.refusal("waves.pick", wave=wave, barcode="MILK"))["name"] == "lot_stopped"
    await shop.do("lots.release", sku="MILK", lot="L1", reason="fine")
    assert (await shop.do("waves.pick", wave=wave, barcode="MILK", lot="L1"))["picked"] == 2
    await shop.check_books()


async def test_no_two_waves_count_on_the_same_units_of_a_bin(shop: Shop) -> None:
    await fill_bins(shop)
    await released(shop, {"MUG": 3}, {"MUG": 3})
    waves = [(await shop.do("waves.plan", location="HAM", orders_max=1))["wave"] for _ in range(2)]
    for wave in waves:
        await shop.do("waves.release", wave=wave)
    stops = [(await asked(shop, "/v1/pick-lists/{list}", list=f"{wave}-L1"))["stops"] for wave in waves]
    told = [[(stop["bin"], sum(each["quantity"] for each in stop["tasks"])) for stop in each] for each in stops]
    assert told == [[("A-01", 3)], [("A-01", 1), ("B-02", 2)]]
    await shop.do("waves.pick", wave=waves[1], task=2, bin="B-02")
    lies = (await asked(shop, "/v1/bins", location="HAM", sku="MUG"))["items"]
    assert {each["bin"]: each["quantity"] for each in lies} == {"A-01": 4, "B-02": 4}
    await shop.check_books()
