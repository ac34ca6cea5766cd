"""The accounts at providers that this installation knows, and how their answers become commands."""

import hashlib
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TypeVar
from uuid import UUID

import msgspec
from msgspec import Struct

from lading.journal.types import Answer, Envelope
from lading.kernel.ids import named_id, new_id
from lading.payments.commands import AnswerPayment, PostProviderFee
from lading.payments.port import Provider, Told
from lading.payments.settlement import Moved
from lading.settings import PaymentAccount
from lading.terms.money import Money

ACTOR = "worker:payments"
ANSWER, LAPSE, FOLLOW = "payments.answer", "payments.lapse", "payments.follow"
DISPUTE, EXPIRE, FEE = "payments.dispute", "credits.expire", "provider-fees.post"


C = TypeVar("C", bound=Struct)


class Accounts:
    """The providers by the code of their account."""

    def __init__(
        self,
        known: Mapping[str, PaymentAccount] = MappingProxyType({}),
        providers: Mapping[str, Provider] | None = None,
    ) -> None:
        """`providers` stand in for those that would be opened."""
        self._known = known
        self._providers = dict(providers or {})

    def find(self, code: str, merchant: str) -> Provider | None:
        """The account of that merchant, or None where the settings do not know it."""
        account = self._known.get(code)
        if code not in self._providers and account is not None:
            self._providers[code] = _open(account)
        if account is not None and account.merchant not in (None, merchant):
            return None
        return self._providers.get(code)


def _open(account: PaymentAccount) -> Provider:
    from lading.adapters.payments.stripe import Stripe  # Its library is large, and few need it.

    return Stripe(account.api_key, account.webhook_secret, account.api_base)


def answer(
    merchant_id: int, order_id: UUID, tender: int, request: int, currency: str, told: Told
) -> Envelope[AnswerPayment]:
    """The command that says what became of a request. The same answer has the same id, whoever heard it."""
    command = AnswerPayment(
        str(order_id),
        tender,
        request,
        told.outcome,
        None if told.amount_minor is None else Money.of_minor(told.amount_minor, currency),
        told.reference,
        None if told.code is None else told.code[:64],
        told.expires_at,
        told.once,
        told.grows,
    )
    return envelope(merchant_id, ANSWER, command)


def fees(merchant_id: int, provider: str, moved: Iterable[Moved]) -> list[Envelope[PostProviderFee]]:
    """The commands that post what a report tells of fees; the same movement has the same id, whoever sends it."""
    return [
        envelope(
            merchant_id,
            FEE,
            PostProviderFee(
                provider, each.payment, each.movement, Money.of_minor(each.fee_minor, each.currency), each.at
            ),
        )
        for each in moved
        if each.fee_minor and each.movement
    ]


def not_posted(movements: Iterable[str], answers: Iterable[Answer]) -> list[str]:
    """The movements whose fees were refused, each with the reason."""
    return [
        f"{movement}: {msgspec.json.decode(answer.body)['message'] if answer.body else 'failed'}"
        for movement, answer in zip(movements, answers, strict=True)
        if not answer.accepted
    ]


def envelope(merchant_id: int, verb: str, command: C, *names: object) -> Envelope[C]:
    """A command whose id is made of what it says, and of what else names it."""
    body = msgspec.json.encode(command, order="sorted")
    digest = hashlib.sha256(body).digest()
    return Envelope(
        named_id(merchant_id, ACTOR, verb, body.decode(), *names), digest, ACTOR, command, new_id(), new_id()
    )
