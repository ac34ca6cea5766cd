"""The shapes of a command's life: envelope in, decision inside, answer out."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar
from uuid import UUID

from msgspec import Struct

from lading.kernel.ids import new_id, sibling_id
from lading.kernel.outcomes import Refusal
from lading.terms.ledger import Event, MoneyPosting, Posting

C = TypeVar("C", covariant=True)
T = TypeVar("T")


@dataclass(slots=True, frozen=True)
class Envelope(Generic[C]):
    """A command on its way, with the ids that whatever it makes will bear (rules have no randomness of their own)."""

    command_id: UUID
    payload_hash: bytes
    """SHA-256 of the caller's JSON with sorted keys, before defaults."""
    actor: str
    """kind:id of a user, key, rule or import."""
    command: C
    event_id: UUID
    fresh_id: UUID
    named: bool = True
    """Whether somebody else named the command's id; one that was made for it cannot have been heard before."""


def own_envelope(actor: str, command: T) -> Envelope[T]:
    """Of a command that Lading gives itself: nobody will ask for its answer again."""
    return Envelope(new_id(), b"", actor, command, new_id(), new_id(), named=False)


class Alongside(Struct, frozen=True):
    """What a command does to other things, beside its own; nobody asks for it."""


@dataclass(slots=True)
class Decision:
    """What a rule decided about one command: all that write needs, and nothing else is written."""

    outcome: Struct
    """The verb's accepted outcome, or a Refusal."""
    event: Event | None = None
    postings: Sequence[Posting] = ()
    money: Sequence[MoneyPosting] = ()
    rows: list[object] = field(default_factory=list)
    """Rows of documents; `operations/write.py` knows which store takes which type."""
    also: "Sequence[Decision]" = ()
    """What the same command does to other things, each with an event of its own; their outcomes are told to nobody."""
    rows_exist: bool = False
    """The rows of stock that the postings name were locked, or stand among `rows`: none is to be made for them."""
    guarded: bool = False
    """Nothing was locked: the postings must find what they take, free and without limits, or the batch runs again (ADR 0024)."""

    @property
    def accepted(self) -> bool:
        """False for a refusal."""
        return not isinstance(self.outcome, Refusal)


Decided = Sequence[tuple[Envelope[Any], Decision]]


def spread(decided: Decided) -> Decided:
    """Each decision with what it does to other things, as if these had commands of their own."""
    if not any(decision.also for _, decision in decided):
        return decided
    return [
        (replace(envelope, event_id=sibling_id(envelope.event_id, number)), each)
        for envelope, decision in decided
        for number, each in enumerate((decision, *decision.also))
    ]


class Answer(Struct, frozen=True, gc=False):
    """The stored outcome as it is rendered to the caller, now and at each retry."""

    accepted: bool
    body: bytes
    """JSON of the outcome, or of the refusal."""
    replayed: bool = False
    """True where an earlier command with the same id had been answered already."""
    failed: bool = False
    """A bug or an outage: nothing is stored, the command may be tried again."""


def refused(kind: "tuple[str, str]", pointer: str = "", **facts: object) -> Decision:
    """The decision that refuses; the sentence's {holes} are filled from the facts."""
    return Decision(Refusal.of(kind, pointer, **facts))
