"""`lading audit` names every kind of row that somebody spoiled, and finds nothing where nobody did."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import Any

import asyncpg
import msgspec
import pytest

from lading.audit import NAMES, Difference
from lading.audit import audit as audit_merchant
from lading.database.pool import Transaction
from lading.entrypoints.api.questions import Read
from lading.entrypoints.api.reads import READS
from lading.entrypoints.cli.audit import as_text, audit_installation
from lading.entrypoints.cli.main import run
from lading.entrypoints.console.rendering import translations
from lading.entrypoints.worker import demand_days, ledger
from lading.kernel.trouble import Trouble
from lading.views import phrases
from lading.views.names import read_names
from lading.views.sentences import SENTENCES, sentence
from tests.conftest import execute, fresh_database, run_apart
from tests.operations.books.life import live
from tests.operations.books.spoiling import Spoil, read_all
from tests.races.shop import Shop, open_shop

SPOILS = read_all()


async def sum_days(shop: Shop) -> None:
    """The readers of the feed that sum by day, money and demand, take all there is."""
    going = True
    while going:
        async with shop.database.write(shop.merchant_id) as tx:
            await tx.execute("INSERT INTO consumer VALUES ($1, 'ledger_days', 0) ON CONFLICT DO NOTHING")
            going = await ledger.read_on(tx)
    await demand_days.catch_up(shop.database, shop.merchant_id)


async def make_life(dsn: str) -> None:
    async with open_shop(dsn, "shop") as shop:
        await live(shop)
        await sum_days(shop)


@pytest.fixture(scope="module")
def lived(server_dsn: str, template: str) -> Iterator[str]:
    """A database with one merchant who has something of everything; each test takes back what it spoils."""
    with fresh_database(server_dsn, template) as dsn:
        run_apart(make_life(dsn))
        yield dsn


async def spoiled(dsn: str, statement: str, only: Collection[str] = NAMES) -> list[Difference]:
    """What the audit, or some checks of it, find after the statement, which is taken back."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("BEGIN")
        await connection.execute(statement)
        return await audit_merchant(Transaction(connection, 1), only)
    finally:
        await connection.close()


async def test_nothing_differs_where_nobody_spoiled_anything(lived: str) -> None:
    assert await audit_installation(lived) == {"shop": []}
    assert as_text({"shop": []}) == "no difference"


@pytest.mark.parametrize("spoil", SPOILS, ids=lambda spoil: f"{spoil.check}-{spoil.says[:40]}")
async def test_the_audit_names_what_was_spoiled(lived: str, spoil: Spoil) -> None:
    sentences = [each.sentence for each in await spoiled(lived, spoil.statement, [spoil.check])]
    assert any(sentence.startswith(spoil.says) for sentence in sentences), sentences


def test_every_check_has_been_seen_to_find_something() -> None:
    assert {spoil.check for spoil in SPOILS} == set(NAMES)


async def test_an_old_command_may_be_forgotten_and_a_young_one_may_not(lived: str) -> None:
    young = await spoiled(lived, "DELETE FROM command")
    aged = "UPDATE event SET recorded_at = recorded_at - interval '36 days'; DELETE FROM command"
    head = "UPDATE journal_head SET last_at = last_at - interval '36 days'"
    assert {each.check for each in young} == {"commands"}
    assert await spoiled(lived, f"{aged}; {head}") == []


async def test_the_audit_reads_one_merchant_or_all_of_them(database_dsn: str) -> None:
    async with open_shop(database_dsn, "first") as first, open_shop(database_dsn, "second") as second:
        await first.stock_up(1)
        await second.stock_up(1)
        connection = await asyncpg.connect(database_dsn)
        await connection.execute("UPDATE stock SET damaged = 5 WHERE merchant_id = $1", second.merchant_id)
        await connection.close()
    found = await audit_installation(database_dsn)
    assert found["first"] == [] and len(found["second"]) == 6
    assert as_text(found).splitlines()[0] == "second: Stock of A at BER: damaged is 5, the journal says 0."
    assert as_text(found).endswith("6 differences")
    assert list(await audit_installation(database_dsn, "first")) == ["first"]
    with pytest.raises(Trouble, match="no merchant 'third'"):
        await audit_installation(database_dsn, "third")


