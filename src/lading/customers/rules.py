"""Who is the same customer, and what is written of somebody new. Later commands of a batch see whom earlier ones brought."""

from uuid import UUID

from lading.customers.types import (
    NewAddress,
    NewCustomer,
    NewParty,
    People,
    content_key,
    customer_key,
    email_key,
    phone_key,
)
from lading.kernel.ids import sibling_id
from lading.terms.people import AddressInput, CustomerInput

_CUSTOMER, _PARTY, _ADDRESS, _BILLING = 1, 2, 3, 4


def recognise(customer: CustomerInput, channel: str, people: People, fresh: UUID) -> tuple[UUID, UUID, list[object]]:
    """(customer id, party version id, rows to write). A guest without reference and e-mail is a customer of one order."""
    rows: list[object] = []
    key = customer_key(customer, channel) or f"guest:{fresh}"
    customer_id = people.customers.get(key)
    if customer_id is None:
        customer_id = people.customers[key] = sibling_id(fresh, _CUSTOMER)
        rows.append(NewCustomer(customer_id, key))
    content = content_key(customer, key)
    party_id = people.parties.get(content)
    if party_id is None:
        party_id = people.parties[content] = sibling_id(fresh, _PARTY)
        rows.append(
            NewParty(
                party_id, customer_id, content, customer.name, customer.email, customer.phone,
                email_key(customer.email) if customer.email else None, phone_key(customer.phone) if customer.phone else None,
            )
        )  # fmt: skip
    return customer_id, party_id, rows


def locate(address: AddressInput, people: People, fresh: UUID, *, billing: bool = False) -> tuple[UUID, list[object]]:
    """(address version id, rows to write). One command may bring two: where it goes, and who gets the bill."""
    content = content_key(address)
    known = people.addresses.get(content)
    if known is not None:
        return known, []
    id_ = people.addresses[content] = sibling_id(fresh, _BILLING if billing else _ADDRESS)
    row = NewAddress(
        id_, content, address.name, address.company, address.line1, address.line2, address.city, address.region,
        address.postal_code, address.country,
    )  # fmt: skip
    return id_, [row]
