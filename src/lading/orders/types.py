"""The order as rules see it: loaded whole, used up in place, saved as it stands."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from lading.kernel import money
from lading.terms.ledger import LINE_STAGES, RETURN_STAGES


@dataclass(slots=True)
class Charge:
    """What a line (0: no line) carries of a charge."""

    number: int
    line_number: int
    kind: str
    code: str
    amount_minor: int
    rate: Decimal | None = None
    """Of a tax, in percent; of a discount or surcharge, where it was given as a percentage."""
    included: bool = False
    """A tax that is part of what something else costs: it is owed to the state, and adds nothing to what the customer pays."""
    applies_to: str | None = None
    """What a tax is charged on: goods, shipping, or a kind of fee."""
    source: str | None = None
    """Of a discount: code, campaign, person; of a tax: calculated. None: as the channel charged it."""
    added: bool = False
    """Charged after the order was placed."""

    @property
    def base(self) -> str:
        """The kind of charge that a tax is charged on."""
        return self.applies_to or "goods"


STOPS_AT_FIRST = ("release", "ship")
"""What a hold stops that does not say it."""


@dataclass(slots=True)
class Hold:
    """A reason to wait: on the whole order, on lines of it, or on fulfillment orders."""

    order_id: UUID
    number: int
    kind: str
    note: str | None
    placed_at: datetime
    released_at: datetime | None = None
    stops: list[str] = field(default_factory=lambda: list(STOPS_AT_FIRST))
    """The transactions: source, release, capture, edit, ship."""
    lines: list[int] = field(default_factory=list)
    fulfillment_orders: list[int] = field(default_factory=list)
    reason: str | None = None
    expires_at: datetime | None = None
    """When it is lifted by itself; None: somebody has to."""
    placed_by: str = "rule:placement"
    released_by: str | None = None
    approved_minor: int | None = None
    """Of an approval: what the order cost when it was given."""
    stored: bool = True


@dataclass(slots=True)
class AddedCharge:
    """What an order was charged after it was placed."""

    order_id: UUID
    charge: Charge


@dataclass(slots=True)
class Method:
    """How an order shall be sent."""

    order_id: UUID
    method: str


@dataclass(slots=True)
class Buyer:
    """What the order of a company carries."""

    order_id: UUID
    company_id: UUID
    currency: str
    purchase_order: str | None
    """The company's own number of it."""
    search_key: str | None
    unique_key: str | None
    """The same where policy wants it once per company."""
    terms_days: int | None
    """Days until it is to be paid; None: at once."""
    due_on: date | None
    """None: not known yet."""
    owed_minor: int


@dataclass(slots=True)
class Due:
    """When the order of a company is to be paid, said for the first time."""

    order_id: UUID
    due_on: date


@dataclass(slots=True)
class Heading:
    """An order of which the address, the date or the priority changed."""

    order: "Order"
    moved: tuple[int, int] | None = None
    """The priority that it had and the one that it has; None where it did not change."""
    waiting: dict[UUID, int] = field(default_factory=dict)
    """Units that waited then, by product."""


@dataclass(slots=True)
class Wholeness:
    """An order that goes out whole, or has lines that do, or ceased to."""

    order: "Order"


@dataclass(slots=True)
class Edit:
    """An edit that somebody prepared: its preview is kept, and is confirmed as it was shown, or dropped."""

    order_id: UUID
    number: int
    version: int
    """Of the order, when the preview was made."""
    begun_at: datetime
    begun_by: str
    fields: dict[str, Any]
    """Of the command, as JSON; of an address only its country."""
    ship_to_id: UUID | None
    shown: dict[str, Any]
    """What it would do, as it was told."""
    status: str = "begun"
    """begun, confirmed or dropped"""
    closed_at: datetime | None = None
    expires_at: datetime | None = None
    """From then on it is not confirmed any more; None: it was prepared before there was an end."""
    stored: bool = True


@dataclass(slots=True)
class Detail:
    """What few orders carry."""

    order_id: UUID
    bill_to_id: UUID | None
    risk_score: int | None
    """Of the payment, 0 to 100, as the channel told it."""
    gift: bool = False
    """Its slips bear no prices."""
    may_split: bool | None = None
    """What the order says itself of coming from several locations; None: nothing."""
    whole_lines: str | None = None
    """Numbers of the lines that come whole from one location, with commas between; None: none."""
    tax_exemption: str | None = None
    """Why no tax is calculated."""
    shop_currency: str | None = None
    """Of the shop's books, where the customer pays in another."""
    shop_rate: Decimal | None = None
    """What one unit of the order's currency was worth in it."""
    language: str | None = None
    """The customer's, where the channel told it."""


