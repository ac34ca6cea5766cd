"""Loading and saving tenders. The order's lock guards them."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec

from lading.database import queries
from lading.database.pool import Transaction
from lading.payments.types import Credit, Dispute, DisputeAnswer, PaidThere, PaymentRequest, ProviderFee, Tender

sql = queries.load(__file__)

TendersByOrder = dict[UUID, list[Tender]]


async def read_tenders(tx: Transaction, order_ids: Iterable[UUID], *, lock: bool) -> TendersByOrder:
    """The tenders of each order, in the order of their numbers; with the credits that paid, locked where asked."""
    tenders: TendersByOrder = {id_: [] for id_ in order_ids}
    for row in await tx.fetch(sql.read_tenders, list(tenders)):
        tenders[row["order_id"]].append(Tender(*row))
    paid = [tender for each in tenders.values() for tender in each if tender.credit_id is not None]
    if paid:
        credits = await read_credits(tx, (tender.credit_id for tender in paid if tender.credit_id), lock=lock)
        for tender in paid:
            tender.credit = credits[tender.credit_id] if tender.credit_id else None
    return tenders


async def read_credits(tx: Transaction, ids: Iterable[UUID], *, lock: bool) -> dict[UUID, Credit]:
    """Gift cards and store credit by id, locked in the order of their ids where asked."""
    rows = await tx.fetch(sql.lock_credits if lock else sql.read_credits, sorted(set(ids)))
    return {row[0]: Credit(*row) for row in rows}


async def read_credits_by_code(tx: Transaction, codes: Iterable[str]) -> dict[str, Credit]:
    """Gift cards by their codes."""
    return {row["code"]: Credit(*row) for row in await tx.fetch(sql.read_credits_by_code, sorted(set(codes)))}


async def insert_credits(tx: Transaction, credits: Sequence[Credit]) -> int:
    """How many were new; one that is left out has a code that somebody else took."""
    names = "id kind code customer_id currency issued_minor balance_minor issued_at expires_at order_id"
    return await tx.execute(sql.insert_credits, *queries.columns(credits, names))


async def update_credits(tx: Transaction, credits: Sequence[Credit]) -> None:
    """What is left of them, and how long."""
    await tx.execute(sql.update_credits, *queries.columns(credits, "id balance_minor expires_at"))


async def save_tenders(tx: Transaction, tenders: Sequence[Tender]) -> None:
    """Insert new ones, save what changed of the others."""
    new = [tender for tender in tenders if not tender.stored]
    names = "order_id number kind reference authorised_minor captured_minor refunded_minor"
    if paid := [tender for tender in new if tender.credit_id is not None]:
        await tx.execute(sql.insert_credit_tenders, *queries.columns(paid, f"{names} credit_id"))
    if manual := [
        tender for tender in new if tender.provider is None and tender.credit_id is None and not tender.expected_minor
    ]:
        await tx.execute(sql.insert_tenders, *queries.columns(manual, names))
    if to_come := [tender for tender in new if tender.expected_minor]:
        await tx.execute(sql.insert_tenders_to_come, *queries.columns(to_come, f"{names} expected_minor"))
    if asked := [tender for tender in new if tender.provider is not None]:
        names += " provider method payer instead_of beside unattended requests authorising_minor capturing_minor"
        await tx.execute(sql.insert_provider_tenders, *queries.columns(asked, names))
    known = [tender for tender in tenders if tender.stored]
    if known:
        names = "order_id number reference authorised_minor captured_minor refunded_minor requests authorising_minor capturing_minor"
        names += (
            " voiding_minor refunding_minor voided_minor once grows expires_at refused disputed_minor expected_minor"
        )
        await tx.execute(sql.update_tenders, *queries.columns(known, names))


RequestKey = tuple[UUID, int, int]
"""Order, tender and number."""


async def read_requests(tx: Transaction, keys: Iterable[RequestKey]) -> dict[RequestKey, PaymentRequest]:
    """What providers were asked, by order, tender and number. The order's lock guards them."""
    rows = await tx.fetch(sql.read_requests, *queries.transposed(sorted(set(keys)), 3))
    return {(row[0], row[1], row[2]): PaymentRequest(*row) for row in rows}


