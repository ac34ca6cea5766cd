"""What can be asked of an order."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct, field, structs

from lading.terms.fields import (
    Attributes,
    Code,
    DocumentRef,
    LineNumber,
    Moment,
    Note,
    NoteRef,
    OrderRef,
    Quantity,
    Reference,
    SerialNumbers,
    Tag,
)
from lading.terms.money import AMOUNT_LIMIT, CurrencyCode, ExchangeRateText, Money, UnitPrice, known_currency
from lading.terms.people import AddressInput, CustomerInput

LINES_MAX = 2_000
SHARES_MAX = 50_000
UNITS_MAX = 1_000_000_000
TAGS_MAX = 50

Rate = Annotated[
    str, Meta(pattern=r"^[0-9]{1,3}(\.[0-9]{1,4})?(?![\s\S])", description='Percent, such as "19" or "8.875"')
]
ExpectedVersion = Annotated[int, Meta(ge=1, description="Refuse unless the order still has this version")]


class LineInput(Struct, frozen=True, forbid_unknown_fields=True):
    """So many units of a product at a price."""

    sku: Code
    quantity: Quantity
    unit_price: Annotated[UnitPrice, Meta(description="By the price lists where it is left out")] | None = None
    external_id: Reference | None = None
    pickup: (
        Annotated[Code, Meta(description="The location where the customer collects it: it comes from nowhere else")]
        | None
    ) = None
    ship_complete: Annotated[bool, Meta(description="All units of the line go out together, or none")] = False
    attributes: Attributes = {}

    @property
    def price(self) -> UnitPrice:
        """What a unit costs, where it is known. Raises ValueError where only a price list says it."""
        if self.unit_price is None:
            raise ValueError(f"nobody said what {self.sku} costs")
        return self.unit_price


ChargeKind = Literal["discount", "tax", "shipping", "fee", "gift_wrap", "duty", "tip", "surcharge", "adjustment"]
Base = Literal["goods", "shipping", "fee", "gift_wrap", "duty", "tip", "surcharge"]
"""What a tax is charged on."""


class ChargeInput(Struct, frozen=True, forbid_unknown_fields=True):
    """What is charged beside the goods. Without a line it is shared over all lines by what they cost.

    Discounts are shared by what earlier ones left of that; in percent, they are a percentage of it. A tax may say its rate, what it was
    charged on, and that prices contain it already; it is kept as it was charged and never counted again.
    """

    kind: ChargeKind
    code: Code
    amount: Money | None = None
    percent: Annotated[Rate, Meta(description="A discount or a surcharge in percent, instead of an amount")] | None = (
        None
    )
    line: LineNumber | None = None
    rate: Rate | None = None
    included: Annotated[bool, Meta(description="A tax that prices contain already: it adds nothing")] = False
    applies_to: Base | None = None
    source: (
        Annotated[
            Literal["code", "campaign", "person"],
            Meta(
                description="Where a discount comes from: a code that the customer gave, a campaign, a person who granted it"
            ),
        ]
        | None
    ) = None

    def __post_init__(self) -> None:
        if (self.amount is None) == (self.percent is None):
            raise ValueError("a charge has an amount or a percentage")
        if self.percent is not None and (self.kind not in ("discount", "surcharge") or Decimal(self.percent) > 100):
            raise ValueError("only discounts and surcharges are in percent, of 100 at most")
        if self.kind == "discount" and self.amount is not None and self.amount.minor > 0:
            raise ValueError("a discount is negative")
        if self.kind != "tax" and (self.rate is not None or self.included or self.applies_to is not None):
            raise ValueError("only a tax has a rate, is included, or applies to something")
        if self.kind != "discount" and self.source is not None:
            raise ValueError("only a discount has a source")
        if self.included and self.minor < 0:
            raise ValueError("a tax that prices contain is not below zero")

    @property
    def minor(self) -> int:
        """Whole minor units. Raises ValueError for a percentage that nobody has put into money yet."""
        if self.amount is None:
            raise ValueError(f"{self.code} is {self.percent} percent")
        return self.amount.minor

    @property
    def told_rate(self) -> Decimal | None:
        """The rate of a tax, or the percentage of what is in percent."""
        told = self.rate or self.percent
        return None if told is None else Decimal(told)

    def in_money(self, amount: Money) -> "ChargeInput":
        """The same, its percentage put into money."""
        charge = structs.replace(self)
        structs.force_setattr(charge, "amount", amount)
        return charge


class TenderInput(Struct, frozen=True, forbid_unknown_fields=True):
    """How the order is paid, or a part of it: with money that somebody else took already; by a card or account of which a provider is asked
    to authorise it, right after the order was placed; or with money that comes later."""

    amount: Money
    kind: Literal[
        "paid_elsewhere", "card", "wallet", "bank_debit", "cash_on_delivery", "bank_transfer", "gift_card"
    ] = "paid_elsewhere"
    reference: (
        Annotated[
            Reference,
            Meta(description="What whoever took it calls it; of a card: a payment that the shop had authorised"),
        ]
        | None
    ) = None
    method: Annotated[Reference, Meta(description="The provider's token of a card or account")] | None = None
    payer: (
        Annotated[Reference, Meta(description="The provider's id of who pays, where it may be used again")] | None
    ) = None
    provider: Annotated[Code, Meta(description="The account at a provider; by policy where it is left out")] | None = (
        None
    )
    code: Annotated[Code, Meta(description="Of a gift card: who knows it may spend it")] | None = None
    unattended: Annotated[bool, Meta(description="Nobody is there who could confirm it to a bank")] = False

    def __post_init__(self) -> None:
        if self.is_asked and (self.method is None) == (self.reference is None):
            raise ValueError(
                "of a card name a method (a token), or the reference of a payment that is authorised already"
            )
        if (self.kind == "gift_card") != (self.code is not None):
            raise ValueError("a gift card has a code, and nothing else has")
        if self.code is not None and self.reference is not None:
            raise ValueError("of a gift card its code is enough")
        if not self.is_asked and (self.method or self.payer or self.provider):
            raise ValueError("only a card, a wallet or a bank account has a method, a payer and a provider")

    @property
    def is_asked(self) -> bool:
        """Whether a provider is asked for it."""
        return self.kind in ("card", "wallet", "bank_debit")

    @property
    def is_to_come(self) -> bool:
        """Whether its money comes later."""
        return self.kind in ("cash_on_delivery", "bank_transfer")


class Exchange(Struct, frozen=True, forbid_unknown_fields=True):
    """The currency of the shop's books, where the customer pays in another. The rate is kept; the ledger is in what the customer pays."""

    currency: CurrencyCode
    rate: ExchangeRateText

    def __post_init__(self) -> None:
        known_currency(self.currency)
        if not Decimal(self.rate):
            raise ValueError("a rate is above zero")


