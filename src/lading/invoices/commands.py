"""What can be asked of invoices."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from lading.terms.fields import Country, Name, OrderRef, Text

EntityCode = Annotated[
    str, Meta(pattern=r"^[A-Z0-9]{1,12}(?![\s\S])", description="Capital letters and digits, such as MAIN or UK")
]


class IssueInvoices(Struct, frozen=True, forbid_unknown_fields=True):
    """Bring what was billed of an order up to what is to be billed by now; what is up to date stays as it is."""

    order: OrderRef
    bill: Annotated[
        Literal["due", "all"],
        Meta(description="`due`: what the policy `invoice_at` asks for; `all`: every unit that was not cancelled"),
    ] = "due"
    expected_version: (
        Annotated[int, Meta(ge=1, description="Refuse unless the order still has this version")] | None
    ) = None


class SaveLegalEntity(Struct, frozen=True, forbid_unknown_fields=True):
    """Who sells: named on invoices from now on. Those that were issued keep what it said then."""

    name: Name
    country: Country
    code: EntityCode = "MAIN"
    line1: Text = ""
    line2: Text = ""
    postal_code: Text = ""
    city: Text = ""
    tax_number: Text = ""
    footer: Annotated[Text, Meta(description="Bank, register, what the law wants to read")] = ""
