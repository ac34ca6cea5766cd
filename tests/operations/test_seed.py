"""The merchant of a first start: every stage is there, the books agree, no name is in the journal, it is made once."""

from __future__ import annotations

import asyncio
import json
import stat
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import asyncpg
import msgspec
import pytest
from stdnum import ean

from lading.access import store as access
from lading.audit import audit
from lading.database.pool import Database
from lading.entrypoints.api.reads import READS
from lading.entrypoints.cli.main import run
from lading.entrypoints.cli.reads import FEED, name_of
from lading.entrypoints.first_run import LOGIN_EMAIL, LOGIN_FILE, prepare
from lading.entrypoints.seed import business, paying, simulation, wares
from lading.entrypoints.seed.people import people
from lading.entrypoints.seed.wishes import DAYS, MORE, ORDERS, Wish, wishes
from lading.orders.status import STAGES
from lading.settings import Settings
from lading.views import (
    approvals,
    companies,
    drafts,
    edits,
    exchange_rates,
    inbound,
    kits,
    lots,
    pools,
    print_jobs,
    replenishment,
    reservations,
    shortage_plan,
    sourcing,
    stock_feeds,
    subscriptions,
    transfers,
    waves,
)
from lading.views import counts as stock_counts


def settings_of(home: Path) -> Settings:
    return Settings(home=home, web_processes=1)


@pytest.fixture
async def connection(database_dsn: str) -> AsyncIterator[asyncpg.Connection[Any]]:
    """As the owner: sees every row."""
    connected = await asyncpg.connect(database_dsn)
    yield connected
    await connected.close()


async def counts(connection: asyncpg.Connection[Any], column: str, table: str = "orders") -> dict[str, int]:
    return {row[0]: row[1] for row in await connection.fetch(f"SELECT {column}, count(*) FROM {table} GROUP BY 1")}


async def test_a_first_start_shows_every_stage_and_the_second_one_changes_nothing(
    database_dsn: str, lading_home: Path, connection: asyncpg.Connection[Any]
) -> None:
    settings = settings_of(lading_home)
    told = "\n".join(await prepare(settings, database_dsn))

    assert (await counts(connection, "stage")).keys() == STAGES.keys()
    assert await counts(connection, "currency") == pytest.approx({"EUR": 180, "GBP": 75, "JPY": 45}, rel=0.4)
    assert {"open", "on_hold", "completed", "cancelled"} == (await counts(connection, "lifecycle")).keys()
    assert (await counts(connection, "payment_status")).keys() >= {"paid", "unpaid", "partially_refunded"}
    assert {"delivered", "lost", "returned_to_sender"} <= (await counts(connection, "status", "parcel")).keys()
    kinds = await counts(connection, "kind", "event")
    assert kinds["order_placed"] == ORDERS + len(MORE) + paying.ORDERS + business.ORDERS
    assert kinds.keys() >= {
        "return_requested",
        "return_received",
        "return_disposed",
        "return_refunded",
        "order_sourced",
    }
    for what, condition in {
        "half picked": "picked > 0 AND released > 0",
        "one of two parcels delivered": "delivered > 0 AND in_transit > 0",
        "cancelled in part": "cancelled > 0 AND cancelled < ordered",
        "short": "open > 0 AND delivered + in_transit + packed + picked > 0",
    }.items():
        assert await connection.fetchval(f"SELECT count(*) FROM orders WHERE {condition}"), what

    await check_audit(database_dsn)
    await check_supply(database_dsn)
    await check_floor(database_dsn)
    await check_business(database_dsn)
    await check_login(database_dsn, lading_home, told)
    before = await connection.fetchrow("SELECT position, last_at FROM journal_head")
    again = "\n".join(await prepare(settings, database_dsn))
    assert await connection.fetchrow("SELECT position, last_at FROM journal_head") == before
    assert str(lading_home / LOGIN_FILE) in again and "http://127.0.0.1:8480/" in again
    await check_privacy(connection)


async def check_audit(dsn: str) -> None:
    database = await Database.connect(dsn, writers=1, readers=1)
    try:
        async with database.read(1) as tx:
            assert await audit(tx) == []
    finally:
        await database.close()


