"""Write docs/reference from the registrations, and the list of decisions: `python docs/generate.py`. A test holds them equal to this."""

from __future__ import annotations

import ast
import inspect
import json
import re
import types
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec

from lading import settings
from lading.catalog.policies import KINDS
from lading.entrypoints.api.questions import Read
from lading.entrypoints.api.reads import READS
from lading.entrypoints.cli.main import build
from lading.entrypoints.cli.reads import FEED, name_of
from lading.operations.execute import REUSED
from lading.operations.registry import Verb, verbs
from lading.orders.status import STAGES

FOLDER = Path(__file__).parent / "reference"
MADE = "<!-- Made by docs/generate.py from the code: change that, then run it again. -->\n"
INTROS = {
    "verbs": """# Verbs

Each takes one command, or `{"commands": [...]}` with up to 1,000, which gives one result each. `?dry_run=true` says
what would happen and writes nothing. An `Idempotency-Key` makes a retry safe. On the command line each is
`lading NOUN VERB`; its scope is what a key needs. [Refusals](refusals.md) and [events](events.md) have pages of their
own.
""",
    "questions": """# Questions

What can be read over HTTP and on the command line. Lists come in pages: `next` is the `after` of the next one. The
feed is `GET /v1/events` (with `wait` for a long poll) and `GET /v1/events/stream` (server-sent events).
""",
    "events": """# Events

Every accepted command that changes something appends one event. An event has a `position` (dense, in the order of
commits), an `event_id`, a `kind`, a `version` of its shape, a subject, `occurred_at` (in the world) and `recorded_at`
(ours), the `actor`, the `command_id` and `data`: ids and quantities, never anything about a person.
""",
    "refusals": """# Refusals

A refusal is an answer, not an error: the same command id gets it again. Over HTTP a single command gets 404 for names
that begin with `unknown_` and 409 for all others; in a batch each result has its own status. The words in braces are
facts, which the answer also gives by name.
""",
    "policies": """# Policies

The narrowest scope that says something wins: merchant < channel < location < SKU. Setting a value supersedes the one
before; an order keeps the number of the version that it was placed under. How to:
[set a policy](../howto/set-a-policy.md).
""",
    "settings": """# Settings

A `LADING_*` variable counts more than the line `name = value` of `LADING_HOME/lading.toml`, and that more than the
default. `lading config` shows every value and where it came from.
""",
    "decisions": """# Decisions

Why things are as they are, by number: each page says what was decided, in which situation, and what follows from it.
""",
    "stages": """# Stages

The queue that an order stands in: the least advanced of its units decides, so it stands in exactly one.
""",
}


COMMON_REFUSALS = [(REUSED.name, REUSED.message, "every verb")]


