"""The reference pages say what the code says, and no link of the docs leads nowhere."""

from __future__ import annotations

import importlib.util
import itertools
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import cyclopts
import msgspec
import pytest

from lading.entrypoints.api.reads import READS
from lading.entrypoints.cli.main import build
from lading.operations.registry import verbs
from lading.views.sentences import SENTENCES

CHECKOUT = Path(__file__).parents[1]
SUPPLY = {
    "allocations", "asns", "availability", "bins", "counts", "kits", "location-groups", "locations", "lots", "pools", "products",
    "promises", "purchase-orders", "reservations", "serials", "shortages", "stock", "stock-feeds", "substitutes", "transfers",
    "work-orders", "backorders", "replenishment",
}  # fmt: skip
"""Nouns of stock and what comes, of which every verb and question stands in a how-to page."""
OF_THE_WORKER = {"stock-feeds.apply", "stock-feeds.finish"}
"""Nobody else calls it."""
OF_ALL_VERBS = {"file", "dry-run", "key", "merchant", "json"}
SAMPLE = "".join(path.read_text() for path in (CHECKOUT / "src/lading/entrypoints/seed").glob("*.py"))
"""The merchant of a first start, on whom the pages are tried."""
PAGES = sorted([*CHECKOUT.glob("docs/**/*.md"), *CHECKOUT.glob("*.md"), *CHECKOUT.glob("benchmarks/*.md")])


def generator() -> ModuleType:
    """docs/generate.py, which is no part of the package."""
    spec = importlib.util.spec_from_file_location("generate_docs", CHECKOUT / "docs" / "generate.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_reference_is_current() -> None:
    made = generator().pages()
    folder = CHECKOUT / "docs" / "reference"
    stale = [name for name, text in made.items() if not (folder / name).exists() or (folder / name).read_text() != text]
    assert stale == [], "run: python docs/generate.py"
    assert {path.name for path in folder.glob("*.md")} | {"../adr/README.md"} == {*made, "glossary.md"}


def test_every_event_has_its_sentence() -> None:
    assert {verb.event for verb in verbs().values()} - SENTENCES.keys() == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(CHECKOUT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text()):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_decisions_are_numbered_without_a_gap() -> None:
    numbers = sorted(int(path.name[:4]) for path in CHECKOUT.glob("docs/adr/[0-9]*.md"))
    assert numbers == list(range(1, len(numbers) + 1))


def test_every_verb_and_question_of_stock_stands_in_a_how_to() -> None:
    told = "\n".join(page.read_text() for page in CHECKOUT.glob("docs/howto/*.md"))
    unsaid = [
        name for name, verb in verbs().items()
        if verb.noun in SUPPLY - {"products"} and name not in OF_THE_WORKER
        and not any(form in told for form in (f"{verb.noun} {verb.verb}", f"/v1/{verb.noun}/{verb.verb}"))
    ]  # fmt: skip
    for read in READS:
        parts = [part for part in read.path.removeprefix("/v1/").split("/") if not part.startswith("{")]
        if parts[0] in SUPPLY and not any(form in told for form in ("/".join(parts), " ".join(parts))):
            unsaid.append(read.path)
    assert unsaid == []


def commands(text: str) -> Iterator[list[str]]:
    """The `lading` commands of a page, in words: what is piped or said after them is left out."""
    lines = iter(text.replace("\\\n", " ").splitlines())
    for line in lines:
        if not re.match(" *lading [a-z-]+ [a-z-]+ --| +lading [a-z]", line) or "$(" in line:
            continue
        while True:
            try:
                words = shlex.split(line, comments=True)
                break
            except ValueError:  # A quotation goes on in the next line.
                line += " " + next(lines)
        ends = [words.index(word) for word in ("|", ">", ">>", "<", "&&") if word in words]
        yield words[1 : min(ends, default=None)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(CHECKOUT)))
def test_commands_are_such_as_the_command_line_takes(page: Path) -> None:
    app, known = build(), verbs()
    made = set(re.findall(r"(?:products save --sku|(?:locations|channels) save --code) (\S+)", page.read_text()))
    for words in commands(page.read_text()):
        try:
            app.parse_args(words, exit_on_error=False, print_error=False)
        except cyclopts.CycloptsError as error:
            pytest.fail(f"lading {shlex.join(words)}: {error}")
        if verb := known.get(".".join(words[:2])):
            fields = {field.encode_name.replace("_", "-") for field in msgspec.structs.fields(verb.command)}
            options = {word[2:].partition("=")[0] for word in words if word.startswith("--")}
            assert options <= fields | OF_ALL_VERBS, f"lading {shlex.join(words)}"
            for option, value in itertools.pairwise(words):
                code = value if option in ("--sku", "--location", "--to-location", "--channel") else ""
                assert code in ("", "...") or f'"{code}"' in SAMPLE or code in made, (
                    f"{shlex.join(words)}: {code} is not in the sample"
                )
            given = [word for word in words[2:] if word not in ("--json", "--dry-run", "...")]
            assert all(word.startswith("--") for word in given[::2] if "=" not in word), f"lading {shlex.join(words)}"
