"""The codes that people know things by, for the ids that rows and events hold."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from lading.database import queries
from lading.database.pool import Transaction

sql = queries.load(__file__)


@dataclass(slots=True)
class Names:
    """Codes by id. An id that nobody knows any more is shown as it is."""

    skus: dict[UUID, tuple[str, str]] = field(default_factory=dict)
    """(code, name) of products."""
    locations: dict[UUID, tuple[str, str]] = field(default_factory=dict)
    channels: dict[UUID, tuple[str, str]] = field(default_factory=dict)
    lines: dict[int, str] = field(default_factory=dict)
    """The SKU code of each line of the order at hand."""
    currency: str | None = None
    """Of the order at hand."""

    def sku(self, id_: UUID | str | None) -> str:
        """The code of a product."""
        return _code(self.skus, id_)

    def location(self, id_: UUID | str | None) -> str:
        """The code of a location."""
        return _code(self.locations, id_)

    def channel(self, id_: UUID | str | None) -> str:
        """The code of a channel."""
        return _code(self.channels, id_)

    def line(self, number: int) -> str:
        """What a line is of."""
        return self.lines.get(number, f"line {number}")


def _code(known: dict[UUID, tuple[str, str]], id_: UUID | str | None) -> str:
    if id_ is None:
        return "?"
    try:
        found = known.get(id_ if isinstance(id_, UUID) else UUID(id_))
    except ValueError:
        return str(id_)
    return found[0] if found else str(id_)


async def read_names(tx: Transaction, sku_ids: Iterable[UUID] = ()) -> Names:
    """All channels and locations, and the products of those ids, in one statement."""
    names = Names()
    for what, id_, code, name in await tx.fetch(sql.read_names, list(set(sku_ids))):
        (names.skus if what == "sku" else names.locations if what == "location" else names.channels)[id_] = (code, name)
    return names


async def read_actors(tx: Transaction, actors: Iterable[str]) -> dict[str, str]:
    """Who the actors of events are: the person's or the key's name; what is neither is its own name."""
    told = {actor: actor.replace(":", " ", 1) for actor in actors}
    people = [UUID(actor[5:]) for actor in told if actor.startswith("user:") and _is_uuid(actor[5:])]
    keys = [actor[4:] for actor in told if actor.startswith("key:")]
    if people or keys:
        told.update((row[0], row[1]) for row in await tx.fetch(sql.read_actors, people, keys))
    return told


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
