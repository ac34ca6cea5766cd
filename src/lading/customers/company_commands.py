"""What can be asked of companies."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from lading.terms.fields import Code, Name, Text
from lading.terms.money import Money
from lading.terms.people import AddressInput, CustomerInput

CONTACTS_MAX = 100
TermsDays = Annotated[int, Meta(ge=0, le=365, description="Days until it has to pay; left out, it pays at once")]


class ContactInput(Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody of a company."""

    person: CustomerInput
    role: Annotated[Code, Meta(description="A code for their part in it, such as buyer or accounts")] = "buyer"

    def __post_init__(self) -> None:
        if not (self.person.reference or self.person.email):
            raise ValueError("a contact has an e-mail, or a reference")


class CompanyAddressInput(Struct, frozen=True, forbid_unknown_fields=True):
    """A place of a company; the first of each use is taken where an order names none."""

    address: AddressInput
    use: Literal["ship", "bill", "both"] = "both"
    label: Annotated[Code, Meta(description="A code of the merchant's for the place")] | None = None


class SaveCompany(Struct, frozen=True, forbid_unknown_fields=True):
    """A company that buys, whole: what is left out is not there any more."""

    code: Code
    name: Name
    tax_number: Text | None = None
    group: Annotated[Code, Meta(description="Of companies that have prices in common")] | None = None
    terms_days: TermsDays | None = None
    credit_limits: Annotated[list[Money], Meta(max_length=20, description="What it may owe, by currency")] = []
    needs_purchase_order: Annotated[bool, Meta(description="Refuse its orders without a purchase order number")] = False
    contacts: Annotated[list[ContactInput], Meta(max_length=CONTACTS_MAX)] = []
    addresses: Annotated[list[CompanyAddressInput], Meta(max_length=CONTACTS_MAX)] = []
    active: bool = True
    expected_version: Annotated[int, Meta(ge=0, description="0: there is none yet")] | None = None

    def __post_init__(self) -> None:
        if len({each.currency for each in self.credit_limits}) < len(self.credit_limits):
            raise ValueError("credit_limits name each currency once")
        if any(each.minor < 0 for each in self.credit_limits):
            raise ValueError("a credit limit is not below zero")
