"""The registration of a verb, and the list of all verbs.

Each operation file ends in one declaration, `VERB = Verb(...)`. Routes, batch form, dry run, CLI, permission, OpenAPI and the
reference page are made from it. The files are found, not listed: a new verb needs no edit anywhere else.
"""

import importlib
import pkgutil
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from msgspec import Struct

from lading.database.pool import Transaction
from lading.journal.types import Decision, Envelope
from lading.operations.asking_taxes import Asked


@dataclass(slots=True, frozen=True)
class Batch:
    """What prefetch is told of the batch."""

    envelopes: Sequence[Envelope[Any]]
    lock: bool
    """False in a dry run: the same reads without locks."""
    attempt: int
    """0 at first; above that the batch is run again after a lost race, and prefetch looks more closely."""
    numbers: Sequence[int]
    """Order numbers drawn ahead, one per command, where the verb asked for them."""
    now: datetime
    asked: Asked = field(default_factory=Asked)
    """What services of taxes were asked before, and answered."""

    @property
    def commands(self) -> list[Any]:
        """The commands in order of arrival."""
        return [envelope.command for envelope in self.envelopes]


RefusalKind = tuple[str, str]
"""(name, sentence with {holes} for facts). Names that start with `unknown_` answer 404 for a single command."""


@dataclass(slots=True, frozen=True)
class Verb:
    """One thing that can be done, to lists of commands."""

    noun: str
    verb: str
    summary: str
    command: type[Struct]
    outcome: type[Struct]
    refusals: Sequence[RefusalKind]
    """In order of precedence."""
    scope: str
    """What a key or a person needs to be allowed."""
    event: str
    """The kind of event that an accepted command appends."""
    example: Mapping[str, Any]
    prefetch: Callable[[Transaction, Batch], Awaitable[Any]]
    decide: Callable[[Any, Batch], list[Decision]]
    creates: bool = False
    """A single accepted command answers 201."""
    draws_numbers: bool = False
    path: str = ""
    """Another route than /v1/{noun}/{verb}."""
    inverse: str = ""
    """The verb (noun.verb) that undoes it, where there is one."""

    @property
    def name(self) -> str:
        """orders.place"""
        return f"{self.noun}.{self.verb}"

    @property
    def route(self) -> str:
        """The path of the HTTP API."""
        return self.path or f"/v1/{self.noun}/{self.verb}"


def lines_of(command: Any) -> int:
    """How much of a batch a command takes up: its lines, or one."""
    return len(getattr(command, "lines", None) or ()) or 1


class Verbs(Mapping[str, Verb]):
    """All verbs by name: orders.place stands in place_orders, and only the files of what is asked for are loaded."""

    def __init__(self) -> None:
        import lading.operations as package

        self._package = package.__name__
        self._files = {module.name for module in pkgutil.iter_modules(package.__path__)}
        self._found: dict[str, Verb] = {}
        self._all: Mapping[str, Verb] | None = None

    def __getitem__(self, name: str) -> Verb:
        if name not in self._found:
            noun, _, verb = name.partition(".")
            self._load(f"{verb}_{noun}".replace("-", "_"))
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._everything())

    def __len__(self) -> int:
        return len(self._everything())

    def of(self, noun: str) -> list[Verb]:
        """Its verbs, in alphabetical order."""
        for file in self._files:
            if file.endswith("_" + noun.replace("-", "_")):
                self._load(file)
        return [verb for name, verb in sorted(self._found.items()) if verb.noun == noun]

    def _load(self, file: str) -> None:
        if file in self._files:
            verb = getattr(importlib.import_module(f"{self._package}.{file}"), "VERB", None)
            if isinstance(verb, Verb):
                self._found[verb.name] = verb

    def _everything(self) -> Mapping[str, Verb]:
        if self._all is None:
            for file in self._files:
                self._load(file)
            self._all = self._found = dict(sorted(self._found.items()))
        return self._all


@cache
def verbs() -> Verbs:
    """All verbs by name."""
    return Verbs()
