"""Define attributes of orders, lines or products: new by their subject and code, otherwise changed."""

from msgspec import Struct

from lading.catalog import attribute_store
from lading.catalog.attribute_store import Key
from lading.catalog.attributes import Attribute
from lading.catalog.commands import DefineAttribute
from lading.database.pool import Transaction
from lading.journal.types import Decision, refused
from lading.kernel.ids import named_id
from lading.operations.registry import Batch, Verb
from lading.terms.ledger import Event

TYPE_FIXED = ("attribute_type_fixed", "The type of {attribute} stays {type}: define another attribute.")


class AttributeDefined(Struct, frozen=True):
    """The attribute as it is now."""

    subject: str
    code: str
    version: int


async def prefetch(tx: Transaction, batch: Batch) -> dict[Key, Attribute]:
    """The attributes that the batch names."""
    keys = [(command.subject, command.code) for command in batch.commands]
    return await attribute_store.read_attributes(tx, keys, lock=batch.lock)


def decide(known: dict[Key, Attribute], batch: Batch) -> list[Decision]:
    """In order of arrival; defined twice in a batch, it gets two versions."""
    return [_define(command, known, batch) for command in batch.commands]


def _define(command: DefineAttribute, known: dict[Key, Attribute], batch: Batch) -> Decision:
    row = known.get((command.subject, command.code))
    if row and row.type != command.type:
        return refused(TYPE_FIXED, "/type", attribute=command.code, type=row.type)
    if row is None:
        row = Attribute(command.subject, command.code, "", command.type, [], False, False)
        known[(command.subject, command.code)] = row
    row.name, row.allowed, row.required = command.name, command.allowed, command.required
    row.filterable, row.active = command.filterable, command.active
    row.version += 1
    data = {name: getattr(row, name) for name in Attribute.__slots__}
    event = Event("attribute_defined", "attribute", named_id("attribute", row.subject, row.code), batch.now, data)
    return Decision(AttributeDefined(row.subject, row.code, row.version), event, rows=[row])


VERB = Verb(
    noun="attributes",
    verb="define",
    summary="Define what can, or must, be said of orders, of their lines or of products; new by its code, otherwise changed.",
    command=DefineAttribute,
    outcome=AttributeDefined,
    refusals=(TYPE_FIXED,),
    scope="catalog:write",
    event="attribute_defined",
    example={
        "subject": "order", "code": "cost_centre", "name": "Cost centre", "type": "choice", "allowed": ["4711", "4712"],
        "required": True, "filterable": True,
    },
    prefetch=prefetch,
    decide=decide,
)  # fmt: skip
