"""The repository lints itself: what no linter asks for, and what keeps it readable."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import msgspec
import pytest

from lading.catalog.policies import KINDS
from lading.database.queries import load
from lading.operations.registry import verbs
from lading.settings import Settings

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "lading"
MODULES = sorted(SOURCE.rglob("*.py"))
STATEMENTS = sorted(SOURCE.rglob("queries.sql"))

STYLES = SOURCE / "entrypoints" / "console" / "static" / "console.css"

BANNED = re.compile(r"\b(TODO|FIXME|XXX|HACK|canceled)\b")
FOREIGN_WIRES = ("adapters/",)
"""Where the spelling of others may stand."""

STARTED_BY_NAME = {
    "lading.__main__": "python -m lading",
    "lading.entrypoints.web": "named in app.Parts",
    "lading.entrypoints.first_run": "named in app.Parts",
    "lading.entrypoints.worker.main": "named in app.Parts",
    "lading.entrypoints.console.messages": "python -m, by whoever changes a text",
}
"""Modules that nothing imports, and who starts them."""

FLOATS_ALLOWED = ("_seconds", "_SECONDS", "_ms", "ratio", "share", "timeout", "deadline", "at")
MONEY_WORDS = re.compile(r"(amount|price|minor|money|quantity|units|charge|total)", re.IGNORECASE)


def dotted(path: Path) -> str:
    """The module's name."""
    parts = path.relative_to(ROOT / "src").with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def imported(path: Path) -> Iterator[str]:
    """Everything that the module imports, and what it names in strings ('package.module:function')."""
    package = dotted(path)
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or package
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("lading."):
            yield node.value.partition(":")[0]


def test_every_module_is_used() -> None:
    used = {name for path in MODULES for name in imported(path)} | set(STARTED_BY_NAME)
    operations = {f"lading.operations.{path.stem}" for path in (SOURCE / "operations").glob("*.py")}
    with_verb = {type_module for type_module in operations if "\nVERB = Verb(" in source_of(type_module)}
    packages = {dotted(path) for path in MODULES if path.name == "__init__.py"}
    assert {dotted(path) for path in MODULES} - used - with_verb - packages == set()


def source_of(module: str) -> str:
    path = ROOT / "src" / Path(*module.split("."))
    file = path.with_suffix(".py")
    return file.read_text() if file.exists() else ""


@pytest.mark.parametrize("path", [*MODULES, *STATEMENTS], ids=relative)
def test_nothing_is_left_for_later(path: Path) -> None:
    if not relative(path).startswith(tuple(f"src/lading/{place}" for place in FOREIGN_WIRES)):
        assert BANNED.findall(path.read_text()) == []


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_money_and_quantities_are_never_floats(path: Path) -> None:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.AnnAssign | ast.arg) and node.annotation is not None:
            name = node.arg if isinstance(node, ast.arg) else ast.unparse(node.target)
            if "float" in ast.unparse(node.annotation):
                assert not MONEY_WORDS.search(name) or name.endswith(FLOATS_ALLOWED), f"line {node.lineno}: {name}"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float":
            assert not MONEY_WORDS.search(ast.unparse(node)), f"line {node.lineno}: {ast.unparse(node)}"


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_every_module_says_what_it_is_for(path: Path) -> None:
    assert not path.read_text().strip() or ast.get_docstring(tree(path))


@cache
def names_used() -> set[str]:
    """What any module may take a statement by: sql.name, "name", or the beginning of a family, f"name_{"."""
    found = re.compile(r"""sql\.(\w+)|["'](\w+)["']|f"([a-z]+_\{)""")
    return {name for path in MODULES for names in found.findall(path.read_text()) for name in names if name}


@pytest.mark.parametrize("path", STATEMENTS, ids=relative)
def test_every_statement_has_a_sentence_and_is_used(path: Path) -> None:
    text, queries = path.read_text(), load(str(path.with_name("any.py")))
    for name, _ in queries:
        comment = text.partition(f"-- name: {name}\n")[2].partition("\n")[0]
        assert comment.startswith("-- ") and (comment[3].isupper() or comment[3].isdigit()), f"{name} has no sentence"
        assert {name, f"{name.partition('_')[0]}_{{"} & names_used(), f"{name} is not used"


