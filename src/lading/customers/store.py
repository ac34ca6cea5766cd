"""Reading and writing who people are."""

from collections.abc import Iterable, Sequence
from operator import attrgetter
from uuid import UUID

from lading.customers.types import NewAddress, NewCustomer, NewParty, PartyInput, People
from lading.database import queries
from lading.database.pool import Transaction
from lading.terms.people import AddressInput

sql = queries.load(__file__)


async def read_people(
    tx: Transaction, keys: Iterable[str], parties: Iterable[bytes], addresses: Iterable[bytes]
) -> People:
    """The customers of those keys, and the versions of customers and the addresses of that content."""
    people = People()
    wanted, contents, places = sorted(set(keys)), sorted(set(parties)), sorted(set(addresses))
    if not wanted and not places:
        return people
    for what, id_, key, content in await tx.fetch(sql.read_people, wanted, places, contents):
        if what == "customer":
            people.customers[key] = id_
        elif what == "party":
            people.parties[content] = id_
        else:
            people.addresses[content] = id_
    return people


async def insert_people(
    tx: Transaction, new: Sequence[NewCustomer], parties: Sequence[NewParty], addresses: Sequence[NewAddress]
) -> int:
    """Rows written; fewer than given means that somebody else wrote one first. In key order: two batches cannot deadlock."""
    by_key = sorted(new, key=attrgetter("key"))
    by_content = sorted(parties, key=attrgetter("content_key"))
    places = sorted(addresses, key=attrgetter("content_key"))
    written: int = await tx.fetchval(
        sql.insert_people,
        *queries.columns(by_key, "id key"),
        *queries.columns(by_content, "id customer_id content_key name email phone email_key phone_key"),
        *queries.columns(places, "id content_key name company line1 line2 city region postal_code country"),
    )
    return written


async def read_party_inputs(tx: Transaction, ids: Iterable[UUID]) -> dict[UUID, PartyInput]:
    """Versions of customers as they were given, to be given again."""
    wanted = sorted(set(ids))
    rows = await tx.fetch(sql.read_party_inputs, wanted) if wanted else []
    return {row[0]: PartyInput(row[0], row[1], row[2], *row[3:]) for row in rows}


async def read_address_inputs(tx: Transaction, ids: Iterable[UUID]) -> dict[UUID, AddressInput]:
    """Addresses as they were given, to be given again."""
    wanted = sorted(set(ids))
    rows = await tx.fetch(sql.read_address_inputs, wanted) if wanted else []
    return {row[0]: AddressInput(*row[1:]) for row in rows}
