"""People as commands bring them."""

from msgspec import Struct

from lading.terms.fields import Country, Reference, Text


class CustomerInput(Struct, frozen=True, forbid_unknown_fields=True):
    """Who ordered. The channel's reference says who is the same one; without it the e-mail does."""

    name: Text | None = None
    email: Text | None = None
    phone: Text | None = None
    reference: Reference | None = None


class AddressInput(Struct, frozen=True, forbid_unknown_fields=True):
    """Where it goes."""

    country: Country
    name: Text | None = None
    company: Text | None = None
    line1: Text | None = None
    line2: Text | None = None
    city: Text | None = None
    region: Text | None = None
    postal_code: Text | None = None
