"""The reader of the feed that writes search words: of customers' names and of products' names."""

from collections.abc import Iterable
from uuid import UUID

from lading.database import queries
from lading.database.pool import Transaction
from lading.entrypoints.worker.following import follow
from lading.views.words import search_words

sql = queries.load(__file__)

CONSUMER = "search"
EVENTS_MAX = 1_000


async def read_on(tx: Transaction) -> bool:
    """Take the next piece of the feed; False where there is nothing to take, or another worker is at it."""
    return await follow(tx, CONSUMER, _write_words)


async def _write_words(tx: Transaction, position: int) -> int:
    last = 0
    parties: list[UUID] = []
    skus: list[UUID] = []
    for what, at, id_ in await tx.fetch(sql.named_subjects, position, EVENTS_MAX):
        if what == "position":
            last = at
        else:
            (parties if what == "party" else skus).append(id_)
    await _write(tx, parties, skus)
    return last


async def _write(tx: Transaction, parties: list[UUID], skus: list[UUID]) -> None:
    """Customers gain words; a product has exactly those of its name as it is now."""
    rows: set[tuple[str, str, UUID]] = set()
    if parties:
        named = await tx.fetch(sql.names_of_parties, parties)
        rows |= words("customer", ((row[0], row[1]) for row in named))
        rows -= {(word, "customer", row[0]) for row in named for word in row[2]}
    if skus:
        kept = words("sku", ((row[0], row[1]) for row in await tx.fetch(sql.names_of_skus, skus)))
        ids, texts = [row[2] for row in kept], [row[0] for row in kept]
        await tx.execute(sql.forget_words, skus, ids, texts)
        rows |= kept
    if rows:
        await tx.execute(sql.write_words, *map(list, zip(*sorted(rows), strict=True)))


def words(kind: str, named: Iterable[tuple[UUID, str]]) -> set[tuple[str, str, UUID]]:
    """(word, kind, subject) of each name."""
    return {(word, kind, id_) for id_, name in named for word in search_words(name)}
