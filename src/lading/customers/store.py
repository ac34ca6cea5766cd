"""Reading and writing who people are."""

from collections.abc import Iterable, Sequence

from lading.customers.types import NewAddress, NewCustomer, NewParty, People
from lading.database import queries
from lading.database.pool import Transaction

sql = queries.load(__file__)


async def read_people(tx: Transaction, keys: Iterable[str], addresses: Iterable[bytes]) -> People:
    """The customers of those keys with their versions, and the addresses of that content."""
    people = People()
    wanted, contents = sorted(set(keys)), sorted(set(addresses))
    if not wanted and not contents:
        return people
    for what, id_, key, content in await tx.fetch(sql.read_people, wanted, contents):
        if what == "customer":
            people.customers[key] = id_
        elif what == "party":
            people.parties[content] = id_
        else:
            people.addresses[content] = id_
    return people


async def insert_customers(tx: Transaction, rows: Sequence[NewCustomer]) -> int:
    """Rows written; fewer than given means that somebody else wrote one first."""
    return await tx.execute(sql.insert_customers, *queries.columns(rows, "id key"))


async def insert_parties(tx: Transaction, rows: Sequence[NewParty]) -> int:
    """Rows written."""
    return await tx.execute(
        sql.insert_parties, *queries.columns(rows, "id customer_id content_key name email phone email_key phone_key")
    )


async def insert_addresses(tx: Transaction, rows: Sequence[NewAddress]) -> int:
    """Rows written."""
    return await tx.execute(
        sql.insert_addresses,
        *queries.columns(rows, "id content_key name company line1 line2 city region postal_code country"),
    )
