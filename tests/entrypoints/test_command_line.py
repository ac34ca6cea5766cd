"""`lading NOUN VERB` and the rest of the command line: fields or a file, answers for people or programs, exit codes."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from lading.entrypoints.cli.main import build, build_for, run
from lading.entrypoints.cli.showing import show
from lading.operations.registry import verbs
from lading.views.waves import ListHead, PickListView, StopView, TaskView, WaveHead
from tests.conftest import fresh_database, with_database
from tests.entrypoints.house import order

PRICE = json.dumps({"amount": "9.99", "currency": "EUR"})


@dataclass
class Said:
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What a program reads."""
        return json.loads(self.out)


class Terminal:
    """Somebody who types commands."""

    def __init__(self, captured: pytest.CaptureFixture[str]) -> None:
        self._captured = captured

    def __call__(self, *arguments: str) -> Said:
        """Run it; no command ever shows a traceback."""
        self._captured.readouterr()
        code = run(arguments)
        said = self._captured.readouterr()
        assert "Traceback" not in said.out + said.err
        return Said(code, said.out, said.err)

    def refused(self, *arguments: str) -> str:
        """Run what must end with exit code 1; its words."""
        said = self(*arguments)
        assert said.code == 1, said
        assert "Expected" not in said.err
        return " ".join(said.err.split())


@pytest.fixture(scope="module")
def installation(server_dsn: str, template: str) -> Iterator[str]:
    """One database for all of these tests."""
    with fresh_database(server_dsn, template) as dsn:
        yield dsn


@pytest.fixture
def terminal(
    installation: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Terminal:
    """A terminal of that installation."""
    monkeypatch.setenv("LADING_HOME", str(tmp_path))
    monkeypatch.setenv("LADING_DATABASE_URL", installation)
    monkeypatch.setenv("COLUMNS", "200")
    return Terminal(capsys)


@pytest.fixture
def till(terminal: Terminal) -> Terminal:
    """The same, with a merchant (till) that has a shop."""
    if terminal("merchants", "create", "till", "--json").code == 0:
        for command in (
            ("channels", "save", "--code", "web", "--name", "Web"),
            ("locations", "save", "--code", "HAM", "--name", "HAM", "--kind", "warehouse", "--time-zone", "UTC",
             "--country", "DE"),
            ("products", "save", "--sku", "MUG", "--name", "Mug"),
            ("stock", "receive", "--sku", "MUG", "--location", "HAM", "--quantity", "500", "--reason", "opening"),
        ):  # fmt: skip
            said = terminal(*command, "--merchant", "till")
            assert said.code == 0, said
    return terminal


def place(*more: str, quantity: object = 1) -> tuple[str, ...]:
    """The command that places an order by its fields."""
    lines = json.dumps([{"sku": "MUG", "quantity": quantity, "unit_price": json.loads(PRICE)}])
    fields = ("--channel", "web", "--currency", "EUR", "--lines", lines, "--ship-to", '{"country": "DE"}')
    return ("orders", "place", *fields, "--merchant", "till", *more)


def saved(folder: Path, content: Any) -> str:
    """A file that holds it."""
    path = folder / "commands.json"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return str(path)


def test_an_order_is_placed_by_its_fields(till: Terminal) -> None:
    said = till(*place("--json"))
    assert said.code == 0
    assert int(said.json["outcome"]["number"]) > 1000
    assert "number" in till(*place()).out


def test_orders_are_placed_from_a_file(till: Terminal, tmp_path: Path) -> None:
    said = till("orders", "place", "--file", saved(tmp_path, order()), "--merchant", "till", "--json")
    assert (said.code, set(said.json)) == (0, {"outcome"})
    many = saved(tmp_path, [order(), order(2)])
    said = till("orders", "place", "--file", many, "--merchant", "till", "--json")
    assert (said.code, len(said.json)) == (0, 2)


def test_a_dash_is_standard_input(till: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(order()).encode())))
    assert till("orders", "place", "--file", "-", "--merchant", "till").code == 0


