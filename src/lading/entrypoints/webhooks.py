"""What providers of payments tell us unasked: POST /webhooks/payments/{account}/{merchant}, genuine by its signature.

Nothing is answered before it is kept: a provider that gets no 200 says it again.
"""

from collections.abc import Sequence
from typing import Any

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from lading.access import store as access
from lading.database import queries
from lading.entrypoints import paying
from lading.entrypoints.api.app import failure
from lading.entrypoints.paying import Accounts
from lading.entrypoints.service import Service
from lading.journal.types import Envelope
from lading.operations.registry import verbs
from lading.payments.commands import DisputePayment, LapsePayment
from lading.payments.port import Disputed, Heard, NotGenuine
from lading.terms.money import Money

sql = queries.load(__file__)
log = structlog.get_logger()

BODY_MAX_BYTES = 1_000_000


def routes(service: Service, accounts: Accounts) -> Sequence[BaseRoute]:
    """The address that is entered at the provider."""

    async def hear(request: Request) -> Response:
        try:
            return await _hear(service, accounts, request)
        except Exception as error:
            return failure(error)

    return [Route("/webhooks/payments/{account}/{merchant}", hear, methods=["POST"])]


async def _hear(service: Service, accounts: Accounts, request: Request) -> Response:
    slug, code = request.path_params["merchant"], request.path_params["account"]
    provider = accounts.find(code, slug)
    merchant_id = next((each.id for each in await access.merchants(service.database) if each.slug == slug), None)
    if provider is None or merchant_id is None:
        return PlainTextResponse("not genuine", 401)
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > BODY_MAX_BYTES:
            return PlainTextResponse("too large", 413)
    try:
        news = provider.hear(bytes(body), request.headers)
    except NotGenuine as error:
        log.warning("webhook_not_genuine", account=code, error=str(error))
        return PlainTextResponse("not genuine", 401)
    for heard in news:
        await take_in(service, merchant_id, code, heard)
    return PlainTextResponse("thank you")


async def take_in(service: Service, merchant_id: int, code: str, heard: Heard | Disputed) -> None:
    """One piece of news. Of whose account it is not, nothing."""
    if isinstance(heard, Disputed):
        await _disputed(service, merchant_id, code, heard)
    else:
        await _heard(service, merchant_id, code, heard)


async def _disputed(service: Service, merchant_id: int, code: str, told: Disputed) -> None:
    async with service.database.read(merchant_id) as tx:
        row = await tx.fetchrow(sql.tender_of_payment, code, told.payment)
    if row is None:
        log.warning("webhook_of_unknown_payment", account=code, payment=told.payment)
        return
    amount = Money.of_minor(told.amount_minor, told.currency)
    command = DisputePayment(
        str(row["order_id"]), row["number"], told.reference, amount, told.reason[:64], told.status, told.answer_by
    )
    work = paying.envelope(merchant_id, paying.DISPUTE, command)
    await _run(service, merchant_id, paying.DISPUTE, code, work)


async def _run(service: Service, merchant_id: int, verb: str, code: str, work: Envelope[Any]) -> None:
    (answered,) = await service.executor.run(merchant_id, verbs()[verb], [work])
    if answered.failed:
        raise RuntimeError(f"{verb} could not be carried out; the provider will say it again")
    if not answered.accepted:
        log.warning("webhook_not_taken_in", account=code, answer=answered.body.decode())


async def _heard(service: Service, merchant_id: int, code: str, heard: Heard) -> None:
    """One piece of news: an answer, an authorisation that is over, or something worth asking about. Of whose account it is not, nothing."""
    async with service.database.write(merchant_id) as tx:
        row = await tx.fetchrow(sql.tender_of_account, heard.order_id, heard.tender, code)
        if row is not None and heard.news == "look":
            await tx.execute(sql.hurry_payment_request, heard.order_id, heard.tender, heard.request)
    if row is None:
        log.warning("webhook_of_unknown_tender", account=code, order_id=str(heard.order_id), tender=heard.tender)
        return
    if heard.news == "lapsed":
        if not row["voiding"]:
            lapsed = LapsePayment(str(heard.order_id), heard.tender)
            work = paying.envelope(merchant_id, paying.LAPSE, lapsed, row["version"])
            await _run(service, merchant_id, paying.LAPSE, code, work)
    elif heard.told is not None and heard.request is not None:
        answer = paying.answer(merchant_id, heard.order_id, heard.tender, heard.request, row["currency"], heard.told)
        await _run(service, merchant_id, paying.ANSWER, code, answer)
