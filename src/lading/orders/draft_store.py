"""Loading and saving drafts."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from lading.database import queries
from lading.database.pool import Transaction
from lading.orders.commands import ChargeInput
from lading.orders.drafts import Draft, DraftLine, Drafts
from lading.terms.documents import number_or_id

sql = queries.load(__file__)

_lines = msgspec.json.Decoder(list[DraftLine]).decode
_charges = msgspec.json.Decoder(list[ChargeInput]).decode

_COLUMNS = (
    "id number status version channel_id currency reference customer_id party_version_id ship_to_id bill_to_id total_minor ship_by priority"
    " created_at expires_at sent_at answered_at reason reservation_id order_id company_id purchase_order approval approved_by note"
)


_CONTENT = ("lines", "charges", "wishes", "private")


async def load(tx: Transaction, refs: Iterable[str], *, lock: bool) -> Drafts:
    """The drafts that the references (D1042, or an id) mean; unknown ones are left out. With `lock` they are locked, by id."""
    keys = {number_or_id(ref, "D") for ref in refs}
    ids = {key for key in keys if isinstance(key, UUID)}
    if numbers := sorted(key for key in keys if isinstance(key, int)):
        ids.update(row[0] for row in await tx.fetch(sql.draft_ids, numbers))
    found = Drafts()
    if not ids:
        return found
    for row in await tx.fetch(sql.lock_drafts if lock else sql.read_drafts, sorted(ids)):
        draft = Draft(
            **{**dict(row), "lines": _lines(row["lines"]), "charges": _charges(row["charges"]), **_wishes(row)}
        )
        found.by_key[draft.number] = found.by_key[draft.id] = draft
    return found


async def taken_references(tx: Transaction, references: Iterable[str]) -> dict[str, int]:
    """The numbers of the drafts that bear these references already."""
    wanted = sorted(set(references))
    return {row[0]: row[1] for row in await tx.fetch(sql.draft_references, wanted)} if wanted else {}


async def insert_drafts(tx: Transaction, drafts: Sequence[Draft]) -> int:
    """Rows written; fewer than given means that a reference was taken meanwhile."""
    return await tx.execute(sql.insert_drafts, *_values(drafts))


async def update_drafts(tx: Transaction, drafts: Sequence[Draft]) -> None:
    """Save them as they stand."""
    await tx.execute(sql.update_drafts, *_values(drafts))


def _wishes(row: asyncpg.Record) -> dict[str, Any]:
    return {name: msgspec.json.decode(row[name]) for name in ("wishes", "private")}


def _values(drafts: Sequence[Draft]) -> list[list[object]]:
    content = ([msgspec.json.encode(getattr(draft, name)).decode() for draft in drafts] for name in _CONTENT)
    return [*queries.columns(drafts, _COLUMNS), *content]