def test_a_dry_run_writes_nothing_and_says_so(till: Terminal) -> None:
    before = till("orders", "list", "--merchant", "till", "--limit", "200", "--json").json
    said = till(*place("--dry-run"))
    assert said.code == 0
    assert "nothing was written" in said.err
    plan = till(*place("--dry-run", "--json")).json["plan"]
    assert plan["postings"] and plan["event"]["kind"] == "order_placed"
    assert till("orders", "list", "--merchant", "till", "--limit", "200", "--json").json == before


def test_the_same_key_has_one_effect(till: Terminal) -> None:
    first, again = (till(*place("--key", "k-1", "--json")).json for _ in range(2))
    assert first == again
    assert "used before with another payload" in till.refused(*place("--key", "k-1", quantity=2))
    kept = [
        "unmatched-returns", "keep", "--merchant", "till", "--channel", "web", "--key", "C9999-1", "--reference", "C9999", "--sku", "MUG",
        "--quantity", "1", "--reason", "no_order", "--amount", '{"amount": "1.00", "currency": "EUR"}', "--occurred-at",
        "2026-11-20T09:00:00Z",
        "--idempotency-key", "k-2", "--json",
    ]  # fmt: skip
    first, again = (till(*kept).json for _ in range(2))
    assert first == again and first["outcome"]["key"] == "C9999-1", (
        "where a command has a field of that name, it is the field"
    )


def test_a_refusal_ends_with_one_and_its_sentence(till: Terminal) -> None:
    assert "9999" in till.refused("orders", "hold", "--order", "9999", "--merchant", "till")
    said = till("orders", "hold", "--order", "9999", "--merchant", "till", "--json")
    assert (said.code, said.json["problem"]["type"]) == (1, "/problems/unknown_order")


def test_in_a_file_the_refused_commands_are_counted_out(till: Terminal, tmp_path: Path) -> None:
    mixed = saved(tmp_path, [order(), order(sku="NOPE"), order()])
    said = till("orders", "place", "--file", mixed, "--merchant", "till", "--json")
    assert said.code == 1
    assert [list(result) for result in said.json] == [["outcome"], ["problem"], ["outcome"]]
    assert "2: " in till("orders", "place", "--file", mixed, "--merchant", "till").err


@pytest.mark.parametrize("quantity", [0, -1, 1.5, 10**12, "3"])
def test_a_wrong_quantity_is_named_with_what_is_allowed(till: Terminal, quantity: object) -> None:
    said = till.refused(*place(quantity=quantity))
    assert "/lines/0/quantity: must be a whole number from 1 to 100,000,000" in said
    assert "nothing was done" in said


def test_a_malformed_command_of_a_file_is_counted_out_and_none_is_run(till: Terminal, tmp_path: Path) -> None:
    before = till("orders", "list", "--merchant", "till", "--limit", "200", "--json").json
    wrong = saved(tmp_path, [order(), order(0, colour="red")])
    said = till.refused("orders", "place", "--file", wrong, "--merchant", "till")
    assert "Command 2 of 2 does not fit, nothing was done" in said
    assert "/colour: there is no such field" in said and "/lines/0/quantity: must be" in said
    assert till("orders", "list", "--merchant", "till", "--limit", "200", "--json").json == before


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"{", "is not valid JSON"),
        (b"\xff", "is not valid JSON"),
        (b"", "is not valid JSON"),
        (b"[" * 5_000, "nested too deeply"),
        (b'"\\ud800"', "is not valid JSON"),
        (b"[]", "no command"),
        (b"7", "must be an object with"),
    ],
)
def test_a_file_that_holds_no_commands_is_told_so(till: Terminal, tmp_path: Path, content: bytes, words: str) -> None:
    said = till.refused("orders", "place", "--file", saved(tmp_path, content), "--merchant", "till")
    assert words in said


def test_a_file_that_is_not_there_is_told_so(till: Terminal, tmp_path: Path) -> None:
    missing = str(tmp_path / "nothing.json")
    assert missing in till.refused("orders", "place", "--file", missing, "--merchant", "till")
    assert str(tmp_path) in till.refused("orders", "place", "--file", str(tmp_path), "--merchant", "till")


def test_values_from_a_terminal_may_be_strange(till: Terminal) -> None:
    for value in ("a\nb", "", "\x07", "[" * 5_000):
        said = till.refused("orders", "hold", "--order", value, "--merchant", "till")
        assert "/order: must be" in said
    for field in ("--order", "--note"):
        said = till.refused("orders", "hold", field, "\udcff", "--merchant", "till")
        assert f"{field} must be text that is UTF-8" in said