async def check_supply(dsn: str) -> None:
    """Of each thing that a console shows there is something to see."""
    database = await Database.connect(dsn, writers=1, readers=1)
    async with database.read(1) as tx:
        purchases = (await inbound.purchase_orders(tx, inbound.PurchaseOrdersQuery(status="expected"))).items
        late = [each for each in purchases if each.next_due_at and each.next_due_at < datetime.now(UTC)]
        assert len(purchases) >= 4 and len(late) == 1
        waiting = (await inbound.backorders(tx, inbound.BackordersQuery(sku="PACK-30-OCHRE"))).items
        assert waiting and all(each.promised_at for each in waiting)
        (moving,) = (await transfers.transfers(tx, transfers.TransfersQuery(status="in_transit"))).items
        assert sum(line.in_transit for line in moving.lines) == 23
        (count,) = (await stock_counts.counts(tx, stock_counts.CountsQuery(status="open"))).items
        assert count.blind and 0 < count.counted < count.lines
        plan = await shortage_plan.shortage_plan(tx, shortage_plan.ShortagePlanQuery())
        assert {"keep", "elsewhere", "wait"} == {each.instead for shelf in plan.shelves for each in shelf.orders}
        told = {each.lot: each.status for each in (await lots.lots(tx, lots.LotsQuery(sku="TEA-SENCHA"))).items}
        assert told == {"SE-109": "held", "SE-114": "ok", "SE-127": "ok"}
        units = (await lots.serials(tx, lots.SerialsQuery(sku="WATCH-FIELD"))).items
        assert {each.place for each in units} >= {"on_shelf", "delivered"}
        kept = (await reservations.reservations(tx, reservations.ReservationsQuery())).items
        assert {each.lines[0].location for each in kept} == {"LEE", None}
        (pool,) = (await pools.pools(tx, pools.PoolsQuery())).items
        assert 0 < pool.left < pool.quantity
        (feed,) = (await stock_feeds.stock_feeds(tx, stock_feeds.StockFeedsQuery())).items
        assert (feed.rows, feed.applied, feed.not_taken) == (3, 2, 1)
        assert (await replenishment.replenishment(tx, replenishment.ReplenishmentQuery())).items
        assert {each.kit for each in (await kits.kits(tx, kits.KitsQuery())).items} == {"stocked", "on_demand"}
        (made, _) = (await kits.work_orders(tx, kits.WorkOrdersQuery())).items
        assert made.status == "started"
    await database.close()


async def check_floor(dsn: str) -> None:
    """Somebody walks through aisles that can be drawn, and orders come from where the rules say."""
    database = await Database.connect(dsn, writers=1, readers=1)
    async with database.read(1) as tx:
        papers = (await print_jobs.print_jobs(tx, print_jobs.PrintJobsQuery())).items
        assert sorted(each.status for each in papers) == ["printed", "waiting"]
        (wave,) = (await waves.waves(tx, waves.WavesQuery())).items
        assert wave.status == "released" and wave.lists > 1 and 0 < wave.picked < wave.units
        assert len((await waves.layout(tx, waves.LayoutQuery(location="HAM"))).aisles) == 5
        rules = await sourcing.rules(tx, sourcing.RulesQuery())
        assert rules.version
    await database.close()


async def check_business(dsn: str) -> None:
    """A company that pays late, a quote that waits, an order to approve, one that comes every month."""
    database = await Database.connect(dsn, writers=1, readers=1)
    async with database.read(1) as tx:
        late = (await companies.receivables(tx, companies.ReceivablesQuery())).items
        assert {each.company for each in late} >= {"NORDHOTELS"}
        assert {each.status for each in (await drafts.drafts(tx, drafts.DraftsQuery())).items} >= {"draft", "sent"}
        (asked,) = (await approvals.approvals(tx, approvals.ApprovalsQuery())).items
        assert asked.company == "NORDHOTELS"
        (change,) = (await edits.edits(tx, edits.EditsQuery())).items
        assert change.order == asked.document
        rates = (await exchange_rates.exchange_rates(tx, exchange_rates.ExchangeRatesQuery())).items
        assert len(rates) == 6 and {each.currency for each in rates} == {"GBP", "JPY", "USD"}
        (again,) = (await subscriptions.subscriptions(tx, subscriptions.SubscriptionsQuery())).items
        assert again.status == "active"
    await database.close()


