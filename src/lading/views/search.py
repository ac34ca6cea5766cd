"""What a person types into the one search field, and the orders that it may mean."""

import contextlib
import re
from collections.abc import Sequence
from uuid import UUID

from lading.customers.companies import search_key
from lading.customers.types import email_key, phone_key
from lading.database import queries
from lading.database.pool import Transaction
from lading.views.words import after_prefix, search_words

sql = queries.load(__file__)

CUSTOMERS_MAX = 200
"""A name that more customers bear finds the orders of so many of them; one more word narrows it."""
REFERENCES_MAX = 500
PHONE_DIGITS_MIN = 6
PREFIX_MIN = 3

_NUMBER = re.compile(r"#?([0-9]{1,18})(?:-[FPR][0-9]+)?", re.IGNORECASE)


async def candidates(tx: Transaction, typed: str, channels: Sequence[UUID], before: UUID, limit: int) -> list[UUID]:
    """The newest orders with an id below `before` that the typed text may mean, newest first, at most `limit`."""
    text = typed.strip().replace("\0", "")
    if not text:
        return []
    ids = set(await _by_own_names(tx, text))
    ids.update(await _by_reference(tx, text, channels))
    customers = await _customers(tx, text)
    if customers:
        ids.update(row["id"] for row in await tx.fetch(sql.orders_of_customers, customers, before, limit))
    ids.update(row["order_id"] for row in await tx.fetch(sql.orders_of_sku_code, _codes(text), before, limit))
    return sorted((id_ for id_ in ids if id_ < before), reverse=True)[:limit]


def _codes(text: str) -> list[str]:
    return list({text, text.upper()})


async def _by_own_names(tx: Transaction, text: str) -> list[UUID]:
    """By number, id, or tracking number."""
    ids = [
        row["order_id"]
        for row in await tx.fetch(sql.orders_by_tracking, list({*_codes(text), text.replace(" ", "").upper()}))
    ]
    number = _NUMBER.fullmatch(text)
    if number:
        ids += [row["id"] for row in await tx.fetch(sql.order_by_number, int(number[1]))]
    with contextlib.suppress(ValueError):
        ids += [row["id"] for row in await tx.fetch(sql.order_facts, [UUID(text)])]
    return ids


async def _by_reference(tx: Transaction, text: str, channels: Sequence[UUID]) -> list[UUID]:
    """By the channel's own reference or the purchase order number of a company, or what it begins with."""
    end = after_prefix(text) if len(text) >= PREFIX_MIN else text
    rows = await tx.fetch(sql.orders_by_reference, list(channels), text, end, REFERENCES_MAX)
    ids = [row["id"] for row in rows]
    key = search_key(text)
    end = after_prefix(key) if len(key) >= PREFIX_MIN else key
    return ids + [row["order_id"] for row in await tx.fetch(sql.orders_by_purchase_order, key, end, REFERENCES_MAX)]


async def _customers(tx: Transaction, text: str) -> list[UUID]:
    """By e-mail, phone, or words of a name."""
    if "@" in text:
        rows = await tx.fetch(sql.customers_by_email, email_key(text), CUSTOMERS_MAX)
        return [row["customer_id"] for row in rows]
    found: list[UUID] = []
    digits = phone_key(text)
    if len(digits) >= PHONE_DIGITS_MIN and not re.search(r"[^\W\d_]", text):
        found += [row["customer_id"] for row in await tx.fetch(sql.customers_by_phone, digits, CUSTOMERS_MAX)]
    words = search_words(text)
    if words and any(character.isalpha() for character in text):
        found += await subjects(tx, "customer", words, CUSTOMERS_MAX)
    return found


async def subjects(tx: Transaction, kind: str, words: Sequence[str], limit: int) -> list[UUID]:
    """Customers or products with words that begin like all of these, at most `limit`; the longest word goes first."""
    first, *others = sorted(words, key=len, reverse=True)
    rows = await tx.fetch(
        sql.subjects_by_words, kind, first, after_prefix(first), others, [after_prefix(word) for word in others], limit
    )
    return [row["subject_id"] for row in rows]