def test_wrong_usage_ends_with_two(terminal: Terminal) -> None:
    for arguments in (("nonsense",), ("orders", "place", "--dry-run=maybe"), ("audit", "--nonsense")):
        assert terminal(*arguments).code == 2, arguments


def test_an_unknown_field_names_the_known_ones(till: Terminal) -> None:
    said = till("orders", "hold", "--oder", "1001", "--merchant", "till")
    assert said.code in (1, 2)
    assert "--order" in said.err


def test_a_yes_needs_no_value(till: Terminal) -> None:
    fields = ("--country", "DE", "--code", "VAT", "--rate", "19", "--valid-from", "2026-01-01", "--merchant", "till")
    assert till("tax-rates", "save", "--included", *fields).code == 0
    assert till("tax-rates", "save", "--compound", "false", *fields, "--included").code == 0
    said = till("tax-rates", "list", "--country", "DE", "--merchant", "till", "--json").json["items"][0]
    assert (said["included"], said["compound"], said["version"]) == (True, False, 2)


def test_what_was_done_reads_like_what_is_asked(till: Terminal) -> None:
    number = till(*place("--json", quantity=2)).json["outcome"]["number"]
    fewer = ("--order", number, "--reason", "customer_request", "--quantities", '[{"line": 1, "quantity": 1}]')
    told = " ".join(till("orders", "edit", *fewer, "--dry-run", "--merchant", "till").out.split())
    assert "line 1, before 2, after 1" in told
    assert not [raw for raw in ("{", "null", "[]", "sku_id", "false") if raw in told]
    till("edits", "begin", *fewer, "--merchant", "till")
    assert "difference -9.99 EUR" in " ".join(till("edits", "list", "--merchant", "till").out.split())


def test_a_pick_list_reads_like_one(capsys: pytest.CaptureFixture[str]) -> None:
    """The facts of its head one in a line, each task a row."""
    task = TaskView(
        "WV7-L1-T1", 1, "MUG", "Mug", None, "none", "", "A-01", "1042-F1", "1042", 1, 2, 5, 0, 0, 5, 0, False
    )  # fmt: skip
    moment = datetime(2026, 11, 23, tzinfo=UTC)
    wave = WaveHead(
        "WV7", UUID(int=7), None, "HAM", "batch", "released", 1, moment, None, None, None, 1, 1, 5, 0, 0, 5, 0, 0
    )
    head = ListHead("WV7-L1", 1, None, None, None, None, None, 1, 5, 0, 0, 5, 0)
    show(PickListView, PickListView(wave, head, ["1042-F1"], [StopView("A-01", "A", 0, 0, [task])], None))
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["wave", "WV7", "HAM", "batch", "released"] in lines and ["list", "WV7-L1"] in lines
    assert ["WV7-L1-T1", "A-01", "MUG", "Mug", "1042-F1", "2", "5", "0", "0", "5"] in lines
    assert lines[-2][:6] == ["task", "bin", "sku", "name", "fulfillment", "order"], (
        "a column that says nothing is left out"
    )