@pytest.mark.parametrize("name", verbs())
def test_every_verb_brings_an_example_that_it_understands(name: str) -> None:
    verb = verbs()[name]
    command = msgspec.convert(dict(verb.example), verb.command)
    assert isinstance(command, verb.command)
    assert verb.summary.endswith(".") and verb.command.__doc__ and verb.outcome.__doc__
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", verb.event), "the past tense of a command, in snake_case"
    assert re.fullmatch(r"[a-z-]+:(read|write)", verb.scope)
    assert verb.inverse in ("", *verbs())
    names = [kind for kind, _ in verb.refusals]
    assert len(set(names)) == len(names)
    for kind, sentence in verb.refusals:
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", kind) and sentence.endswith("."), kind
        assert not re.search(r"\{\w+\} (units|lines of|kits|days)\b", sentence), f"{kind}: say {{n:unit|units}}"


def test_each_verb_stands_in_the_file_of_its_name() -> None:
    files = {path.stem for path in (SOURCE / "operations").glob("*.py") if "\nVERB = Verb(" in path.read_text()}
    assert files == {f"{verb.verb}_{verb.noun}".replace("-", "_") for verb in verbs().values()}


@pytest.mark.parametrize("path", sorted(SOURCE.glob("*/rules.py")), ids=relative)
def test_rules_are_pure(path: Path) -> None:
    """No I/O, no clock, no randomness: none of the modules that bring them is imported."""
    impure = {"asyncio", "asyncpg", "random", "secrets", "time", "os", "pathlib", "socket", "lading.database"}
    names = set(imported(path))
    assert not {name for name in names if name.split(".")[0] in impure or ".".join(name.split(".")[:2]) in impure}
    assert not re.search(r"\b(now|today|utcnow|uuid4|new_id)\(", path.read_text())


def test_nothing_reads_the_environment_but_settings() -> None:
    readers = {relative(path) for path in MODULES if re.search(r"os\.(environ|getenv)", path.read_text())}
    assert readers <= {
        "src/lading/settings.py",
        "src/lading/database/embedded.py",
        "src/lading/supervisor.py",
        "src/lading/entrypoints/cli/doctor.py",
    }, readers


def test_files_stay_small() -> None:
    """A file past ~500 lines wants to be two."""
    long = {relative(path): len(path.read_text().splitlines()) for path in MODULES}
    assert {path: lines for path, lines in long.items() if lines > 600} == {}


def test_styles_close_what_they_open() -> None:
    """A brace that is missing puts all that comes after it under a condition, and no browser complains."""
    depth = 0
    for number, line in enumerate(STYLES.read_text(encoding="utf-8").splitlines(), 1):
        assert depth == 0 or not line.startswith("/*"), f"line {number}: a part begins inside another one"
        depth += line.count("{") - line.count("}")
        assert 0 <= depth <= 1, f"line {number}: opened or closed twice"
    assert depth == 0


def test_every_setting_policy_and_refusal_is_used() -> None:
    texts = {path: path.read_text() for path in [*SOURCE.rglob("*.py"), *SOURCE.rglob("*.html")]}
    words = Counter(word for text in texts.values() for word in re.findall(r"\w+", text))
    elsewhere = words - Counter(re.findall(r"\w+", texts[SOURCE / "settings.py"]))
    assert [name for name in Settings.__struct_fields__ if not elsewhere[name]] == []
    elsewhere = words - Counter(re.findall(r"\w+", texts[SOURCE / "catalog" / "policies.py"]))
    assert [name for name in KINDS if not elsewhere[name]] == []
    named = (
        name
        for path, text in texts.items()
        if path.suffix == ".py"
        for name in re.findall(r'^([A-Z_]+) = \(\s*"', text, re.M)
    )
    assert [name for name in named if words[name] < 2] == []
