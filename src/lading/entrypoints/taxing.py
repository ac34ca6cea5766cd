"""The accounts at tax services that this installation knows, and how their answers reach a batch."""

import asyncio
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import structlog

from lading.access import store as access
from lading.database.pool import Database
from lading.operations.asking_taxes import NO_SERVICE, Question, TaxAnswer
from lading.settings import TaxAccount
from lading.taxes.port import Rejected, ServiceAway, TaxService

log = structlog.get_logger()

CALLS_MAX = 16
"""Calls to services at the same time."""
RESTS_SECONDS = 10.0
"""So long nobody asks a service again that did not answer: orders are not to wait for it one batch after the other."""
AWAY = "service_away"


class TaxAccounts:
    """The services by the code of their account, for all merchants."""

    def __init__(
        self,
        database: Database,
        known: Mapping[str, TaxAccount] = MappingProxyType({}),
        services: Mapping[str, TaxService] | None = None,
    ) -> None:
        """`services` stand in for those that would be opened."""
        self._database = database
        self._known = known
        self._services = dict(services or {})
        self._slugs: dict[int, str] = {}
        self._rests_until: dict[str, float] = {}

    async def find(self, code: str, merchant_id: int) -> TaxService | None:
        """The account, or None where the settings do not know it or keep it for another merchant."""
        account = self._known.get(code)
        if code not in self._services and account is not None:
            self._services[code] = open_account(account)
        if account is not None and account.merchant not in (None, await self._slug(merchant_id)):
            return None
        return self._services.get(code)

    async def _slug(self, merchant_id: int) -> str | None:
        if merchant_id not in self._slugs:
            self._slugs = {each.id: each.slug for each in await access.merchants(self._database)}
        return self._slugs.get(merchant_id)

    def wake(self) -> None:
        """Ask those again that rest."""
        self._rests_until.clear()

    async def ask(self, merchant_id: int, questions: Sequence[Question]) -> Mapping[Question, TaxAnswer]:
        """The taxes of each document, or why nobody knows them."""
        gate = asyncio.Semaphore(CALLS_MAX)
        answers = await asyncio.gather(*(self._answer(merchant_id, each, gate) for each in questions))
        return dict(zip(questions, answers, strict=True))

    async def _answer(self, merchant_id: int, question: Question, gate: asyncio.Semaphore) -> TaxAnswer:
        service = await self.find(question.service, merchant_id)
        if service is None:
            return NO_SERVICE
        now = asyncio.get_running_loop().time
        async with gate:
            if self._rests_until.get(question.service, 0.0) > now():
                return AWAY
            try:
                return await service.calculate(question.document)
            except Rejected as refusal:
                log.warning("taxes_rejected", service=question.service, code=refusal.code, error=str(refusal))
                return refusal.code
            except ServiceAway as error:
                log.warning("tax_service_away", service=question.service, error=str(error))
                self._rests_until[question.service] = now() + RESTS_SECONDS
                return AWAY


def open_account(account: TaxAccount) -> TaxService:
    """The service behind an account."""
    from lading.adapters.taxes.avatax import PRODUCTION, SANDBOX, AvaTax  # Few need it.

    base = account.api_base or (SANDBOX if account.environment == "sandbox" else PRODUCTION)
    return AvaTax(
        account.account, account.license_key, account.company, base=base, codes=account.codes,
        timeout_seconds=account.timeout_seconds,
    )  # fmt: skip