async def check_login(dsn: str, home: Path, told: str) -> None:
    """The password is printed, kept for its owner only, and opens the door; so does the key."""
    file = home / LOGIN_FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    kept = dict(line.split(maxsplit=1) for line in file.read_text().replace("API key", "key").splitlines())
    assert kept["Password"] in told and kept["key"] in told
    database = await Database.connect(dsn, writers=1, readers=1)
    try:
        assert await access.log_in(database, LOGIN_EMAIL, kept["Password"])
        caller = await access.Keys(database).caller(kept["key"])
        assert caller is not None and caller.may("orders:write")
    finally:
        await database.close()


async def check_privacy(connection: asyncpg.Connection[Any]) -> None:
    """No name, e-mail, telephone number or street of anybody stands in events, outcomes or postings."""
    secrets = {
        part
        for row in await connection.fetch("SELECT name, email, phone FROM party_version")
        for part in (*row["name"].split(), row["email"], row["phone"])
        if part
    }
    secrets |= {row[0] for row in await connection.fetch("SELECT line1 FROM address_version")}
    assert len(secrets) > 150
    for table in ("event", "command", "posting", "money_posting"):
        rows = "\n".join(row[0] for row in await connection.fetch(f"SELECT to_jsonb({table})::text FROM {table}"))
        assert [each for each in sorted(secrets) if each in rows] == [], table


