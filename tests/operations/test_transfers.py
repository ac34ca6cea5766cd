"""Transfers: stock leaves at ship, lands at receipt, and is counted on the transfer in between."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lading.entrypoints.api.reads import READS
from lading.operations.execute import Executor
from tests.operations.conftest import Shop

DUE = "2026-12-01T12:00:00+01:00"


async def stock(shop: Shop, sku: str = "MUG") -> dict[str, dict[str, int]]:
    """What lies where, empty buckets left out."""
    rows = await shop.fetch(
        "SELECT l.code, s.available, s.allocated, s.damaged FROM stock AS s"
        "  JOIN sku ON sku.merchant_id = $1 AND sku.id = s.sku_id JOIN location AS l ON l.merchant_id = $1 AND l.id = s.location_id"
        " WHERE s.merchant_id = $1 AND sku.code = $2",
        sku,
    )
    return {row.pop("code"): {bucket: units for bucket, units in row.items() if units} for row in rows}


async def create(shop: Shop, *lines: tuple[str, int], **more: Any) -> str:
    """A draft from HAM to MUC; its name."""
    wanted = [{"sku": sku, "quantity": quantity} for sku, quantity in lines]
    way = {"from_location": "HAM", "to_location": "MUC", "due_at": DUE}
    return str((await shop.do("transfers.create", **(way | {"lines": wanted} | more)))["transfer"])


async def ask(shop: Shop, path: str, **query: Any) -> Any:
    """The answer of a question of the API."""
    read = next(read for read in READS if read.path == path)
    async with shop.database.read(shop.merchant_id) as tx:
        return await read.handler(tx, read.query(**query))


async def test_the_life_of_a_transfer(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=10)
    transfer = await create(shop, ("MUG", 6), reference="REPL-1")
    assert await stock(shop) == {"HAM": {"available": 10}}

    ready = await shop.do("transfers.ready", transfer=transfer)
    assert (ready["status"], ready["ready"]) == ("ready", 6)
    assert await stock(shop) == {"HAM": {"available": 4, "allocated": 6}}
    assert (await shop.refusal("orders.place", **shop.order({"MUG": 5})))["name"] == "insufficient_stock"

    shipped = await shop.do("transfers.ship", transfer=transfer)
    assert (shipped["status"], shipped["in_transit"]) == ("in_transit", 6)
    assert await stock(shop) == {"HAM": {"available": 4}}

    part = await shop.do("transfers.receive", transfer=transfer, lines=[{"line": 1, "quantity": 4, "damaged": 1}])
    assert (part["status"], part["in_transit"], part["received"], part["damaged"]) == ("partially_received", 2, 4, 1)
    assert await stock(shop) == {"HAM": {"available": 4}, "MUC": {"available": 3, "damaged": 1}}

    whole = await shop.do("transfers.receive", transfer=transfer)
    assert (whole["status"], whole["received"]) == ("received", 6)
    assert await stock(shop) == {"HAM": {"available": 4}, "MUC": {"available": 5, "damaged": 1}}
    told = await ask(shop, "/v1/transfers/{transfer}/timeline", transfer=transfer)
    assert [entry.event.kind for entry in told.items] == [
        "transfer_received", "transfer_received", "transfer_shipped", "transfer_readied", "transfer_created",
    ]  # fmt: skip
    assert told.items[0].sentence == "Transfer T1001: 2 × MUG received in MUC."
    await shop.check_books()


async def test_what_stays_behind_at_the_ship_goes_back_on_the_shelf(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=5, TEE_HAM=5)
    transfer = await create(shop, ("MUG", 3), ("TEE", 4))
    await shop.do("transfers.ready", transfer=transfer, lines=[{"line": 1, "quantity": 2}])
    await shop.do("transfers.ready", transfer=transfer, lines=[{"line": 2, "quantity": 4}])
    shipped = await shop.do(
        "transfers.ship", transfer=transfer, lines=[{"line": 1, "quantity": 2}, {"line": 2, "quantity": 3}]
    )
    assert (shipped["planned"], shipped["ready"], shipped["in_transit"], shipped["cancelled"]) == (0, 0, 5, 2)
    assert await stock(shop) == {"HAM": {"available": 3}}
    assert await stock(shop, "TEE") == {"HAM": {"available": 2}}
    await shop.check_books()


@pytest.mark.parametrize("ready", [False, True])
async def test_a_cancelled_draft_gives_back_what_was_set_aside(shop: Shop, ready: bool) -> None:
    await shop.stock_up(MUG_HAM=5)
    transfer = await create(shop, ("MUG", 3))
    if ready:
        await shop.do("transfers.ready", transfer=transfer)
    gone = await shop.do("transfers.cancel", transfer=transfer, reason="not_needed")
    assert (gone["status"], gone["cancelled"]) == ("cancelled", 3)
    assert await stock(shop) == {"HAM": {"available": 5}}
    assert (await shop.refusal("transfers.ready", transfer=transfer))["name"] == "wrong_status"
    await shop.check_books()


async def test_cancelling_on_the_way_asks_what_came_home_and_what_is_lost(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=5)
    transfer = await create(shop, ("MUG", 5))
    await shop.do("transfers.ready", transfer=transfer)
    await shop.do("transfers.ship", transfer=transfer)
    for lines in ([], [{"line": 1, "came_home": 3}]):
        refused = await shop.refusal("transfers.cancel", transfer=transfer, reason="accident", lines=lines)
        assert refused["name"] == "not_settled"
    too_many = [{"line": 1, "came_home": 3}, {"line": 1, "lost": 3}]
    assert (await shop.refusal("transfers.cancel", transfer=transfer, reason="x", lines=too_many))["name"] == "too_many"
    settled = [{"line": 1, "came_home": 3, "lost": 2}]
    gone = await shop.do("transfers.cancel", transfer=transfer, reason="accident", lines=settled)
    assert (gone["status"], gone["in_transit"], gone["came_home"], gone["lost"]) == ("cancelled", 0, 3, 2)
    assert await stock(shop) == {"HAM": {"available": 3}}
    await shop.check_books()


async def test_what_never_arrives_of_the_rest_is_lost_unless_it_came_home(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=9)
    transfer = await create(shop, ("MUG", 9))
    await shop.do("transfers.ready", transfer=transfer)
    await shop.do("transfers.ship", transfer=transfer)
    assert (await shop.refusal("transfers.close", transfer=transfer, reason="x"))["name"] == "wrong_status"
    await shop.do("transfers.receive", transfer=transfer, lines=[{"line": 1, "quantity": 4}])
    closed = await shop.do("transfers.close", transfer=transfer, reason="x", lines=[{"line": 1, "came_home": 2}])
    assert (closed["status"], closed["received"], closed["came_home"], closed["lost"]) == ("received", 4, 2, 3)
    assert await stock(shop) == {"HAM": {"available": 2}, "MUC": {"available": 4}}
    await shop.check_books()


async def test_two_transfers_of_a_batch_do_not_set_aside_the_same_units(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=5)
    names = [await create(shop, ("MUG", 3)) for _ in range(2)]
    first, second = await shop.batch("transfers.ready", *({"transfer": name} for name in names))
    assert first["status"] == "ready" and second["name"] == "not_there"
    assert second["message"] == "HAM has 2 MUG available, not 3."
    await shop.check_books()


async def test_refusals(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=5)
    way = {"from_location": "HAM", "to_location": "MUC", "due_at": DUE, "lines": [{"sku": "MUG", "quantity": 1}]}
    cases = [
        ({"from_location": "X"}, "unknown_location"), ({"to_location": "HAM"}, "same_location"),
        ({"lines": [{"sku": "X", "quantity": 1}]}, "unknown_sku"),
    ]  # fmt: skip
    for change, name in cases:
        assert (await shop.refusal("transfers.create", **(way | change)))["name"] == name
    named = way | {"reference": "R"}
    first, second = await shop.batch("transfers.create", named, named)
    assert second["name"] == "reference_taken" and first["transfer"] in second["message"]
    assert (await shop.refusal("transfers.create", **named))["name"] == "reference_taken"
    transfer = first["transfer"]
    assert (await shop.refusal("transfers.ready", transfer="T9"))["name"] == "unknown_transfer"
    stale = await shop.refusal("transfers.ready", transfer=transfer, expected_version=2)
    assert stale["name"] == "version_conflict"
    for lines, name in (([{"line": 2, "quantity": 1}], "unknown_line"), ([{"line": 1, "quantity": 2}], "too_many")):
        assert (await shop.refusal("transfers.ready", transfer=transfer, lines=lines))["name"] == name
    await shop.do("transfers.ready", transfer=transfer)
    assert (await shop.refusal("transfers.ready", transfer=transfer))["name"] == "nothing_left"
    assert (await shop.refusal("transfers.receive", transfer=transfer))["name"] == "wrong_status"
    await shop.do("transfers.ship", transfer=transfer)
    broken = [{"line": 1, "quantity": 1, "damaged": 2}]
    assert (await shop.refusal("transfers.receive", transfer=transfer, lines=broken))["name"] == "more_damaged"
    await shop.check_books()


async def test_transfers_are_listed_and_shown(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=5)
    first, second = [await create(shop, ("MUG", 1), reference=f"R{number}") for number in range(2)]
    await shop.do("transfers.cancel", transfer=first, reason="x")
    page = await ask(shop, "/v1/transfers")
    assert [each.transfer for each in page.items] == [second, first] and page.next is None
    opened = await ask(shop, "/v1/transfers", status="open", from_location="HAM", limit=1)
    assert [each.transfer for each in opened.items] == [second]
    shown = await ask(shop, "/v1/transfers/{transfer}", transfer=first)
    assert (shown.status, shown.lines[0].sku, shown.lines[0].cancelled) == ("cancelled", "MUG", 1)


async def test_what_a_channel_keeps_is_not_transferred(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=10)
    await shop.do("pools.set", sku="MUG", pool="WEB", kind="exclusive", channels=["web"], quantity=7)
    big, small = await create(shop, ("MUG", 4)), await create(shop, ("MUG", 3))
    refused = await shop.refusal("transfers.ready", transfer=big)
    assert refused["message"] == "HAM may give 3 MUG, not 4: the others are kept or claimed."
    await shop.do("transfers.ready", transfer=small)
    assert await stock(shop) == {"HAM": {"available": 7, "allocated": 3}}
    await shop.check_books()


async def test_a_reservation_whose_time_is_over_holds_no_transfer_back(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=5)
    await shop.do("reservations.reserve", lines=[{"sku": "MUG", "quantity": 4}], channel="web", seconds=60)
    transfer = await create(shop, ("MUG", 3))
    assert (await shop.refusal("transfers.ready", transfer=transfer))["name"] == "not_there"
    shop.executor = Executor(shop.database, lambda: datetime.now(UTC) + timedelta(hours=1))
    await shop.do("transfers.ready", transfer=transfer)
    assert await stock(shop) == {"HAM": {"available": 2, "allocated": 3}}
    await shop.check_books()
