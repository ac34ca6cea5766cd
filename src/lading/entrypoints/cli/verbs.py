"""`lading NOUN VERB`: every verb from its registration, fields as options, or a file of commands."""

from __future__ import annotations

import json as json_module
import sys
from pathlib import Path
from typing import Annotated, Any

import msgspec
from cyclopts import Parameter
from rich.console import Console
from rich.table import Table

from lading.access.store import Caller
from lading.database.pool import Database
from lading.entrypoints.api.problems import Problem, malformed
from lading.entrypoints.api.verbs import answer_problem, plan, refusal_problem
from lading.entrypoints.cli.access import MerchantSlug, choose_merchant, with_database
from lading.entrypoints.cli.groups import Groups, group, told
from lading.entrypoints.cli.showing import cell, output
from lading.entrypoints.service import Service, command_id, envelope
from lading.entrypoints.taxing import TaxAccounts
from lading.kernel.ids import named_id
from lading.kernel.outcomes import Refusal
from lading.kernel.trouble import Trouble
from lading.operations.registry import Verb
from lading.settings import load_settings

_encode = msgspec.json.Encoder(decimal_format="string", enc_hook=str).encode


def add(groups: Groups, verb: Verb) -> None:
    """Put it under its noun."""
    group(groups, verb.noun).command(_command(verb), name=verb.verb, help=_help(verb))


def _help(verb: Verb) -> str:
    fields = "\n".join(
        f"- --{field.encode_name.replace('_', '-')}{' (required)' if field.required else ''}: {'; '.join(told(field.type))}".rstrip(
            ": "
        )
        for field in msgspec.structs.fields(verb.command)
    )
    example = json_module.dumps(verb.example)
    return (
        f"{verb.summary}\n\nFields; lists and objects are written as JSON:\n\n{fields}\n\nExample command: `{example}`"
    )


def _command(verb: Verb) -> Any:
    def run(
        *fields: Annotated[str, Parameter(allow_leading_hyphen=True, help="--FIELD VALUE, as often as needed")],
        file: Annotated[
            Path | None,
            Parameter(
                allow_leading_hyphen=True, help="A JSON file with one command or a list of them; - is standard input."
            ),
        ] = None,
        dry_run: Annotated[bool, Parameter(negative="", help="Say what would happen; write nothing.")] = False,
        key: str | None = None,
        merchant: MerchantSlug = None,
        json: Annotated[bool, Parameter(negative="", help="Print JSON for programs.")] = False,
    ) -> int:
        raws = _from_file(file) if file else [_from_options(verb, fields)]
        results = with_database(lambda database: _run(database, verb, raws, merchant, key, dry_run))
        _show(verb, results, json)
        return 0 if all("problem" not in result for result in results) else 1

    own = any(field.encode_name == "key" for field in msgspec.structs.fields(verb.command))
    names = ["--idempotency-key"] if own else ["--key", "--idempotency-key"]
    help_ = "Idempotency key: the same again has no second effect."
    run.__annotations__["key"] = Annotated[str | None, Parameter(name=names, help=help_)]
    return run


def _from_file(file: Path) -> list[Any]:
    text = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    try:
        raw = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Trouble(f"{file} is not valid JSON: {error}.") from None
    except RecursionError:
        raise Trouble(f"{file} is nested too deeply.") from None
    if raw == []:
        raise Trouble(f"There is no command in {file}: its list is empty.")
    return raw if isinstance(raw, list) else [raw]


def _from_options(verb: Verb, tokens: tuple[str, ...]) -> dict[str, Any]:
    """--field value pairs, and --field alone where it is a yes; what the field's type takes as JSON is parsed."""
    known = {field.encode_name: field for field in msgspec.structs.fields(verb.command)}
    raw: dict[str, Any] = {}
    rest = list(tokens)
    while rest:
        token = rest.pop(0)
        name, joined, value = token.removeprefix("--").partition("=")
        name = name.replace("-", "_")
        if not token.startswith("--") or name not in known:
            wanted = ", ".join(f"--{each.replace('_', '-')}" for each in known)
            raise Trouble(f"{verb.noun} {verb.verb} has no option {token}; it has {wanted}.")
        if not joined and _is_yes_or_no(known[name].type) and (not rest or rest[0].startswith("--")):
            value = "true"
        elif not joined:
            if not rest:
                raise Trouble(f"{token} needs a value.")
            value = rest.pop(0)
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise Trouble(f"{token} must be text that is UTF-8, not {value!a}.")
        raw[name] = _value(value, known[name].type)
    return raw


def _value(text: str, kind: Any) -> Any:
    """Text stays text where the field takes it; where the field takes anything, what looks like JSON is JSON."""
    for candidate in (_parsed(text), text) if kind is Any else (text, _parsed(text)):
        try:
            msgspec.convert(candidate, kind)
        except msgspec.ValidationError:
            continue
        return candidate
    return _parsed(text)


def _is_yes_or_no(kind: Any) -> bool:
    return kind is not Any and _value("true", kind) is True


def _parsed(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return text


async def _run(
    database: Database, verb: Verb, raws: list[Any], slug: str | None, key: str | None, dry_run: bool
) -> list[dict[str, Any]]:
    merchant = await choose_merchant(database, slug)
    caller = Caller(merchant.id, named_id(merchant.id, "cli"), "cli:local", "command line", frozenset("*"))
    works = []
    for index, raw in enumerate(raws):
        try:
            works.append(
                envelope(
                    caller, verb, raw, command_id(caller, verb, key, index if len(raws) > 1 else None) if key else None
                )
            )
        except msgspec.ValidationError as error:
            where = f" {index + 1} of {len(raws)}" if len(raws) > 1 else ""
            raise Trouble(
                f"Command{where} does not fit, nothing was done:\n{_told(malformed(verb.command, raw, str(error)))}"
            ) from None
    service = Service(database, TaxAccounts(database, load_settings().tax_accounts).ask)
    if dry_run:
        decisions = await service.preview(caller, verb, works)
        return [
            {"problem": refusal_problem(each.outcome)} if isinstance(each.outcome, Refusal) else {"plan": plan(each)}
            for each in decisions
        ]
    answers = await service.run(caller, verb, works)
    return [
        {"outcome": msgspec.Raw(each.body)} if each.accepted else {"problem": answer_problem(each)} for each in answers
    ]


def _told(problem: Problem) -> str:
    return "\n".join(f"  {error.pointer or '/'}: {error.detail}" for error in problem.errors) or problem.detail


def _show(verb: Verb, results: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        print(_encode(results[0] if len(results) == 1 else results).decode())
        return
    errors = Console(stderr=True)
    done = [msgspec.json.decode(_encode(result)) for result in results]
    accepted = [result.get("outcome") or result["plan"]["outcome"] for result in done if "problem" not in result]
    if accepted:
        table = Table(*[field.encode_name for field in msgspec.structs.fields(verb.outcome)], box=None, pad_edge=False)
        for outcome in accepted:
            table.add_row(*(cell(value) for value in outcome.values()))
        output().print(table)
    if any("plan" in result for result in done):
        errors.print("This is what would happen; nothing was written. --json shows postings, money and documents.")
    for number, result in enumerate(done, 1):
        if "problem" in result:
            prefix = f"{number}: " if len(done) > 1 else ""
            errors.print(
                f"{prefix}{result['problem']['detail']}",
                style="bold red",
                markup=False,
                highlight=False,
                soft_wrap=True,
            )