async def test_a_start_that_was_cut_off_is_completed_by_the_next(
    database_dsn: str, lading_home: Path, connection: asyncpg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, whole_run, batches = settings_of(lading_home), simulation.Simulation.run, 0

    async def cut_off(self: simulation.Simulation, verb: str, steps: Any) -> Any:
        nonlocal batches
        batches += 1
        if batches > 60:
            raise KeyboardInterrupt
        return await whole_run(self, verb, steps)

    monkeypatch.setattr(simulation.Simulation, "run", cut_off)
    with pytest.raises(KeyboardInterrupt):
        await prepare(settings, database_dsn)
    monkeypatch.undo()
    assert not (lading_home / LOGIN_FILE).exists()
    position = await connection.fetchval("SELECT position FROM journal_head")
    assert position > 100

    await prepare(settings, database_dsn)

    placed = ORDERS + len(MORE) + paying.ORDERS + business.ORDERS
    assert (await counts(connection, "kind", "event"))["order_placed"] == placed
    assert await connection.fetchval("SELECT count(DISTINCT external_reference) FROM orders") == placed
    await check_audit(database_dsn)


async def test_an_installation_with_a_merchant_is_left_alone(
    database_dsn: str, lading_home: Path, connection: asyncpg.Connection[Any]
) -> None:
    database = await Database.connect(database_dsn, writers=1, readers=1)
    await access.create_merchant(database, "mine", "Mine", "UTC", "EUR")
    await database.close()

    told = await prepare(settings_of(lading_home), database_dsn)

    assert "lading logins create" in "\n".join(told)
    assert await connection.fetchval("SELECT count(*) FROM merchant") == 1
    assert not (lading_home / LOGIN_FILE).exists()


def wished(start: datetime) -> list[Wish]:
    rng = Random(1)
    return wishes(rng, people(rng, 40), start)


def test_the_same_orders_are_wished_for_every_time_relative_to_the_start() -> None:
    start, later = datetime(2026, 1, 5, tzinfo=UTC), datetime(2026, 1, 8, tzinfo=UTC)
    assert [wish.command for wish in wished(start)] == [wish.command for wish in wished(start)]
    assert [wish.placed_at - start for wish in wished(start)] == [wish.placed_at - later for wish in wished(later)]
    assert all(start <= wish.placed_at <= start + timedelta(days=DAYS) for wish in wished(start))


def test_products_have_valid_numbers_and_measures() -> None:
    products = [wares.product(index) for index in range(len(wares.PRODUCTS))]
    assert len(products) == 45
    assert all(ean.is_valid(product["gtin"]) for product in products)
    assert len({product["gtin"] for product in products}) == len(products)
    assert all(product["weight_grams"] and product["length_mm"] >= product["width_mm"] for product in products)


def test_every_question_is_a_command_and_answers(
    database_dsn: str, lading_home: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    asyncio.run(prepare(settings_of(lading_home), database_dsn))
    monkeypatch.setenv("LADING_DATABASE_URL", database_dsn)
    monkeypatch.setenv("LADING_HOME", str(lading_home))
    names = [(read.path.split("/")[2], name_of(read)) for read in (*READS, FEED)]
    assert len(set(names)) == len(names)

    def first(noun: str, field: str) -> str:
        """What the first one of a list is called."""
        assert run([noun, "list", "--json"]) == 0
        return str(json.loads(capfd.readouterr().out.splitlines()[-1])["items"][0][field])

    assert run(["sourcing-previews", "make"]) == 0
    capfd.readouterr()
    preview = first("sourcing-previews", "preview")
    more = '{"sku": "MUG-BLUE", "location": "HAM", "quantity": 5}'
    assert run(["sourcing", "what-if", "1042", "--more", more, "--json"]) == 0
    assert json.loads(capfd.readouterr().out)["order"] == "1042"
    rules = '{"rules": [{"name": "near", "by": "nearest", "when": {"channels": ["nowhere"]}}]}'
    assert run(["sourcing-rules", "lint", "--rules", rules]) == 0
    assert "never_fired" in capfd.readouterr().out
    euros = '{"amount": "2.00", "currency": "EUR"}'
    assert run(["companies", "save", "--code", "NORD", "--name", "Nord"]) == 0
    assert run(["price-lists", "save", "--code", "ALL", "--name", "All", "--currency", "EUR"]) == 0
    line = '[{"sku": "MUG-BLUE", "quantity": 1, "unit_price": ' + euros + "}]"
    assert run(["drafts", "create", "--channel", "web", "--currency", "EUR", "--lines", line]) == 0
    draft = first("drafts", "draft")
    again = ["--unit", "month", "--first-at", "2099-12-01T08:00:00+01:00"]
    assert run(["subscriptions", "create", "--draft", draft, *again]) == 0
    assert run(["waves", "plan", "--location", "HAM"]) == 0
    wave = first("waves", "wave")
    layout = ["--aisles", '[{"code": "A", "x_cm": 0}]', "--cross-cm", "[0, 900]"]
    assert run(["layouts", "save", "--location", "HAM", *layout]) == 0, capfd.readouterr().err
    assert run(["waves", "release", "--wave", wave]) == 0, capfd.readouterr().err
    capfd.readouterr()
    given = {
        "vendor": "LEE", "wave": wave, "list": f"{wave}-L1",
        "company": "NORD", "price_list": "ALL", "currency": "EUR", "draft": draft,
        "subscription": first("subscriptions", "subscription"),
        "preview": preview, "lines": '{"sku": "MUG-BLUE", "quantity": 1, "unit_price": ' + euros + "}",
        "order": "1042", "sku": "MUG-BLUE", "position": "7", "name": "may_backorder", "skus": "MUG-BLUE",
        "location": "HAM", "stage": "to_pick", "reference": "LEE-DAILY-1104", "lot": "SE-114", "serial": "NW-2041",
        "fulfillment_order": "1042-F1",
        "day": "2026-11-01", "provider": "stripe",
        **{field: first(noun, field) for noun, field in (
            ("purchase-orders", "purchase_order"), ("transfers", "transfer"), ("counts", "count"),
            ("work-orders", "work_order"), ("reservations", "reservation"), ("invoices", "invoice"), ("credits", "credit"))},
    }  # fmt: skip
    of = {"lots": {"sku": "TEA-SENCHA"}, "serials": {"sku": "WATCH-FIELD"}, "kits": {"sku": "SET-TABLE"}}
    for read, (noun, name) in zip((*READS, FEED), names, strict=True):
        known = given | of.get(noun, {})
        required = [known[field] for field in read.query.__struct_fields__ if field in needed(read.query)]
        if (noun, name) == ("serials", "list"):  # asks for a product or a name, whichever
            required = ["--serial", known["serial"]]
        for json_wanted in ([], ["--json"]):
            assert run([noun, name, *required, *json_wanted]) == 0, (noun, name, capfd.readouterr().err)
            out = capfd.readouterr().out
            assert out.strip(), (noun, name)
        assert isinstance(json.loads(out), dict)
    assert run(["policies", "set", "--name", "may_split", "--value", "false", "--channel", "web"]) == 0
    assert run(["policies", "resolve", "may_split", "--channel", "web", "--json"]) == 0
    assert json.loads(capfd.readouterr().out.splitlines()[-1])["value"] is False
    assert run(["orders", "show", "77"]) == 1
    assert "no order 77" in capfd.readouterr().err
    assert run(["orders", "list", "--stage", "nowhere"]) == 1
    assert "--stage" in capfd.readouterr().err


def needed(query: Any) -> set[str]:
    """What the question cannot do without."""
    return {field.name for field in msgspec.structs.fields(query) if field.required}
