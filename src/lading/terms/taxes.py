"""What a tax is calculated on, and what comes of it: the words that orders and whoever calculates have in common."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

GOODS = "goods"


class Place(NamedTuple):
    """As much of an address as taxes depend on."""

    country: str
    """ISO 3166-1, two capital letters."""
    region: str = ""
    postal_code: str = ""
    city: str = ""
    street: str = ""
    """A table of rates asks for neither; a service finds the town's border by them."""


class TaxedItem(NamedTuple):
    """Something that is sold: units of a product together, or one charge beside the goods."""

    kind: str
    """goods, or the kind of the charge: shipping, gift_wrap ..."""
    category: str
    """Of the product, in the merchant's words; empty for an ordinary one, and for charges."""
    amount_minor: int
    """After discounts, in minor units of the document's currency; as priced: it contains the taxes that prices contain."""
    sent_from: Place | None = None
    collected: bool = False
    """Handed over where it is sent from: taxed there, wherever the rest goes."""
    sent_to: Place | None = None
    """Where it goes itself; None: where the document goes."""


class TaxDocument(NamedTuple):
    """All that a calculation depends on."""

    currency: str
    day: date
    """The day whose rules hold, where the merchant is."""
    sent_to: Place | None
    """None where nobody said it: then it is taxed where it is sent from."""
    items: Sequence[TaxedItem]
    exemption: str | None = None
    """Why no tax is charged: a certificate, a VAT number; None where it is."""
    included: bool = False
    """Whether prices contain the taxes that a service calculates; a table says it with each rate."""


class Tax(NamedTuple):
    """One tax on one item."""

    item: int
    """Its index in the document."""
    code: str
    rate: Decimal
    """In percent."""
    included: bool
    """Contained in the item's amount: it adds nothing to it."""
    amount_minor: int