def test_a_long_value_of_a_setting_is_told_whole(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    home = f"/{'a' * 90}"
    monkeypatch.setenv("LADING_HOME", home)
    assert home in terminal("config").out


def test_a_field_without_a_value_is_told(till: Terminal) -> None:
    assert "--order needs a value" in till.refused("orders", "hold", "--merchant", "till", "--order")


def test_the_merchant_must_be_known_and_chosen(till: Terminal) -> None:
    assert "till" in till.refused("orders", "list", "--merchant", "nobody")
    till("merchants", "create", "second")
    assert "--merchant" in till.refused("orders", "hold", "--order", "1001")


@pytest.mark.parametrize(
    "arguments",
    [
        ("merchants", "create", "till"),
        ("merchants", "create", "No Slug"),
        ("merchants", "create", "a\x00b"),
        ("merchants", "create", "a-b", "--currency", "euro"),
        ("merchants", "create", "a-c", "--currency", "XXQ"),
        ("merchants", "create", "a-d", "--time-zone", "Nowhere/City"),
        ("keys", "revoke", "nothere", "--merchant", "till"),
        ("keys", "create", "x", "--scope", "everything", "--merchant", "till"),
        ("keys", "create", "", "--merchant", "till"),
        ("keys", "create", "a\x00b", "--merchant", "till"),
    ],
)
def test_merchants_and_keys_refuse_nonsense(till: Terminal, arguments: tuple[str, ...]) -> None:
    assert till.refused(*arguments).endswith(".")


def test_a_key_is_made_with_scopes_and_revoked(till: Terminal) -> None:
    key = till("keys", "create", "reader", "--scope", "orders:read", "--merchant", "till", "--json").json["api_key"]
    assert till("keys", "revoke", key.split("_")[2], "--merchant", "till").code == 0


def test_a_login_wants_a_password_of_some_length(till: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("short\n"))
    assert "10 characters" in till.refused("logins", "create", "ada@example.com", "Ada", "--merchant", "till")


def test_every_verb_has_its_command_and_help(terminal: Terminal) -> None:
    for verb in list(verbs().values())[::6]:
        said = terminal(verb.noun, verb.verb, "--help")
        assert (said.code, verb.summary.split(".")[0][:40] in " ".join(said.out.split())) == (0, True), said
    assert "--parcel (required): 1042-F1, 1042-P1 or 1042-R1" in terminal("parcels", "ship", "--help").out


START = """
import sys
from lading.entrypoints.cli.main import build_for
for words in map(str.split, sys.argv[1:]):
    build_for(*words).parse_commands(words)
print(*sys.modules)
"""


def loaded_for(*commands: str) -> set[str]:
    """What is loaded before they run."""
    ran = subprocess.run([sys.executable, "-c", START, *commands], capture_output=True, text=True, check=True)
    return set(ran.stdout.split())


def test_a_command_starts_without_the_rooms_of_the_others() -> None:
    heavy = {"reportlab", "PIL", "holidays", "uvicorn", "ortools", "lading.entrypoints.api.openapi"}
    others = {"lading.operations.plan_waves", "lading.operations.edit_orders", "lading.entrypoints.printing.making"}
    doing, asking = loaded_for("stock-feeds load", "orders place", "keys list"), loaded_for("orders show")
    assert "lading.operations.place_orders" in doing and not doing & {*heavy, *others, "lading.views.orders"}
    assert "lading.views.order" in asking
    assert not asking & {*heavy, *others, "lading.operations.write", "lading.views.waves"}


def test_the_help_of_a_noun_loads_its_own_verbs_and_questions_only() -> None:
    loaded = loaded_for("transfers --help")
    assert {"lading.operations.ship_transfers", "lading.views.transfers"} <= loaded
    assert not loaded & {"lading.operations.place_orders", "lading.operations.plan_waves", "lading.views.waves"}


def test_one_command_and_one_noun_are_the_same_as_among_all() -> None:
    for noun in ("stock-feeds", "orders", "shortages"):
        group, itself = build()[noun], build_for(noun, "--help")[noun]
        names = [name for name in group if not name.startswith("-")]
        assert sorted(itself) == sorted(group) == sorted(build_for(noun, "nothing")[noun])
        for name in names:
            alone = build_for(noun, name)
            assert [each for each in alone[noun] if not each.startswith("-")] == [name]
            assert alone[noun][name].help == itself[name].help == group[name].help


def test_the_list_of_commands_names_every_noun_and_loads_none_of_them() -> None:
    listed = build_for("--help", "")
    assert set(listed) == set(build())
    assert all(listed[name].help for name in listed if not name.startswith("-"))
    assert not [name for name in listed["orders"] if not name.startswith("-")]


def test_the_merchant_of_the_settings_is_meant_where_a_command_names_none(
    till: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LADING_MERCHANT", "kiosk")
    assert "There is no merchant kiosk; there are: till" in till.refused("orders", "list")
    assert till("orders", "list", "--merchant", "till").code == 0


def test_a_database_that_is_not_there_is_a_sentence(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LADING_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    assert "lading doctor" in terminal.refused("merchants", "list")


def test_an_audit_of_a_database_without_a_schema_says_what_to_do(
    terminal: Terminal, server_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LADING_DATABASE_URL", with_database(server_dsn, "postgres"))
    assert "run `lading migrate`" in terminal.refused("audit")
