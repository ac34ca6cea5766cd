"""The sentences of events about invoices."""

from lading.invoices.types import name_of
from lading.terms.money import Money
from lading.views.names import Names
from lading.views.phrases import Data, listed


def invoices_issued(data: Data, names: Names) -> str:
    """Invoice INV-000017 over 12.00 EUR issued."""
    return f"Issued {listed([_document(each) for each in data['documents']])}."


def _document(data: Data) -> str:
    what = "credit note" if data["kind"] == "credit_note" else "invoice"
    total = Money.of_minor(data["total_minor"], data["currency"])
    name = name_of(data["legal_entity"], data["series"], data["serial"])
    return f"{what} {name} over {total.amount} {total.currency}"


def legal_entity_saved(data: Data, names: Names) -> str:
    """Legal entity MAIN saved."""
    return f"Legal entity {data['code']} saved."