def test_the_command_line_says_it_and_exits_with_it(
    lived: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LADING_DATABASE_URL", lived)
    assert run(["audit"]) == 0
    assert capsys.readouterr().out == "no difference\n"
    of_c = "WHERE sku_id = (SELECT id FROM sku WHERE code = 'C')"
    run_apart(execute(lived, f"UPDATE stock SET damaged = damaged + 3 {of_c}"))
    try:
        assert run(["audit", "--merchant", "shop"]) == 1
        said = capsys.readouterr().out.splitlines()
        assert "Stock of C at HAM: damaged is 3, the journal says 0." in said and said[-1] == "2 differences"
        assert run(["audit", "--json"]) == 1
        told = msgspec.json.decode(capsys.readouterr().out)
        assert {each["field"] for each in told["shop"]} == {"damaged"}
        assert run(["audit", "--merchant", "nobody"]) == 1
        assert run(["audit", "--check", "tenders", "--check", "drafts"]) == 0
        assert run(["audit", "--check", "nothing"]) == 1
        assert "no check 'nothing'; known are" in capsys.readouterr().err
    finally:
        run_apart(execute(lived, f"UPDATE stock SET damaged = damaged - 3 {of_c}"))


async def test_each_event_of_a_long_life_is_told_in_german(lived: str) -> None:
    """Where whoever reads has another language, no sentence is left in English."""
    connection = await asyncpg.connect(lived)
    try:
        names = await read_names(Transaction(connection, 1))
        events = await connection.fetch("SELECT kind, data::text FROM event")
    finally:
        await connection.close()
    alike = set()
    for kind, data in events:
        told = {**json.loads(data)}
        english = sentence(kind, told, names)
        with phrases.read_by(translations("de").gettext):
            german = sentence(kind, told, names)
        if german == english:
            alike.add((kind, english))
    assert alike == set()
    assert {kind for kind, _ in events} <= SENTENCES.keys()


OF = {
    "order": "1001",
    "sku": "D",
    "lot": "L1",
    "location": "HAM",
    "stage": "to_pick",
    "price_list": "HOTELS",
    "vendor": "HAM",
    "transfer": "T1005",
    "purchase_order": "PO1021",
    "work_order": "W1015",
    "subscription": "S1084",
    "company": "NORD",
}
"""What a list is of, where it is not of everything."""
TRACKED = {"/v1/lots/holders": {"sku": "L"}, "/v1/serials": {"sku": "S"}}


@pytest.mark.parametrize(
    "read",
    [
        read
        for read in READS
        if "next" in read.answer.__struct_fields__
        and {each.name for each in msgspec.structs.fields(read.query) if each.required} <= OF.keys()
    ],
    ids=lambda read: read.path,
)
async def test_a_list_goes_on_where_its_page_ended(lived: str, read: Read) -> None:
    """In pages of one it tells what it tells in one page."""
    asked = {each.name: OF[each.name] for each in msgspec.structs.fields(read.query) if each.required}
    asked |= TRACKED.get(read.path, {})
    connection = await asyncpg.connect(lived)

    async def page(**more: Any) -> Any:
        return await read.handler(Transaction(connection, 1), msgspec.convert({**asked, **more}, read.query))

    try:
        whole = await page(limit=200)
        told = [await page(limit=1)]
        while told[-1].next and len(told) < 200:
            told.append(await page(limit=1, after=told[-1].next))
    finally:
        await connection.close()
    (listed,) = (name for name in ("items", "holders", "lines") if hasattr(whole, name))
    assert [item for each in told for item in getattr(each, listed)] == getattr(whole, listed)
