"""A database that is stopped, or of a newer schema: a sentence, nothing half-done, and work goes on when it is back."""

from __future__ import annotations

from pathlib import Path

import asyncpg
import pytest

from lading.database.embedded import EmbeddedServer
from lading.database.migrate import SchemaTooNew, SchemaTooOld, migrate
from lading.entrypoints.web import create_app
from lading.operations import execute
from lading.settings import Settings
from tests.conftest import run_apart
from tests.entrypoints.house import House, Merchant, order, serve


def test_a_stopped_database_is_told_and_work_goes_on_when_it_is_back(
    lading_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execute, "CONNECTION_PATIENCE_SECONDS", 0.3)
    server = EmbeddedServer(lading_home, durable=False)
    dsn = server.start()
    try:
        run_apart(migrate(dsn))
        with serve(dsn) as house:
            shop = house.merchant()
            number = shop.place()
            server.stop()
            for _ in range(2):
                for reply in (
                    shop.post("/v1/orders", order(), key="during"),
                    shop.post("/v1/orders", {"commands": [order()]}),
                    shop.post("/v1/orders", order(), dry_run=True),
                    shop.get("/v1/orders"),
                    shop.get("/v1/events"),
                ):
                    assert (reply.status, reply.name) == (503, "unavailable")
                    assert int(reply.headers["retry-after"]) > 0
            assert shop.get("/health").status == 200
            assert shop.get("/ready").status == 503
            assert house.caller(f"{shop.key}x").get("/v1/orders").status == 503
            server.start()
            assert shop.get("/v1/orders").json["items"][0]["number"] == number
            assert shop.post("/v1/orders", order(), key="during").status == 201
            assert shop.get("/ready").status == 200
            assert len(shop.get("/v1/orders").json["items"]) == 2
    finally:
        server.stop()


async def set_schema(dsn: str, statement: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


NEWER = "INSERT INTO lading_migration (number, name, sha256) VALUES (9999, '9999_later', 'x')"


def test_a_database_of_a_newer_schema_is_told_in_one_sentence(database_dsn: str) -> None:
    with serve(database_dsn) as house:
        run_apart(set_schema(database_dsn, NEWER))
        reply = house.stranger().get("/ready")
        assert reply.status == 503
        assert reply.body.decode().startswith(
            "not ready: The database has schema 9999 and this Lading knows only up to"
        )


async def start(dsn: str) -> None:
    app = create_app(Settings(home=Path("/nonexistent"), web_processes=1), dsn)
    async with app.router.lifespan_context(app):
        pass


def test_a_web_process_does_not_start_on_another_schema(database_dsn: str, empty_database_dsn: str) -> None:
    run_apart(set_schema(database_dsn, NEWER))
    with pytest.raises(SchemaTooNew, match="install the Lading that made it"):
        run_apart(start(database_dsn))
    with pytest.raises(SchemaTooOld, match="run `lading migrate`"):
        run_apart(start(empty_database_dsn))


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (asyncpg.DiskFullError("no space left on device"), "disk_full"),
        (asyncpg.TooManyConnectionsError("sorry, too many clients already"), "unavailable"),
        (asyncpg.OutOfMemoryError("out of memory"), "unavailable"),
        (asyncpg.AdminShutdownError("terminating connection"), "unavailable"),
    ],
)
def test_a_database_in_need_is_told_and_nothing_is_half_done(
    house: House, shop: Merchant, monkeypatch: pytest.MonkeyPatch, error: Exception, name: str
) -> None:
    monkeypatch.setattr(execute, "CONNECTION_PATIENCE_SECONDS", 0.3)
    before = house.rows(shop.id)

    async def fail(*_: object) -> None:
        raise error

    with monkeypatch.context() as broken:
        broken.setattr(execute, "write", fail)
        for body in (order(), {"commands": [order()]}):
            reply = shop.post("/v1/orders", body, key="k-1")
            assert (reply.status, reply.name) == (503, name)
            assert int(reply.headers["retry-after"]) > 0
    assert {table: rows for table, rows in house.rows(shop.id).items() if rows != before[table]}.keys() <= {
        "journal_head"
    }, "order numbers may have been drawn, and nothing else"
    assert shop.post("/v1/orders", order(), key="k-1").status == 201
