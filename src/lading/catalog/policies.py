"""Policies: typed values with a scope; the narrowest scope that says something wins (merchant < channel < location < SKU)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta

from lading.kernel.ids import ZERO
from lading.terms.fields import Code


@dataclass(frozen=True, slots=True)
class PolicyKind:
    """What a policy means, the type of its value and what holds where nobody set it."""

    name: str
    type: Any
    default: Any
    meaning: str
    scopes: tuple[str, ...]


Amount = Annotated[
    str, Meta(pattern=r"^[0-9]{1,12}(\.[0-9]{1,3})?(?![\s\S])", description='an amount such as "250.00"')
]
Priority = Annotated[int, Meta(ge=-100, le=100)]
Kept = (
    Annotated[int, Meta(ge=0, le=99_999_999)]
    | Annotated[
        str,
        Meta(
            pattern=r"^(0|[1-9][0-9]{0,7}|([0-9]|[1-9][0-9]|100)%|[1-9][0-9]{0,2}d)(?![\s\S])",
            description='Units (5), a percentage of what lies there ("10%") or days of cover ("3d")',
        ),
    ]
)
Levels = Annotated[list[Annotated[int, Meta(ge=1, le=100_000_000)]], Meta(max_length=8)]
PickupDays = Annotated[int, Meta(ge=1, le=365)]
ShopCurrency = Annotated[
    str, Meta(pattern=r"^[A-Z]{3}(?![\s\S])", description="three capital letters (ISO 4217), such as EUR")
]
EditDays = Annotated[int, Meta(ge=1, le=365)]
Service = Annotated[int, Meta(ge=50, le=99)]
Multiple = Annotated[int, Meta(ge=1, le=1_000_000)]
Days = Annotated[int, Meta(ge=0, le=3_650)]
Percent = Annotated[int, Meta(ge=0, le=1_000)]
Limit = Annotated[int, Meta(ge=0, le=100_000_000)]
ReleaseTime = Annotated[datetime, Meta(tz=True)]
Seconds = Annotated[int, Meta(ge=1, le=30 * 86_400)]
Minutes = Annotated[int, Meta(ge=0, le=43_200)]
Orders = Annotated[int, Meta(ge=1, le=100)]
Share = Annotated[int, Meta(ge=0, le=100)]
Score = Annotated[int, Meta(ge=0, le=100)]
Units = Annotated[int, Meta(ge=0, le=100_000_000)]
EntityCode = Annotated[
    str, Meta(pattern=r"^[A-Z0-9]{1,12}(?![\s\S])", description="capital letters and digits, such as MAIN or UK")
]
Gs1Prefix = Annotated[
    str, Meta(pattern=r"^[0-9]{7,10}(?![\s\S])", description='7 to 10 digits, as GS1 gave them, such as "4012345"')
]
SeriesPattern = Annotated[
    str,
    Meta(
        pattern=r"^[A-Z][A-Z0-9]{0,11}(\{year\})?(?![\s\S])",
        description='capital letters and digits, such as "INV" or "INV{year}"',
    ),
]

MERCHANT, CHANNEL, LOCATION, SKU = "merchant", "channel", "location", "sku"
"""Scopes, the narrower the later: the narrowest that says something wins."""

KINDS: Mapping[str, PolicyKind] = {
    kind.name: kind
    for kind in (
        PolicyKind(
            "may_split", bool, True,
            "An order may be sent from more than one location; of a product: units of one line may.", (MERCHANT, CHANNEL, SKU),
        ),
        PolicyKind(
            "hazardous", bool, False, "Dangerous goods: a filter of sourcing can keep them to locations that may send them.", (SKU,),
        ),
        PolicyKind(
            "may_backorder", bool, False, "Units that are not in stock are accepted and wait; otherwise the order is refused.",
            (MERCHANT, CHANNEL, SKU),
        ),
        PolicyKind(
            "backorder_limit", Limit | None, None, "Units of a product that may wait for stock; orders beyond are refused.",
            (MERCHANT, SKU),
        ),
        PolicyKind(
            "preorder_until", ReleaseTime | None, None,
            "Until then the product is sold ahead, against what is there and what is expected; nothing of it is allocated before.", (SKU,),
        ),
        PolicyKind(
            "promise_buffer_days", Days, 0, "Days between the time when something is due at a location and the date promised from it.",
            (MERCHANT, LOCATION, SKU),
        ),
        PolicyKind(
            "over_receipt_percent", Percent, 0, "So much more than was bought may come; beyond it a receipt is refused.",
            (MERCHANT, LOCATION, SKU),
        ),
        PolicyKind(
            "receive_into", Literal["available", "quality_hold"], "available",
            "Where good units of a purchase order stand when they come: they can be promised, or somebody looks at them first.",
            (MERCHANT, LOCATION, SKU),
        ),
        PolicyKind(
            "may_substitute", bool, False,
            "Where units are missing, a plan may send one of the product's substitutes in their place, at the price of what was ordered.",
            (MERCHANT, CHANNEL, SKU),
        ),
        PolicyKind(
            "payment_provider", Code, None, "The account at a provider that is asked where an authorisation does not name one.",
            (MERCHANT, CHANNEL),
        ),
        PolicyKind(
            "capture_at", Literal["shipment", "authorisation", "by_hand"], "shipment",
            "When authorised money is taken: with each shipment its part, the remainder with the last; at once; or when somebody says so.",
            (MERCHANT, CHANNEL),
        ),
        PolicyKind(
            "deposit_percent", Share, 0,
            "So much of what a product costs is captured ahead, as a deposit on a preorder; the rest with its shipment.",
            (MERCHANT, CHANNEL, SKU),
        ),
        PolicyKind(
            "reauthorise", bool, True,
            "An authorisation that lapses before all is sent is asked for again, where the provider may use the card again.",
            (MERCHANT, CHANNEL),
        ),
        PolicyKind(
            "shop_currency", ShopCurrency | None, None,
            "The currency of the shop's books: an order in another one keeps the rate of its day (exchange-rates.save).",
            (MERCHANT, CHANNEL),
        ),
        PolicyKind(
            "edit_days", EditDays, 7, "How many days a prepared edit waits for somebody who confirms it.", (MERCHANT, CHANNEL),
        ),
        PolicyKind(
            "authorise_edits", bool, True,
            "What an edit adds to the cost of an order is asked of the card that pays it, where its provider may promise more or use it"
            " again; otherwise the order waits for money.", (MERCHANT, CHANNEL),
        ),
        PolicyKind(
            "refund_at_once", bool, False, "What is owed back after a cancellation goes back without anybody asking.", (MERCHANT, CHANNEL)
        ),
        PolicyKind(
            "refund_first", Literal["latest", "earliest", "credits", "providers"], "latest",
            "Through which tender money goes back first: the latest, the earliest, gift cards and store credit, or what a provider moves;"
            " what it does not hold goes through the next.",
            (MERCHANT, CHANNEL),
        ),
        PolicyKind(
            "refund_to", Literal["tenders", "store_credit"], "tenders",
            "What is given back goes back as it was paid, or becomes store credit of the customer.", (MERCHANT, CHANNEL),
        ),
        PolicyKind(
            "store_credit_days", Days | None, None, "How long store credit of a refund can be spent; for ever, where nobody says it.",
            (MERCHANT, CHANNEL),
        ),
        PolicyKind(
            "hold_unpaid", bool, True,
            "Orders wait for the promise of a card, or for a bank transfer, before they are released; and again where it fails or lapses.",
            (MERCHANT, CHANNEL),
        ),
        PolicyKind(
            "hold_disputed", bool, True,
            "While a customer's bank disputes a payment, nothing more of the order is sent or captured, until it is won.",
            (MERCHANT, CHANNEL),
        ),
        PolicyKind("order_priority", Priority, 0, "Higher is served first.", (MERCHANT, CHANNEL)),
        PolicyKind(
            "hold_over_amount", Amount, None, "Orders that cost more than this, in units of their currency, are held for review.",
            (MERCHANT, CHANNEL),
        ),
        PolicyKind(
            "approve_over", Amount | None, None,
            "Orders that cost more than this, in units of their currency, wait for an approval; so do drafts that shall be sent or placed.",
            (MERCHANT, CHANNEL),
        ),
        PolicyKind("hold_without_address", bool, True, "Orders without a ship-to address are held.", (MERCHANT, CHANNEL)),
        PolicyKind(
            "hold_bad_address", bool, False, "Orders are held whose ship-to address cannot be right in its country.", (MERCHANT, CHANNEL)
        ),
        PolicyKind(
            "hold_other_address", bool, False, "Orders are held that are billed to another place than they are sent to.",
            (MERCHANT, CHANNEL),
        ),
        PolicyKind(
            "hold_duplicate_minutes", Minutes | None, None,
            "Orders are held that are the same as one which the customer placed within so many minutes.", (MERCHANT, CHANNEL),
        ),
        PolicyKind(
            "hold_over_orders", Orders | None, None,
            "Orders are held of a customer who places more than so many within orders_minutes.", (MERCHANT, CHANNEL),
        ),
        PolicyKind("orders_minutes", Minutes, 60, "The time in which hold_over_orders counts.", (MERCHANT, CHANNEL)),
        PolicyKind(
            "hold_over_risk", Score | None, None, "Orders are held whose payment the channel gives a higher risk score, of 100.",
            (MERCHANT, CHANNEL),
        ),
        PolicyKind(
            "hold_over_credit", Amount | None, None,
            "Orders are held of a customer who would owe more than this, in units of their currency, that no payment covers.",
            (MERCHANT, CHANNEL),
        ),
        PolicyKind(
            "remorse_minutes", Minutes, 0, "So long every order waits before it is released: customers change their minds.",
            (MERCHANT, CHANNEL),
        ),
        PolicyKind("sell_minimum", Multiple, 1, "Units of a product that an order line has at least.", (MERCHANT, CHANNEL, SKU)),
        PolicyKind("sell_multiple", Multiple, 1, "A product is sold in multiples of so many units.", (MERCHANT, CHANNEL, SKU)),
        PolicyKind(
            "company_over_credit", Literal["hold", "refuse"], "hold",
            "What becomes of an order with which a company would owe more than it may.", (MERCHANT, CHANNEL),
        ),
        PolicyKind(
            "unique_purchase_orders", bool, True, "A company gives each purchase order number once.", (MERCHANT, CHANNEL),
        ),
        PolicyKind(
            "terms_from", Literal["placement", "invoice"], "placement",
            "From when on the days count in which a company has to pay: from its order, or from the first invoice.", (MERCHANT, CHANNEL),
        ),
        PolicyKind("hold_sku", bool, False, "Orders that hold this product are held for review.", (MERCHANT, CHANNEL, SKU)),
        PolicyKind(
            "safety_stock", Kept, "0",
            'Kept back from everybody at each location: units (5), a percentage of what lies there ("10%"), or what orders took in'
            ' so many days ("3d").',
            (MERCHANT, LOCATION, SKU),
        ),
        PolicyKind(
            "channel_buffer", Kept, "0",
            "Kept back at each location from the orders of a channel, as safety_stock is from all; the larger of the two counts.",
            (MERCHANT, CHANNEL),
        ),
        PolicyKind(
            "late_inbound_days", Days, 1, "What is late is expected in so many days from now.", (MERCHANT,),
        ),
        PolicyKind(
            "lot_min_days_left", Days, 0, "Days that a lot must last from today on to be promised; 0: to its last day.",
            (MERCHANT, CHANNEL, SKU),
        ),
        PolicyKind(
            "availability_levels", Levels, [],
            "An event tells when what can be promised of a product, in all, falls below one of these, or reaches it again.",
            (MERCHANT, SKU),
        ),
        PolicyKind("lead_time_days", Days, 7, "Days from an order to a supplier until it can be sold.", (MERCHANT, LOCATION, SKU)),
        PolicyKind("review_days", Days, 7, "How often somebody looks at what to order.", (MERCHANT, LOCATION)),
        PolicyKind("order_cycle_days", Days, 30, "How long what is ordered shall last.", (MERCHANT, LOCATION, SKU)),
        PolicyKind(
            "service_percent", Service, 95, "In so many of 100 cases stock shall last until the next order comes.",
            (MERCHANT, LOCATION, SKU),
        ),
        PolicyKind(
            "overstock_days", Days, 180, "What lasts longer than this is listed as overstock.", (MERCHANT, LOCATION, SKU)
        ),
        PolicyKind("order_multiple", Multiple, 1, "Ordered in multiples of so many units.", (MERCHANT, SKU)),
        PolicyKind(
            "accept_minutes", Minutes | None, None,
            "A location is asked, and accepts or rejects what is released to it within so many minutes; then the part is taken from it.",
            (MERCHANT, LOCATION),
        ),
        PolicyKind(
            "pickup_days", PickupDays, 7, "How long what a customer collects waits at the counter; then it goes back to the shelf.",
            (MERCHANT, CHANNEL, LOCATION),
        ),
        PolicyKind(
            "ship_to_store", bool, False, "What a location lacks of lines that are collected there is sent to it from other locations.",
            (MERCHANT, LOCATION),
        ),
        PolicyKind("fills_orders", bool, True, "The location takes part in sourcing.", (MERCHANT, LOCATION)),
        PolicyKind(
            "return_window_days", Days, 30, "Days after delivery in which a return may be requested.", (MERCHANT, CHANNEL, SKU)
        ),
        PolicyKind(
            "kits_in_parts", bool, False,
            "The parts of a kit may come from several locations, and be sent and cancelled apart; otherwise a kit stays whole.",
            (MERCHANT, CHANNEL, SKU),
        ),
        PolicyKind(
            "assemble_when_short", bool, False, "A stocked kit that is not in stock is put together from its components for the order.",
            (MERCHANT, CHANNEL, SKU),
        ),
        PolicyKind(
            "reservation_seconds", Seconds, 600, "How long units are kept for a reservation that does not say it.",
            (MERCHANT, CHANNEL),
        ),
        PolicyKind(
            "count_approval_limit", Units, None,
            "A line of a count that differs by more units than this is approved by somebody else than who counted it.",
            (MERCHANT, LOCATION, SKU),
        ),
        PolicyKind(
            "gs1_company_prefix", Gs1Prefix | None, None,
            "Parcels get a serial shipping container code (SSCC) of this GS1 company prefix when they are packed.", (MERCHANT,),
        ),
        PolicyKind(
            "parcel_weight_tolerance_percent", Percent | None, None,
            "A parcel is refused that weighs so much more or less than its products and carton, until the weight is confirmed.",
            (MERCHANT, LOCATION),
        ),
        PolicyKind(
            "invoice_at", Literal["none", "shipment", "capture"], "none",
            "Orders are invoiced by themselves: each parcel when it is shipped, or what is paid for when it is paid; or only by hand.",
            (MERCHANT, CHANNEL),
        ),
        PolicyKind(
            "taxes", Literal["as_charged", "calculate", "service"], "as_charged",
            "Taxes of orders are kept as the channel charged them, calculated here by the table of tax rates, or by a tax service.",
            (MERCHANT, CHANNEL),
        ),
        PolicyKind(
            "tax_service", Code, None, "The account at a tax service that calculates where the policy `taxes` says so.",
            (MERCHANT, CHANNEL),
        ),
        PolicyKind(
            "tax_service_away", Literal["hold", "refuse"], "hold",
            "What becomes of an order whose taxes the service does not tell: it waits on hold until it does, or is refused.",
            (MERCHANT, CHANNEL),
        ),
        PolicyKind(
            "prices_include_taxes", bool, False, "Prices contain the taxes that a tax service calculates.", (MERCHANT, CHANNEL),
        ),
        PolicyKind(
            "legal_entity", EntityCode, "MAIN", "Who sells: the code of a legal entity, which has numbers of its own.", (MERCHANT, CHANNEL),
        ),
        PolicyKind(
            "invoice_series", SeriesPattern, "INV", "What invoice numbers begin with; with {year} they begin anew each year.",
            (MERCHANT, CHANNEL),
        ),
        PolicyKind(
            "credit_note_series", SeriesPattern, "CN", "What numbers of credit notes begin with; the same as for invoices is one series.",
            (MERCHANT, CHANNEL),
        ),
    )
}  # fmt: skip

_UNSET = object()


@dataclass(slots=True)
class Policies:
    """The values in force, by name and (scope kind, scope id), as of one version."""

    version: int
    values: dict[str, dict[tuple[str, UUID], Any]] = field(default_factory=dict)

    def value(
        self, name: str, *, channel: UUID | None = None, location: UUID | None = None, sku: UUID | None = None
    ) -> Any:
        """The value that applies there."""
        set_values = self.values.get(name)
        if set_values:
            for scope in (("sku", sku), ("location", location), ("channel", channel), ("merchant", ZERO)):
                if scope[1] is not None and (found := set_values.get((scope[0], scope[1]), _UNSET)) is not _UNSET:
                    return found
        return KINDS[name].default

    def says(self, name: str) -> bool:
        """Whether it may be anything but nothing or no somewhere: it is set for something, or so by default."""
        return name in self.values or bool(KINDS[name].default)