def pages() -> dict[str, str]:
    """Name of file -> its text."""
    made = {
        "verbs.md": verbs_page(),
        "questions.md": questions_page(),
        "events.md": events_page(),
        "refusals.md": refusals_page(),
        "policies.md": policies_page(),
        "settings.md": settings_page(),
        "stages.md": stages_page(),
        "cli.md": cli_page(),
        "../adr/README.md": decisions_page(),
    }
    return {name: MADE + "\n" + text.rstrip() + "\n" for name, text in made.items()}


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table."""
    names = list(head)
    lines = [names, ["---"] * len(names), *(list(row) for row in rows)]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"


def verbs_page() -> str:
    """Everything that changes something."""
    parts = [f"- {link(verb)}: {verb.summary}" for verb in verbs().values()]
    return "\n".join([INTROS["verbs"], *parts, *(verb_section(verb) for verb in verbs().values())])


def link(verb: Verb) -> str:
    """To its section."""
    return f"[{verb.name}](verbs.md#{verb.name.replace('.', '')})"


def verb_section(verb: Verb) -> str:
    """One verb with its fields."""
    example = json.dumps(dict(verb.example), indent=2, ensure_ascii=False)
    undone = f" Undone by `{verb.inverse}`." if verb.inverse else ""
    refusals = ", ".join(f"[{name}](refusals.md#{name})" for name, _ in verb.refusals) or "none of its own"
    return (
        f"\n## {verb.name}\n\n{verb.summary}{undone}\n\n"
        f"`POST {verb.route}` · `lading {verb.noun} {verb.verb}` · scope `{verb.scope}` · event `{verb.event}`\n\n"
        f"{sentence(verb.command)}\n\n{fields_table(verb.command)}{inner_tables(verb.command)}\n"
        f"Answer: {sentence(verb.outcome)}\n\n{fields_table(verb.outcome, given=False)}\n"
        f"Refusals, in this order: {refusals}.\n\n```json\n{example}\n```\n"
    )


def questions_page() -> str:
    """Everything that is asked."""
    return "\n".join([INTROS["questions"], *(question_section(read) for read in (*READS, FEED))])


def question_section(read: Read) -> str:
    """One question with its parameters."""
    noun = read.path.split("/")[2]
    told = (
        f"\n## {read.method} {read.path}\n\n{read.summary}\n\n`lading {noun} {name_of(read)}` · scope `{read.scope}`\n"
    )
    return told + (f"\n{fields_table(read.query)}" if msgspec.structs.fields(read.query) else "")


def events_page() -> str:
    """What the journal holds."""
    by_kind: dict[str, list[Verb]] = {}
    for verb in verbs().values():
        by_kind.setdefault(verb.event, []).append(verb)
    rows = (
        (f"`{kind}`", ", ".join(link(verb) for verb in some), some[0].summary) for kind, some in sorted(by_kind.items())
    )
    return INTROS["events"] + "\n" + table(("event", "appended by", "when"), rows)


def refusals_page() -> str:
    """Everything that can be refused."""
    found: dict[str, dict[str, list[str]]] = {name: {text: [who]} for name, text, who in COMMON_REFUSALS}
    for verb in verbs().values():
        for name, text in verb.refusals:
            many = re.sub(r"\{\w+:[^|}]*\|([^}]*)\}", r"\1", text)
            found.setdefault(name, {}).setdefault(many, []).append(link(verb))
    parts = [INTROS["refusals"]]
    for name, texts in sorted(found.items()):
        told = "\n".join(f"> {text}\n>\n> {', '.join(who)}\n" for text, who in texts.items())
        parts.append(f"\n## {name}\n\n{told}")
    return "\n".join(parts)


def policies_page() -> str:
    """What a merchant may choose."""
    rows = (
        (f"`{kind.name}`", kind_of(kind.type), shown(kind.default), " < ".join(kind.scopes), kind.meaning)
        for kind in KINDS.values()
    )
    return INTROS["policies"] + "\n" + table(("policy", "type", "default", "scopes", "meaning"), rows)


def settings_page() -> str:
    """What an installation may choose."""
    meanings = field_meanings(settings.Settings)
    rows = []
    for name in settings.FIELDS:
        field = next(each for each in msgspec.structs.fields(settings.Settings) if each.name == name)
        default = {"home": "the user's data folder; for root `/var/lib/lading`", "web_processes": "2, or 1 on one core"}
        shown_default = default.get(name) or (shown(field.default) if not field.required else "")
        rows.append((f"`{name}`", f"`LADING_{name.upper()}`", kind_of(field.type), shown_default, meanings[name]))
    return INTROS["settings"] + "\n" + table(("setting", "variable", "type", "default", "meaning"), rows)


def decisions_page() -> str:
    """The title of each is what was decided."""
    lines = [INTROS["decisions"]]
    for file in sorted((FOLDER.parent / "adr").glob("[0-9]*.md")):
        title = file.read_text().partition("\n")[0].removeprefix("# ")
        lines.append(f"{int(file.name[:4])}. [{title}]({file.name})")
    return "\n".join(lines)


def stages_page() -> str:
    """The queues."""
    rows = ((f"`{name}`", meaning) for name, meaning in STAGES.items())
    return INTROS["stages"] + "\n" + table(("stage", "meaning"), rows)


def cli_page() -> str:
    """The command line, as it describes itself."""
    text = build().generate_docs(output_format="markdown")
    # Under `python -m NAME` the usage lines repeat that; the page is the same however it is made.
    return re.sub(r"(?m)^(lading .*?) -m \S+", r"\1", text).replace("# lading\n", "# The command line\n", 1)


def fields_table(kind: type[msgspec.Struct], *, given: bool = True) -> str:
    """The fields of a struct; where we are the ones who give them, none is said to be required."""
    meanings = field_meanings(kind)
    rows = []
    for field in msgspec.structs.fields(kind):
        told = [meanings.get(field.name, ""), *descriptions(field.type)]
        words = ". ".join(dict.fromkeys(part.rstrip(".") for part in told if part))
        required = ["yes" if field.required else ""] if given else []
        rows.append([f"`{field.encode_name}`", kind_of(field.type), *required, words])
    return table(("field", "type", *(["required"] if given else []), "meaning"), rows) if rows else ""


def inner_tables(kind: type[msgspec.Struct]) -> str:
    """The structs that a command is made of."""
    told = ""
    for inner in structs_in(kind):
        told += f"\n*{inner.__name__}*: {sentence(inner)}\n\n{fields_table(inner)}"
    return told


def structs_in(kind: type[msgspec.Struct]) -> list[type[msgspec.Struct]]:
    """All structs below one, in the order of their fields; money speaks for itself."""
    found: dict[type[msgspec.Struct], None] = {}
    for field in msgspec.structs.fields(kind):
        for inner in _structs(field.type):
            if inner.__name__ not in ("Money", "UnitPrice"):
                found |= dict.fromkeys([inner, *structs_in(inner)])
    return list(found)


def _structs(kind: Any) -> Iterator[type[msgspec.Struct]]:
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        yield kind
    for part in get_args(kind):
        yield from _structs(part)


def kind_of(kind: Any) -> str:
    """The type as people read it."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return kind_of(arguments[0])
    if origin is Literal:
        return ", ".join(f"`{each}`" for each in arguments)
    if origin in (Union, types.UnionType):
        return " or ".join(kind_of(each) for each in arguments if each not in (type(None), msgspec.UnsetType))
    if origin in (list, tuple):
        return f"list of {kind_of(arguments[0])}"
    if origin is dict:
        return f"{kind_of(arguments[0])} to {kind_of(arguments[1])}"
    plain = {
        "str": "text",
        "int": "integer",
        "bool": "true or false",
        "Any": "anything",
        "Path": "path",
        "UUID": "UUID",
    }
    name = getattr(kind, "__name__", str(kind))
    return {"datetime": "time", **plain}.get(name, name)


def descriptions(kind: Any) -> Iterator[str]:
    """What the types say of themselves."""
    for part in get_args(kind):
        if isinstance(part, msgspec.Meta):
            if part.description:
                yield part.description
        else:
            yield from descriptions(part)


def shown(value: Any) -> str:
    """A default as people read it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else str(value)


def sentence(kind: type) -> str:
    """The docstring in one paragraph."""
    return " ".join((inspect.getdoc(kind) or "").split())


@cache
def field_meanings(kind: type) -> dict[str, str]:
    """The docstring below each field, those of its bases included."""
    found: dict[str, str] = {}
    for base in reversed(kind.__mro__):
        if base.__module__.startswith("lading"):
            found |= dict(_documented(base))
    return found


def _documented(kind: type) -> Iterator[tuple[str, str]]:
    tree = ast.parse(inspect.getsource(kind))
    assert isinstance(tree.body[0], ast.ClassDef)
    for field, after in pairwise(tree.body[0].body):
        match field, after:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                yield name, " ".join(text.split())


def main() -> None:
    """Write all pages."""
    FOLDER.mkdir(exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
        print(FOLDER / name)


if __name__ == "__main__":
    main()
