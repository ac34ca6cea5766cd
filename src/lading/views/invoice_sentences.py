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


def tax_record_answered(data: Data, _: Names) -> str:
    """Invoice 1 recorded by avatax; or not."""
    what = f"Document {data['document']} of the order"
    if data["code"]:
        return f"{what} was not recorded by {data['service']}: {data['code']}."
    return f"{what} recorded by {data['service']}: {data['reference']}."


def tax_record_repeated(data: Data, _: Names) -> str:
    """avatax is asked again to record invoice 1."""
    return f"{data['service']} is asked again to record document {data['document']} of the order."


def legal_entity_saved(data: Data, names: Names) -> str:
    """Legal entity MAIN saved."""
    return f"Legal entity {data['code']} saved."


def exchange_rate_saved(data: Data, _: Names) -> str:
    """1 USD is worth 0.9213 EUR from 2026-11-23 on."""
    return f"1 {data['currency']} is worth {data['rate']} {data['shop_currency']} from {data['day']} on."


def tax_rate_saved(data: Data, names: Names) -> str:
    """Tax VAT in DE is 19 % from 2026-01-01 on, contained in prices."""
    where = " ".join(filter(None, (data["country"], data["region"], data["postal_prefix"])))
    what = f"Tax {data['code']} in {where}" + (f" on {data['category']}" if data["category"] else "")
    if data["rate"] is None:
        return f"{what} from {data['valid_from']} on withdrawn."
    until = f" to {data['valid_to']}" if data["valid_to"] else " on"
    how = [
        word
        for name, word in (("included", "contained in prices"), ("compound", "on the other taxes too"))
        if data[name]
    ]
    return f"{what} is {data['rate']} % from {data['valid_from']}{until}{''.join(f', {word}' for word in how)}."