@dataclass(slots=True)
class Line:
    """Units of one product, by stage."""

    number: int
    sku_id: UUID
    external_id: str | None
    unit_price: Decimal
    goods_minor: int
    ordered: int
    units: dict[str, int]
    """By stage of LINE_STAGES and RETURN_STAGES."""
    refunded: int = 0
    is_kit: bool = False
    """Whether it stands for its parts, which bear its units and its money."""
    part_of: int | None = None
    """The line of the kit that it is a part of."""
    per_kit: int | None = None
    """Units in one kit."""
    instead_of: int | None = None
    """The line that it stands in for: it was born later, and costs what the cancelled units of that line did."""
    added: bool = False
    """Whether an edit brought it: the original total does not hold it."""
    pickup_at: UUID | None = None
    """The location where the customer collects it; None: it is sent."""
    ship_complete: bool = False
    """All of its units go out together, or none."""
    ship_to_id: UUID | None = None
    """Where it goes; None: where the order goes."""
    charges: list[Charge] = field(default_factory=list)

    def move(self, source: str | None, target: str | None, quantity: int) -> None:
        """Move units between stages, as the posting of the same quantity does in the database."""
        if source:
            self.units[source] -= quantity
        if target:
            self.units[target] += quantity

    @property
    def held(self) -> int:
        """Units that were found for it: neither cancelled nor still looking for stock."""
        return self.ordered - self.units["cancelled"] - self.units["open"] - self.units["backordered"]

    def cost_minor(self, units: int) -> int:
        """What the first `units` of the line carry of its goods and charges together (DESIGN 5: counted cumulatively)."""
        total = self.goods_minor + sum(charge.amount_minor for charge in self.charges if not charge.included)
        return money.cumulative(total, units, self.ordered)

    def cost_by_kind(self, units: int) -> dict[str, int]:
        """The same by kind: charges counted cumulatively, goods the rest, so that rounding kind by kind never adds up."""
        parts: dict[str, int] = {}
        for charge in self.charges:
            if not charge.included:
                part = money.cumulative(charge.amount_minor, units, self.ordered)
                parts[charge.kind] = parts.get(charge.kind, 0) + part
        return {"goods": self.cost_minor(units) - sum(parts.values()), **parts}

    def tax_inside(self, units: int) -> dict[str, int]:
        """Taxes that the first `units` contain, by the kind of charge that contains them; counted cumulatively as well."""
        parts: dict[str, int] = {}
        for charge in self.charges:
            if charge.included:
                part = money.cumulative(charge.amount_minor, units, self.ordered)
                parts[charge.base] = parts.get(charge.base, 0) + part
        return parts


@dataclass(slots=True, frozen=True)
class LineAddress:
    """A line goes somewhere else than its order from now on, or where that goes."""

    order_id: UUID
    line_number: int
    ship_to_id: UUID | None


@dataclass(slots=True, frozen=True)
class PickupPlace:
    """A line is collected somewhere else from now on, or sent."""

    order_id: UUID
    line_number: int
    location_id: UUID | None


@dataclass(slots=True, frozen=True)
class AddedLine:
    """A line that an order gets after it was placed, as a row; all of its units are open."""

    order_id: UUID
    line: Line


@dataclass(slots=True)
class Order:
    """One order; `units` are the sums of its lines, saved by the posting statement."""

    id: UUID
    number: int
    channel_id: UUID
    external_reference: str | None
    placed_at: datetime
    ship_by: datetime | None
    queued_at: datetime
    currency: str
    priority: int
    version: int
    policy_version: int
    placed_by: UUID
    customer_id: UUID | None
    party_version_id: UUID | None
    ship_to_id: UUID | None
    history: bool
    charged_minor: int
    active_holds: int = 0
    adjusted_minor: int = 0
    authorised_minor: int = 0
    captured_minor: int = 0
    refunded_minor: int = 0
    ship_complete: bool = False
    """All of it goes out together, or nothing."""
    company_id: UUID | None = None
    """Who bought it, where that is a company; what it owes is counted there."""
    terms_days: int | None = None
    """Days until the company has to pay."""
    counted_minor: int = 0
    """What the company's row counts of it as owed."""
    stage: str = ""
    """The queue that it stood in when it was loaded or last changed; `queued_at` says since when."""
    lines: dict[int, Line] = field(default_factory=dict)
    holds: list[Hold] = field(default_factory=list)
    charges: list[Charge] = field(default_factory=list)
    """Charges that belong to no line (an order of the past keeps them as they were billed)."""
    stored: bool = True

    def sum(self, stage: str) -> int:
        """Units of all lines in that stage."""
        return sum(line.units[stage] for line in self.lines.values())

    def sums(self) -> dict[str, int]:
        """What every status is a function of."""
        sums = no_units()
        sums["ordered"] = 0
        for line in self.lines.values():
            if line.is_kit:
                continue
            sums["ordered"] += line.ordered
            for stage, quantity in line.units.items():
                if quantity:
                    sums[stage] += quantity
        sums["active_holds"] = self.active_holds
        sums["charged_minor"] = self.charged_minor
        sums["adjusted_minor"] = self.adjusted_minor
        sums["authorised_minor"] = self.authorised_minor
        sums["captured_minor"] = self.captured_minor
        sums["refunded_minor"] = self.refunded_minor
        return sums

    @property
    def all_charges(self) -> list[Charge]:
        """What lines carry of charges, and the charges of no line."""
        charges: list[Charge] = []
        for line in self.lines.values():
            charges += line.charges
        return charges + self.charges

    @property
    def owed_minor(self) -> int:
        """What is still to be paid and no provider has promised; never below zero."""
        return max(0, self.due_minor - max(0, self.authorised_minor - self.captured_minor))

    @property
    def due_minor(self) -> int:
        """What is still to be paid; negative: what is owed back."""
        return self.charged_minor + self.adjusted_minor - (self.captured_minor - self.refunded_minor)


_NO_UNITS = dict.fromkeys(LINE_STAGES + RETURN_STAGES, 0)


def no_units() -> dict[str, int]:
    """A line without a unit anywhere."""
    return _NO_UNITS.copy()


@dataclass(slots=True)
class Relation:
    """Units of an order went to another one, or came from it."""

    order_id: UUID
    other_id: UUID
    how: str
    """split_into, split_from, merged_into or merged_from"""
    related_at: datetime


class Numbered(NamedTuple):
    """An order of which nothing else is needed."""

    id: UUID
    number: int


@dataclass(slots=True)
class Orders:
    """The orders of a batch, found by id or number."""

    by_ref: dict[str, Order] = field(default_factory=dict)

    def find(self, ref: str) -> Order | None:
        """By id or number, as the caller wrote it; a document's name (1042-P1) finds its order."""
        return self.by_ref.get(ref.partition("-")[0] if ref[:1].isdigit() and len(ref) < 32 else ref.lower())
