"""`lading doctor` finds what was broken on purpose, and nothing else."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import asyncpg
import pytest

from lading import diagnosis
from lading.diagnosis import database, disk, examine, misspelt, port
from lading.entrypoints.cli.errors import sentence
from lading.settings import load_settings

ON_PURPOSE = {"durability"}
"""The test server runs without fsync."""


def wrongs(dsn: str) -> dict[str, str]:
    findings = asyncio.run(database(dsn))
    return {found.subject: found.text for found in findings if found.verdict == "wrong"}


async def run(dsn: str, statement: str) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute(statement)
    await connection.close()


def test_a_sound_database_has_nothing_wrong(database_dsn: str) -> None:
    assert wrongs(database_dsn).keys() <= ON_PURPOSE


def test_a_server_without_fsync_is_named(database_dsn: str) -> None:
    assert wrongs(database_dsn)["durability"].endswith("is off: a power cut may lose or spoil orders. Switch it on.")


def test_what_is_wrong_with_tax_services_is_named(database_dsn: str, tmp_path: Path) -> None:
    account = '[tax_accounts.ava]\nadapter = "avatax"\naccount = "1"\nlicense_key = "K-SECRET"\ncompany = "X"\n'
    (tmp_path / "lading.toml").write_text(account + 'api_base = "http://taxes.example.com"')
    settings = load_settings({"LADING_HOME": str(tmp_path)})
    (told,) = asyncio.run(diagnosis.tax_accounts(settings))
    assert (told.verdict, told.subject) == ("wrong", "taxes: ava") and "https" in told.text
    assert "K-SECRET" not in told.text
    (tmp_path / "lading.toml").write_text(account + 'api_base = "http://127.0.0.1:9"')
    (told,) = asyncio.run(diagnosis.tax_accounts(load_settings({"LADING_HOME": str(tmp_path)})))
    assert told.verdict == "doubtful", "nobody answers there"
    set_ = "INSERT INTO policy SELECT id, '{}', 'merchant', gen_random_uuid(), {}, '{}', now(), 'x' FROM merchant"
    columns = "slug, name, time_zone, currency, created_at"
    asyncio.run(run(database_dsn, f"INSERT INTO merchant ({columns}) VALUES ('m', 'M', 'UTC', 'EUR', now())"))
    asyncio.run(run(database_dsn, set_.format("taxes", 1001, '"service"')))
    assert wrongs(database_dsn)["taxes"] == "m: a service shall calculate, and the policy tax_service names none."
    asyncio.run(run(database_dsn, set_.format("tax_service", 1002, '"ava"')))
    assert wrongs(database_dsn)["taxes"] == "m: lading.toml has no [tax_accounts.ava]."


@pytest.mark.parametrize(
    ("spoil", "subject", "text"),
    [
        ("DROP POLICY one_merchant ON orders", "isolation", "The table orders shows every merchant's rows to all"),
        ("ALTER TABLE orders DISABLE ROW LEVEL SECURITY", "isolation", "The table orders shows every merchant's rows"),
        ("ALTER TABLE stock FORCE ROW LEVEL SECURITY", "isolation", "stock has FORCE ROW LEVEL SECURITY"),
        ("ALTER TABLE stock OWNER TO postgres", "isolation", "stock belongs to postgres"),
        ("DELETE FROM lading_migration WHERE number > 1", "schema", "run `lading migrate`"),
        ("DROP TABLE lading_migration", "schema", "The database has schema 0"),
    ],
)
def test_what_was_spoilt_is_named(database_dsn: str, spoil: str, subject: str, text: str) -> None:
    asyncio.run(run(database_dsn, spoil))
    assert text in wrongs(database_dsn)[subject]


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        number = other.getsockname()[1]
        finding = asyncio.run(port(load_settings({"LADING_HOME": str(tmp_path), "LADING_PORT": str(number)})))
    assert finding.verdict == "wrong"
    assert f"Port {number} on 127.0.0.1 is in use" in finding.text


def test_little_room_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagnosis, "FREE_BYTES_MIN", 2**62)
    assert [found.verdict for found in disk(tmp_path)] == ["good", "wrong"]


def test_a_misspelt_variable_is_named() -> None:
    (finding,) = misspelt({"LADING_PROT": "1"})
    assert finding.text == "LADING_PROT is set and means nothing; `lading config` lists the names."


def test_a_database_that_cannot_be_reached_is_one_sentence(tmp_path: Path) -> None:
    environ = {"LADING_HOME": str(tmp_path), "LADING_DATABASE_URL": "postgresql://me:secret@127.0.0.1:1/none"}
    last = examine(load_settings(environ), environ, sentence)[-1]
    assert (last.verdict, last.subject) == ("wrong", "server")
    assert last.text.startswith("The database cannot be reached: ")


def test_a_home_without_a_database_stays_untouched(lading_home: Path) -> None:
    environ = {"LADING_HOME": str(lading_home)}
    assert examine(load_settings(environ), environ, sentence)[-1].text.startswith("embedded; there is no database yet")
    assert list(lading_home.iterdir()) == []
