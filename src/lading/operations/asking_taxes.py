"""Taxes that a service knows: what a batch asks it, and what it answered before the batch runs again.

Nobody is called from inside a transaction. A batch that needs an answer is rolled back and named its questions; they are asked outside of
any, and the batch runs again with the answers. A service that does not answer is no reason to wait: what it leaves open is told.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from lading.terms.taxes import Tax, TaxDocument

ROUNDS_MAX = 3
"""After so many the batch has to do with what it knows: somebody moved the stock each time, and with it where goods are sent from."""
MOVED = "stock_moved"


class Question(NamedTuple):
    """A document, and the account of the service that knows its taxes."""

    service: str
    document: TaxDocument


TaxAnswer = Sequence[Tax] | str
"""The taxes; or why there are none: the service is away, or what it says is wrong with the document."""

Ask = Callable[[int, Sequence[Question]], Awaitable[Mapping[Question, TaxAnswer]]]
"""Asks for a merchant; each question is answered, at worst with a reason."""

NO_SERVICE = "no_service"


async def nobody(_: int, questions: Sequence[Question]) -> Mapping[Question, TaxAnswer]:
    """Where no service is known."""
    return dict.fromkeys(questions, NO_SERVICE)


class Unanswered(Exception):
    """The batch needs answers from outside before it can be decided."""


@dataclass(slots=True)
class Asked:
    """What one batch asked so far."""

    answers: dict[Question, TaxAnswer] = field(default_factory=dict)
    open: dict[Question, set[UUID]] = field(default_factory=dict)
    """Not answered yet, with the commands or orders whose taxes depend on it."""
    failed: dict[UUID, str] = field(default_factory=dict)
    """Why nobody knows the taxes of a command or an order."""
    rounds: int = 0
    numbers: Sequence[int] = ()
    """Those that were drawn for the batch, which uses them when it runs again."""

    def taxes(self, question: Question, subject: UUID) -> Sequence[Tax] | None:
        """What was answered; None where it is still to be asked, or where nobody knows."""
        answer = self.answers.get(question)
        if answer is None:
            self.open.setdefault(question, set()).add(subject)
        elif isinstance(answer, str):
            self.failed[subject] = answer
            return None
        return answer

    def check(self, numbers: Sequence[int]) -> None:
        """Raises Unanswered where something is still to be asked; the numbers that were drawn are kept."""
        if self.open:
            self.numbers = numbers
            raise Unanswered

    async def settle(self, merchant_id: int, ask: Ask) -> None:
        """Ask what is open."""
        questions, self.open = self.open, {}
        self.rounds += 1
        if self.rounds > ROUNDS_MAX:
            answers: Mapping[Question, TaxAnswer] = dict.fromkeys(questions, MOVED)
        else:
            answers = await ask(merchant_id, list(questions))
        self.answers |= answers
        for question, subjects in questions.items():
            if isinstance(reason := answers[question], str):
                self.failed |= dict.fromkeys(subjects, reason)