Audience = Annotated[
    Literal["internal", "customer", "recipient"],
    Meta(description="Who reads it: colleagues only, the customer too, or whoever gets the parcel: its slip says it"),
]
NoteText = Annotated[Note, Meta(min_length=1)]


class NoteInput(Struct, frozen=True, forbid_unknown_fields=True):
    """Something that is written on the order."""

    text: NoteText
    audience: Audience = "internal"


class Wishes(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may be said of an order beside what it is, and of a draft that becomes one."""

    tenders: Annotated[list[TenderInput], Meta(max_length=20)] = []
    gift: Annotated[bool, Meta(description="For somebody else: its packing slips bear no prices")] = False
    language: (
        Annotated[
            str,
            Meta(
                pattern="^[a-z]{2}(?![\\s\\S])",
                description="The customer's, for papers: two letters (ISO 639-1), such as fr",
            ),
        ]
        | None
    ) = None
    tax_exemption: (
        Annotated[Reference, Meta(description="Why no tax is calculated: a certificate, a VAT number")] | None
    ) = None
    exchange: Exchange | None = None
    may_split: (
        Annotated[bool, Meta(description="Whether it may come from several locations; null: as rules and policies say")]
        | None
    ) = None
    whole_lines: Annotated[
        list[LineNumber], Meta(max_length=LINES_MAX, description="Lines that come whole from one location")
    ] = []
    ship_complete: Annotated[bool, Meta(description="All of the order goes out together, or nothing")] = False
    tags: Annotated[list[Tag], Meta(max_length=TAGS_MAX)] = []
    notes: Annotated[list[NoteInput], Meta(max_length=20)] = []
    attributes: Attributes = {}


def wishes_of(said: Wishes) -> dict[str, Any]:
    """By name."""
    return {name: getattr(said, name) for name in Wishes.__struct_fields__}


class PlaceOrder(Wishes, frozen=True, forbid_unknown_fields=True):
    """An order of a channel. All amounts are in its currency."""

    channel: Code
    currency: Annotated[
        str, Meta(pattern="^[A-Z]{3}(?![\\s\\S])", description="Three capital letters (ISO 4217), such as EUR")
    ]
    lines: Annotated[list[LineInput], Meta(min_length=1, max_length=LINES_MAX)]
    external_reference: Reference | None = None
    placed_at: Moment | None = None
    ship_by: Moment | None = None
    customer: CustomerInput | None = None
    ship_to: AddressInput | None = None
    charges: Annotated[list[ChargeInput], Meta(max_length=500)] = []
    bill_to: AddressInput | None = None
    risk: (
        Annotated[
            int, Meta(ge=0, le=100, description="How risky the payment is, as the channel says: 100 is the worst")
        ]
        | None
    ) = None
    priority: Annotated[int, Meta(ge=-100, le=100)] | None = None
    company: Annotated[Code, Meta(description="The company that buys; its terms and prices hold")] | None = None
    purchase_order: Annotated[Reference, Meta(description="The company's own number of the order")] | None = None
    reservation: (
        Annotated[UUID, Meta(description="A reservation whose units the order takes; it ends with that")] | None
    ) = None

    @property
    def goes_whole(self) -> bool:
        """Whether the order, or a line of it, goes out whole or not at all."""
        return self.ship_complete or any(line.ship_complete for line in self.lines)

    def __post_init__(self) -> None:
        currency = self.currency
        amounts: tuple[tuple[str, Sequence[Money | UnitPrice | None]], ...] = (
            ("lines", [line.unit_price for line in self.lines]),
            ("charges", [charge.amount for charge in self.charges if charge.amount is not None]),
            ("tenders", [tender.amount for tender in self.tenders]),
        )
        if self.exchange is not None and self.exchange.currency == currency:
            raise ValueError("the shop's currency is another than the order's")
        for kind, moneys in amounts:
            for index, money in enumerate(moneys):
                if money is not None and money.currency != currency:
                    raise ValueError(
                        f"{kind}[{index}] is in {money.currency}, the order in {currency}: one order, one currency"
                    )
        self._check_sums()
        if self.purchase_order is not None and self.company is None:
            raise ValueError("a purchase order number is a company's: name the company")
        for index, charge in enumerate(self.charges):
            if charge.line is not None and charge.line > len(self.lines):
                raise ValueError(f"charges[{index}] names line {charge.line}, the order has {len(self.lines)}")
        if self.whole_lines and max(self.whole_lines) > len(self.lines):
            raise ValueError(f"whole_lines names line {max(self.whole_lines)}, the order has {len(self.lines)}")
        for index, tender in enumerate(self.tenders):
            if tender.amount.minor <= 0:
                raise ValueError(f"tenders[{index}] must be above zero")

    def _check_sums(self) -> None:
        """Sums that fit their columns, whatever the lines and charges are one by one."""
        if sum(line.quantity for line in self.lines) > UNITS_MAX:
            raise ValueError(f"an order has at most {UNITS_MAX:,} units")
        if len(self.lines) * sum(charge.line is None for charge in self.charges) > SHARES_MAX:
            raise ValueError(
                f"charges of the whole order are shared over its lines: at most {SHARES_MAX:,} shares in all"
            )
        goods = sum(Decimal(line.unit_price.amount) * line.quantity for line in self.lines if line.unit_price)
        charged = sum(abs(Decimal(charge.amount.amount)) if charge.amount else goods for charge in self.charges)
        if goods + charged >= AMOUNT_LIMIT:
            raise ValueError(f"the goods and charges of an order sum to less than {AMOUNT_LIMIT:,f}")
        if sum(Decimal(tender.amount.amount) for tender in self.tenders) >= AMOUNT_LIMIT:
            raise ValueError(f"the tenders of an order sum to less than {AMOUNT_LIMIT:,f}")


class RecordOrder(PlaceOrder, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An order of the past: it left from this location and was delivered; nobody is told, nothing is to do.

    Charges without a line stay the order's own, as they were billed; it may hold charges only.
    """

    location: Code
    delivered_at: Moment
    lines: Annotated[list[LineInput], Meta(max_length=LINES_MAX)] = []

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.reservation is not None:
            raise ValueError("an order of the past takes no reservation")
        if any(line.pickup for line in self.lines):
            raise ValueError("nobody waits for an order of the past: it names no place of collection")
        if self.company is not None:
            raise ValueError("an order of the past is no company's: its terms are over")
        if any(tender.kind != "paid_elsewhere" for tender in self.tenders):
            raise ValueError("an order of the past was paid elsewhere")
        if any(line.unit_price is None for line in self.lines):
            raise ValueError("an order of the past says what its lines cost")
        if not self.lines and not self.charges:
            raise ValueError("an order has a line or a charge")
        for index, charge in enumerate(self.charges):
            if charge.included and charge.line is None:
                raise ValueError(f"charges[{index}] is contained in prices: in an order of the past it names its line")


Stop = Literal["source", "release", "capture", "edit", "ship"]


class HoldOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """Stop an order, lines of it or fulfillment orders: several holds may stand at once.

    A hold names the transactions that it stops: source (looking for stock), release (asking locations, and their picking and packing),
    capture (taking money), edit, ship (handing over). What is cancelled is cancelled, whatever holds there are.
    """

    order: OrderRef
    kind: Code = "manual"
    note: Note | None = None
    stops: Annotated[
        list[Stop],
        Meta(min_length=1, max_length=5, description="The transactions that it stops; unless said, release and ship"),
    ] = field(default_factory=lambda: ["release", "ship"])
    lines: Annotated[list[LineNumber], Meta(max_length=LINES_MAX, description="Only these lines")] = []
    fulfillment_orders: Annotated[list[DocumentRef], Meta(max_length=100, description="Only these of its")] = []
    reason: Code | None = None
    expires_at: Annotated[Moment, Meta(description="When it is lifted by itself")] | None = None
    expected_version: ExpectedVersion | None = None

    def __post_init__(self) -> None:
        if self.lines and self.fulfillment_orders:
            raise ValueError("a hold is on lines or on fulfillment orders: place two")


class ReleaseHold(Struct, frozen=True, forbid_unknown_fields=True):
    """Lift one hold by its number, the holds of one kind, or all of them. Lifting what is not there changes nothing."""

    order: OrderRef
    kind: Code | None = None
    number: Annotated[int, Meta(ge=1, le=32_000, description="Of the hold, in its order")] | None = None
    only_over: Annotated[bool, Meta(description="Only those whose time is over")] = False
    reason: Code | None = None
    expected_version: ExpectedVersion | None = None


class CancelLine(Struct, frozen=True, forbid_unknown_fields=True):
    """Units of a line that are not wanted any more; where picked ones have serial numbers, which go back to the shelf."""

    line: LineNumber
    quantity: Quantity
    serials: SerialNumbers = []


class CancelLines(Struct, frozen=True, forbid_unknown_fields=True):
    """Cancel units that have not been shipped; without lines all that can be. What was paid for them becomes due back.

    Units in parcels are cancelled only with `unpack`: the parcels are taken apart, and what else lies in them waits to be packed again.
    """

    order: OrderRef
    reason: Code
    lines: Annotated[list[CancelLine], Meta(max_length=LINES_MAX)] = []
    unpack: Annotated[bool, Meta(description="Also units in parcels that wait for their carrier")] = False
    expected_version: ExpectedVersion | None = None


class LostUnits(Struct, frozen=True, forbid_unknown_fields=True):
    """Units of a line that a carrier lost; of a kit, so many whole ones."""

    line: LineNumber
    quantity: Quantity


class WriteOffLines(Struct, frozen=True, forbid_unknown_fields=True):
    """Give up units that a carrier lost; without lines all of them. What was paid for them becomes due back."""

    order: OrderRef
    lines: Annotated[list[LostUnits], Meta(max_length=LINES_MAX)] = []
    expected_version: ExpectedVersion | None = None


class AddressLines(Struct, frozen=True, forbid_unknown_fields=True):
    """Send lines somewhere else than the order; without an address, where the order goes. A kit means its parts."""

    order: OrderRef
    lines: Annotated[list[LineNumber], Meta(min_length=1, max_length=LINES_MAX)]
    ship_to: AddressInput | None = None
    expected_version: ExpectedVersion | None = None


class AddNote(Struct, frozen=True, forbid_unknown_fields=True):
    """Write something on an order. The text stands nowhere else, and can be blanked."""

    order: OrderRef
    text: NoteText
    audience: Audience = "internal"


class BlankNote(Struct, frozen=True, forbid_unknown_fields=True):
    """Let a note say nothing any more."""

    note: NoteRef


class TagOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """Tags that an order gets and loses; what it has already, or has not, changes nothing."""

    order: OrderRef
    add: Annotated[list[Tag], Meta(max_length=TAGS_MAX)] = []
    remove: Annotated[list[Tag], Meta(max_length=TAGS_MAX)] = []

    def __post_init__(self) -> None:
        if not self.add and not self.remove:
            raise ValueError("name a tag to add or to remove")


class ResourceOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """Source an order again, as a preview showed it."""

    order: OrderRef
    preview: UUID


class SourceOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """Look again for stock for what is open or backordered."""

    order: OrderRef
    again: Annotated[bool, Meta(description="Also at locations that gave units of the order back")] = False
    expected_version: ExpectedVersion | None = None