async def save_requests(tx: Transaction, requests: Sequence[PaymentRequest]) -> None:
    """Insert new ones, save the answers to the others."""
    if new := [request for request in requests if not request.stored]:
        names = "order_id tender_number number kind amount_minor asked_at due_at reference"
        await tx.execute(sql.insert_requests, *queries.columns(new, names))
    if known := [request for request in requests if request.stored]:
        names = "order_id tender_number number amount_minor status due_at reference code settled_at"
        await tx.execute(sql.update_requests, *queries.columns(known, names))


async def find_paid_there(tx: Transaction, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], PaidThere]:
    """The tenders by account and the provider's id of the payment; of several that share one, the one that was asked for it."""
    rows = await tx.fetch(sql.paid_there, *queries.transposed(sorted(set(keys)), 2))
    return {(row[0], row[1]): PaidThere(*row[2:]) for row in rows}


async def read_fees(tx: Transaction, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], ProviderFee]:
    """What was posted of these movements, by account and movement."""
    rows = await tx.fetch(sql.read_fees, *queries.transposed(sorted(set(keys)), 2))
    return {(row[0], row[1]): ProviderFee(*row) for row in rows}


async def insert_fees(tx: Transaction, fees: Sequence[ProviderFee]) -> int:
    """How many were new; one that is left out was posted meanwhile."""
    names = "provider movement order_id tender_number amount_minor"
    return await tx.execute(sql.insert_fees, *queries.columns(fees, names))


DisputeKey = tuple[UUID, int, str]
"""Order, tender and the provider's id."""


async def read_disputes(tx: Transaction, keys: Iterable[DisputeKey]) -> dict[DisputeKey, Dispute]:
    """Disputes by order, tender and the provider's id. The order's lock guards them."""
    rows = await tx.fetch(sql.read_disputes, *queries.transposed(sorted(set(keys)), 3))
    return {(row[0], row[1], row[2]): Dispute(*row) for row in rows}


async def save_disputes(tx: Transaction, disputes: Sequence[Dispute]) -> None:
    """Insert new ones, save how the others ended."""
    if new := [dispute for dispute in disputes if not dispute.stored]:
        names = "order_id tender_number reference amount_minor reason status answer_by told_at closed_at"
        await tx.execute(sql.insert_disputes, *queries.columns(new, names))
    if known := [dispute for dispute in disputes if dispute.stored]:
        await tx.execute(
            sql.update_disputes, *queries.columns(known, "order_id tender_number reference status closed_at answer_by")
        )


async def read_dispute_answers(tx: Transaction, keys: Iterable[DisputeKey]) -> dict[DisputeKey, list[DisputeAnswer]]:
    """What was said to banks, by dispute, in the order of its numbers. The order's lock guards it."""
    wanted = sorted(set(keys))
    found: dict[DisputeKey, list[DisputeAnswer]] = {key: [] for key in wanted}
    for row in await tx.fetch(sql.read_dispute_answers, *queries.transposed(wanted, 3)):
        values = list(row)
        values[8] = [(purpose, digest) for purpose, digest in msgspec.json.decode(values[8])]
        found[row[0], row[1], row[2]].append(DisputeAnswer(*values))
    return found


async def save_dispute_answers(tx: Transaction, answers: Sequence[DisputeAnswer]) -> None:
    """Insert new ones, save what became of the others."""
    if new := [each for each in answers if not each.stored]:
        rows = [
            (each.order_id, each.tender_number, each.reference, each.number, each.task, each.words,
             *(msgspec.json.encode(told).decode() for told in (each.parcels, each.invoices, each.files)), each.status, each.asked_at,
             each.due_at)
            for each in new
        ]  # fmt: skip
        await tx.execute(sql.insert_dispute_answers, *queries.transposed(rows, 12))
    if known := [each for each in answers if each.stored]:
        names = "order_id tender_number reference number status due_at code settled_at"
        await tx.execute(sql.update_dispute_answers, *queries.columns(known, names))


async def read_files(tx: Transaction, digests: Iterable[bytes]) -> frozenset[bytes]:
    """Which of these files were handed in."""
    return frozenset(row[0] for row in await tx.fetch(sql.read_files, sorted(set(digests))))
