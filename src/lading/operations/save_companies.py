"""Save companies: who buys, on which terms, how much it may owe. What its orders owe stays as it is."""

from dataclasses import dataclass
from uuid import UUID

from msgspec import Struct

from lading.customers import company_store
from lading.customers import rules as people_rules
from lading.customers import store as customers
from lading.customers.companies import Companies, Company, Contact, Credit, Place
from lading.customers.company_commands import SaveCompany
from lading.customers.types import People, content_key, customer_key
from lading.database.pool import Transaction
from lading.journal.types import Decision, Envelope, refused
from lading.kernel.ids import named_id
from lading.operations.registry import Batch, Verb
from lading.terms.ledger import Event
from lading.terms.people import CustomerInput

CHANNEL = "company"
"""What stands before the references of contacts, as a channel's code before those of its customers."""
VERSION_CONFLICT = (
    "version_conflict",
    "Company {company} has version {version} by now, not {expected}: look at it again.",
)


class CompanySaved(Struct, frozen=True):
    """The version in force now."""

    id: UUID
    code: str
    version: int


@dataclass(slots=True)
class World:
    """The companies as they are, and who is known of their people and places."""

    companies: Companies
    people: People


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The companies with what they owe, locked; people and places."""
    commands: list[SaveCompany] = batch.commands
    found = await company_store.read(tx, (command.code for command in commands), lock=batch.lock)
    persons = [
        (key, contact.person) for command in commands for contact in command.contacts if (key := _key(contact.person))
    ]
    places = [place.address for command in commands for place in command.addresses]
    people = await customers.read_people(
        tx, (key for key, _ in persons), (content_key(person, key) for key, person in persons), map(content_key, places)
    )
    return World(found, people)


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; saved twice in a batch, a company gets two versions."""
    return [_save(envelope, world, batch) for envelope in batch.envelopes]


def _key(person: CustomerInput) -> str | None:
    return customer_key(person, CHANNEL)


def _save(envelope: Envelope[SaveCompany], world: World, batch: Batch) -> Decision:
    command = envelope.command
    before = world.companies.by_code.get(command.code)
    version = before.version if before else 0
    if command.expected_version is not None and command.expected_version != version:
        return refused(
            VERSION_CONFLICT,
            "/expected_version",
            company=command.code,
            version=version,
            expected=command.expected_version,
        )
    rows: list[object] = []
    contacts, places = [], []
    for index, contact in enumerate(command.contacts):
        customer_id, party_id, new = people_rules.recognise(
            contact.person, CHANNEL, world.people, named_id(envelope.fresh_id, "contact", index)
        )
        contacts.append(Contact(customer_id, party_id, contact.role))
        rows += new
    for index, place in enumerate(command.addresses):
        address_id, new = people_rules.locate(
            place.address, world.people, named_id(envelope.fresh_id, "address", index)
        )
        places.append(Place(address_id, place.use, place.label))
        rows += new
    company = before or Company(envelope.fresh_id, command.code, "", None, None, None, False, True, [], [], 0)
    company.name, company.tax_number, company.group = command.name, command.tax_number, command.group
    company.terms_days, company.active = command.terms_days, command.active
    company.needs_purchase_order = command.needs_purchase_order
    company.contacts, company.addresses, company.version = contacts, places, version + 1
    world.companies.by_code[command.code] = company
    limits = _limits(command, company, world.companies)
    data = {
        "code": company.code, "group": company.group, "terms_days": company.terms_days,
        "needs_purchase_order": company.needs_purchase_order, "active": company.active, "contacts": contacts,
        "addresses": places, "version": company.version,
        "credit_limits": {each.currency: each.limit_minor for each in limits if each.limit_minor is not None},
    }  # fmt: skip
    event = Event("company_saved", "company", company.id, batch.now, data)
    return Decision(CompanySaved(company.id, company.code, company.version), event, rows=[*rows, company, *limits])


def _limits(command: SaveCompany, company: Company, known: Companies) -> list[Credit]:
    """The limits as they shall be: a currency that is not named any more has none."""
    wanted = {each.currency: each.minor for each in command.credit_limits}
    before = {currency for company_id, currency in known.credit if company_id == company.id}
    limits = [Credit(company.id, currency, wanted.get(currency)) for currency in sorted(before | wanted.keys())]
    for limit in limits:
        known.credit.setdefault((company.id, limit.currency), limit)
    return limits


VERB = Verb(
    noun="companies",
    verb="save",
    summary="Save a company that buys: its people and places, its terms, and what it may owe.",
    command=SaveCompany,
    outcome=CompanySaved,
    refusals=(VERSION_CONFLICT,),
    scope="companies:write",
    event="company_saved",
    example={
        "code": "NORD", "name": "Nord Hotels GmbH", "tax_number": "DE123456789", "group": "hotels", "terms_days": 30,
        "credit_limits": [{"amount": "5000.00", "currency": "EUR"}], "needs_purchase_order": True,
        "contacts": [{"person": {"name": "Ada Meyer", "email": "ada@example.com"}, "role": "buyer"}],
        "addresses": [{"address": {"line1": "Hafenstr. 1", "city": "Hamburg", "postal_code": "20457", "country": "DE"}}],
    },
    prefetch=prefetch,
    decide=decide,
)  # fmt: skip
