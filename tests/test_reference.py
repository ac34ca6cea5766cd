"""The reference pages say what the code says, and no link of the docs leads nowhere."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from lading.operations.registry import verbs
from lading.views.sentences import SENTENCES

CHECKOUT = Path(__file__).parents[1]
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
    assert {path.name for path in folder.glob("*.md")} == {*made, "glossary.md"}


def test_every_event_has_its_sentence() -> None:
    assert {verb.event for verb in verbs().values()} - SENTENCES.keys() == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(CHECKOUT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text()):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_decisions_are_numbered_without_a_gap() -> None:
    numbers = sorted(int(path.name[:4]) for path in CHECKOUT.glob("docs/adr/*.md"))
    assert numbers == list(range(1, len(numbers) + 1))
