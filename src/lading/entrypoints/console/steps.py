"""What each verb on an order asks for, and the command that the answers make."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from lading.entrypoints.console.context import Context
from lading.entrypoints.console.fields import Field
from lading.entrypoints.console.words import N_
from lading.views.attributes import Attribute
from lading.views.order import Allocation, OrderDetail
from lading.views.order_parcels import Return


@dataclass(frozen=True, slots=True)
class Row:
    """A line of which some units may be named."""

    line: int
    sku: str
    name: str
    most: int
    sent: str = ""
    """What the person typed; empty for the first time: all of them."""
    by_name: bool = False
    """Whether its units have serial numbers."""


@dataclass(slots=True)
class Group:
    """Fields that are folded away until somebody wants them."""

    title: str
    fields: list[Field]
    open: bool = False


@dataclass(slots=True)
class Form:
    """What the person is asked for."""

    rows: list[Row] = field(default_factory=list)
    fields: list[Field] = field(default_factory=list)
    note: str = ""
    groups: list[Group] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Subject:
    """The order at hand, the document that is meant, and the places that there are."""

    order: OrderDetail
    document: str
    locations: Sequence[tuple[str, str]]
    named: frozenset[str] = frozenset()
    """Products of the order whose units have serial numbers."""
    attributes: Sequence[Attribute] = ()
    """What can be said of orders and lines."""

    @property
    def allocated_to(self) -> list[Allocation]:
        """The allocations of the fulfillment order that is meant."""
        return [each for each in self.order.allocations if each.fulfillment_order == self.document]

    @property
    def returned(self) -> Return | None:
        """The return that is meant."""
        return next((each for each in self.order.returns if each.name == self.document), None)


@dataclass(frozen=True, slots=True)
class Action:
    """A button of the order's page."""

    word: str
    icon: str
    done: str
    """What is said afterwards; %(what)s is the order or document."""
    form: Callable[[Context, Subject], Form]
    payload: Callable[[Context, Subject], dict[str, Any]]
    danger: bool = False
    """Behind a preview."""


def _nothing(_: Context, __: Subject) -> Form:
    return Form()


def _order(_: Context, subject: Subject) -> dict[str, Any]:
    return {"order": subject.order.number}


def _rows(subject: Subject, most: Mapping[int, int]) -> list[Row]:
    return [
        Row(line.number, line.sku, line.name, most[line.number], by_name=line.sku in subject.named)
        for line in subject.order.lines
        if most.get(line.number, 0) > 0
    ]


def _units(context: Context, rows: Sequence[Row], **more: Any) -> list[dict[str, Any]]:
    """Lines with the units that were typed, without the zeros. Raises ValueError where nothing was named."""
    named = []
    for row in rows:
        text = context.sent(f"line-{row.line}") or "0"
        if not text.isdecimal() or len(text) > 9:
            raise ValueError(context._("Units of %(sku)s must be a whole number.", sku=row.sku))
        if int(text):
            names = _names(context, f"serials-{row.line}") if row.by_name else []
            named.append({"line": row.line, "quantity": int(text), **({"serials": names} if names else {}), **more})
    if not named:
        raise ValueError(context._("Name at least one unit."))
    return named


def _names(context: Context, field: str) -> list[str]:
    """Serial numbers, one in a line."""
    return [name for line in context.sent(field).splitlines() if (name := line.strip())]


def _name_fields(context: Context, rows: Sequence[Row], *, missing: bool = False) -> list[Field]:
    """Where units are named: those that are meant, and those that are not there."""
    fields = []
    for row in rows:
        if row.by_name:
            label, hint = (
                context._("Serial numbers of %(sku)s", sku=row.sku),
                context._("One in a line, one for each unit"),
            )
            fields.append(Field(f"serials-{row.line}", label, "names", hint=hint, wide=True))
        if row.by_name and missing:
            label = context._("Serial numbers of %(sku)s that are missing", sku=row.sku)
            fields.append(Field(f"missing-{row.line}", label, "names", wide=True))
    return fields


def _of_allocations(subject: Subject, stage: str) -> list[Row]:
    most: dict[int, int] = {}
    for each in subject.allocated_to:
        most[each.line] = most.get(each.line, 0) + each.units.get(stage, 0)
    return _rows(subject, most)


def _of_return(subject: Subject, gained: str, *spent: str) -> list[Row]:
    lines = subject.returned.lines if subject.returned else []
    return _rows(
        subject,
        {line.line: line.units.get(gained, 0) - sum(line.units.get(name, 0) for name in spent) for line in lines},
    )


def _of_lines(subject: Subject, stages: Sequence[str], minus: Sequence[str] = (), *, parts: bool) -> list[Row]:
    """Lines as they were sold; the parts of kits where they may be named alone, none of them at first."""
    apart = {line.number for line in subject.order.lines if line.part_of}
    rows = _rows(
        subject,
        {
            line.number: sum(line.units.get(name, 0) for name in stages)
            - sum(line.units.get(name, 0) for name in minus)
            for line in subject.order.lines
            if parts or line.number not in apart
        },
    )
    return [replace(row, sent="0") if row.line in apart else row for row in rows]


def _hold_form(context: Context, _: Subject) -> Form:
    kinds = [(name, context._(word)) for name, word in HOLD_KINDS]
    return Form(
        fields=[
            Field("kind", context._("Why"), "select", options=kinds),
            Field(
                "note", context._("Note"), "area", hint=context._("For your colleagues. It is not kept in the journal.")
            ),
        ]
    )


def _hold(context: Context, subject: Subject) -> dict[str, Any]:
    note = context.sent("note")
    return {"order": subject.order.number, "kind": context.sent("kind") or "manual", **({"note": note} if note else {})}


def _lift_form(context: Context, subject: Subject) -> Form:
    kinds = sorted({hold.kind for hold in subject.order.holds if hold.released_at is None})
    options = [("", context._("all of them")), *((kind, kind.replace("_", " ")) for kind in kinds)]
    return Form(fields=[Field("kind", context._("Which hold"), "select", options=options)] if len(kinds) > 1 else [])


def _lift(context: Context, subject: Subject) -> dict[str, Any]:
    kind = context.sent("kind")
    return {"order": subject.order.number, **({"kind": kind} if kind else {})}


def _pick_form(context: Context, subject: Subject) -> Form:
    rest = Field(
        "rest",
        context._("What is missing was not on the shelf"),
        "check",
        hint=context._("Write it off as lost there, and look for other stock. Otherwise it stays to pick."),
        wide=True,
    )
    rows = _of_allocations(subject, "released")
    return Form(rows, [*_name_fields(context, rows, missing=True), rest])


def _pick(context: Context, subject: Subject) -> dict[str, Any]:
    rows = _of_allocations(subject, "released")
    short = []
    if context.sent("rest"):
        for row in rows:
            text = context.sent(f"line-{row.line}") or "0"
            if text.isdecimal() and int(text[:9]) < row.most:
                names = _names(context, f"missing-{row.line}") if row.by_name else []
                missing = {"line": row.line, "quantity": row.most - int(text), "reason": "not_on_shelf"}
                short.append({**missing, **({"serials": names} if names else {})})
    all_short = len(short) == len(rows) and not any(int(context.sent(f"line-{row.line}") or "0") for row in rows)
    lines = [] if short and all_short else _units(context, rows)
    return {"fulfillment_order": subject.document, "lines": lines, **({"short": short} if short else {})}


def _pack_form(context: Context, subject: Subject) -> Form:
    weight = Field("weight_grams", context._("Weight in grams"), "number", low=1)
    rows = _of_allocations(subject, "picked")
    return Form(
        rows, [*_name_fields(context, rows), weight], context._("One parcel. What is left out goes into the next one.")
    )


def _pack(context: Context, subject: Subject) -> dict[str, Any]:
    lines = _units(context, _of_allocations(subject, "picked"))
    weight = context.sent("weight_grams")
    return {
        "fulfillment_order": subject.document,
        "lines": lines,
        **({"weight_grams": _whole(context, weight)} if weight else {}),
    }


def _ship_form(context: Context, subject: Subject) -> Form:
    last = next((each.carrier for each in reversed(subject.order.parcels) if each.carrier), "")
    return Form(
        fields=[
            Field("carrier", context._("Carrier"), required=True, value=last or ""),
            Field("tracking_number", context._("Tracking number")),
        ]
    )


def _ship(context: Context, subject: Subject) -> dict[str, Any]:
    tracking = context.sent("tracking_number")
    return {
        "parcel": subject.document,
        "carrier": context.sent("carrier"),
        **({"tracking_number": tracking} if tracking else {}),
    }


def _parcel(_: Context, subject: Subject) -> dict[str, Any]:
    return {"parcel": subject.document}


def _track_form(context: Context, subject: Subject) -> Form:
    told = [(name, context._(word)) for name, word in TRACKED]
    now = context.now.astimezone(ZoneInfo(context.merchant.time_zone)).strftime("%Y-%m-%dT%H:%M:%S")
    return Form(
        fields=[
            Field("status", context._("What the carrier says"), "select", options=told, value="delivered"),
            Field(
                "occurred_at", context._("When"), "moment", value=now, required=True, hint=context.merchant.time_zone
            ),
        ]
    )


def _track(context: Context, subject: Subject) -> dict[str, Any]:
    return {"parcel": subject.document, "status": context.sent("status"), "occurred_at": moment(context, "occurred_at")}


def moment(context: Context, name: str) -> str:
    """A local time of the form, with the offset of the merchant's zone. Raises ValueError."""
    try:
        local = datetime.fromisoformat(context.sent(name))
    except ValueError:
        raise ValueError(context._("Give the date and the time.")) from None
    return (local if local.tzinfo else local.replace(tzinfo=ZoneInfo(context.merchant.time_zone))).isoformat()


def _cancel_form(context: Context, subject: Subject) -> Form:
    reasons = [(name, context._(word)) for name, word in CANCEL_REASONS]
    rows = _of_lines(subject, CANCELLABLE, parts=False)
    unpack = Field("unpack", context._("Also what is packed"), "check", hint=context._("Its parcels are taken apart."))
    packed = any(parcel.status == "packed" for parcel in subject.order.parcels)
    return Form(rows, [Field("reason", context._("Why"), "select", options=reasons), *([unpack] if packed else [])])


def _cancel(context: Context, subject: Subject) -> dict[str, Any]:
    rows = _of_lines(subject, CANCELLABLE, parts=False)
    cancelled = {"order": subject.order.number, "reason": context.sent("reason"), "lines": _units(context, rows)}
    return cancelled | ({"unpack": True} if context.sent("unpack") else {})


def _put_back(_: Context, subject: Subject) -> dict[str, Any]:
    return {"fulfillment_order": subject.document}


_RETURNABLE = (("delivered", "in_transit"), ("return_requested", "returned"))


def _request_form(context: Context, subject: Subject) -> Form:
    reasons = [(name, context._(word)) for name, word in RETURN_REASONS]
    return Form(
        _of_lines(subject, *_RETURNABLE, parts=True),
        [
            Field("reason", context._("Why"), "select", options=reasons),
            Field("reference", context._("Reference"), hint=context._("What the channel or the customer calls it")),
        ],
    )


def _request(context: Context, subject: Subject) -> dict[str, Any]:
    reference = context.sent("reference")
    lines = _units(context, _of_lines(subject, *_RETURNABLE, parts=True))
    return {
        "order": subject.order.number,
        "reason": context.sent("reason"),
        "lines": lines,
        **({"reference": reference} if reference else {}),
    }


def _receive_form(context: Context, subject: Subject) -> Form:
    sent_from = next((parcel.location for parcel in reversed(subject.order.parcels)), "")
    where = Field("location", context._("Where"), "select", subject.locations, required=True, value=sent_from)
    note = context._("They wait in quality hold until somebody has looked at them.")
    return Form(_of_return(subject, "requested", "withdrawn", "received"), [where], note)


def _receive(context: Context, subject: Subject) -> dict[str, Any]:
    lines = _units(context, _of_return(subject, "requested", "withdrawn", "received"))
    return {"document": subject.document, "location": context.sent("location"), "lines": lines}


def _dispose_form(context: Context, subject: Subject) -> Form:
    what = [(name, context._(word)) for name, word in DISPOSITIONS]
    rows = _of_return(subject, "received", "restocked", "damaged", "scrapped")
    names = _name_fields(context, rows)
    return Form(rows, [Field("disposition", context._("What becomes of them"), "select", options=what), *names])


def _dispose(context: Context, subject: Subject) -> dict[str, Any]:
    rows = _of_return(subject, "received", "restocked", "damaged", "scrapped")
    return {"document": subject.document, "lines": _units(context, rows, disposition=context.sent("disposition"))}


def _to(context: Context) -> Field:
    """Where what is given back goes."""
    ways = [
        ("", context._("as policies say")),
        ("tenders", context._("as it was paid")),
        ("store_credit", context._("store credit")),
    ]
    return Field("to", context._("Where it goes"), "select", options=ways)


def _chosen_to(context: Context) -> dict[str, str]:
    return {"to": to} if (to := context.sent("to")) else {}


def _refund_form(context: Context, subject: Subject) -> Form:
    return Form(_of_return(subject, "received", "refunded"), [_to(context)])


def _refund(context: Context, subject: Subject) -> dict[str, Any]:
    lines = _units(context, _of_return(subject, "received", "refunded"))
    return {"document": subject.document, "lines": lines, **_chosen_to(context)}


def _withdraw_form(_: Context, subject: Subject) -> Form:
    return Form(_of_return(subject, "requested", "withdrawn", "received"))


def _withdraw(context: Context, subject: Subject) -> dict[str, Any]:
    return {
        "document": subject.document,
        "lines": _units(context, _of_return(subject, "requested", "withdrawn", "received")),
    }


def _pay_form(context: Context, subject: Subject) -> Form:
    due = subject.order.money.due
    fields = [
        Field("amount", f"{context._('Amount')} ({due.currency})", required=True, value=due.amount),
        Field("reference", context._("Reference"), hint=context._("Of the bank, the till, the channel")),
    ]
    to_come = [each for each in subject.order.tenders if each.expected]
    if to_come:
        said = [(str(each.number), f"{each.kind.replace('_', ' ')} ({each.number})") for each in to_come]
        fields.append(Field("tender", context._("What came"), "select", [*said, ("", context._("something else"))]))
    return Form(fields=fields)


def _pay(context: Context, subject: Subject) -> dict[str, Any]:
    reference = context.sent("reference")
    amount = {"amount": context.sent("amount").replace(",", "."), "currency": subject.order.currency}
    payload: dict[str, Any] = {"order": subject.order.number, "amount": amount}
    payload |= {"reference": reference} if reference else {}
    return payload | ({"tender": int(tender)} if (tender := context.sent("tender")).isdecimal() else {})


def _give_back_form(context: Context, subject: Subject) -> Form:
    due = subject.order.money.due
    owed = due.amount.removeprefix("-") if due.minor < 0 else ""
    amount = Field("amount", f"{context._('Amount')} ({due.currency})", required=True, value=owed)
    return Form(fields=[amount, _to(context)])


def _give_back(context: Context, subject: Subject) -> dict[str, Any]:
    amount = {"amount": context.sent("amount").replace(",", "."), "currency": subject.order.currency}
    return {"order": subject.order.number, "amount": amount, **_chosen_to(context)}


def _whole(context: Context, text: str) -> int:
    if not text.isdecimal() or len(text) > 12:
        raise ValueError(context._("%(text)s is not a whole number.", text=text))
    return int(text)


HOLD_KINDS = (
    ("manual", N_("to be looked at")),
    ("customer_request", N_("the customer asked to wait")),
    ("address", N_("address in doubt")),
    ("payment", N_("payment in doubt")),
    ("fraud", N_("fraud suspected")),
)
CANCELLABLE = ("open", "backordered", "allocated", "released", "picked", "packed")
CANCEL_REASONS = (
    ("customer_request", N_("the customer changed their mind")),
    ("out_of_stock", N_("not to be had")),
    ("mistake", N_("ordered by mistake")),
    ("fraud", N_("fraud")),
    ("other", N_("something else")),
)
RETURN_REASONS = (
    ("not_wanted", N_("not wanted any more")),
    ("damaged", N_("arrived damaged")),
    ("wrong_item", N_("wrong item")),
    ("not_as_described", N_("not as described")),
    ("too_late", N_("came too late")),
    ("other", N_("something else")),
)
DISPOSITIONS = (("restock", N_("back to stock")), ("damaged", N_("keep as damaged")), ("scrapped", N_("scrap")))
TRACKED = (
    ("in_transit", N_("in transit")),
    ("out_for_delivery", N_("out for delivery")),
    ("delivered", N_("delivered")),
    ("failed_attempt", N_("delivery attempt failed")),
    ("lost", N_("lost")),
    ("returned_to_sender", N_("returned to sender")),
)

ACTIONS: Mapping[str, Action] = {
    "holds.release": Action(N_("Release hold"), "lock-open", N_("%(what)s is no longer held."), _lift_form, _lift),
    "orders.source": Action(
        N_("Look for stock"), "route", N_("Looked again for stock for %(what)s."), _nothing, _order
    ),
    "orders.release": Action(
        N_("Release"), "player-play", N_("%(what)s was released to its locations."), _nothing, _order
    ),
    "fulfillment-orders.pick": Action(N_("Pick"), "list-details", N_("%(what)s: units picked."), _pick_form, _pick),
    "parcels.pack": Action(N_("Pack"), "package", N_("%(what)s: a parcel is packed."), _pack_form, _pack),
    "parcels.ship": Action(N_("Ship"), "truck", N_("%(what)s was handed to the carrier."), _ship_form, _ship),
    "parcels.unpack": Action(N_("Unpack"), "package-off", N_("%(what)s was unpacked."), _nothing, _parcel, True),
    "parcels.track": Action(N_("Tracking"), "map-pin", N_("%(what)s: tracking noted."), _track_form, _track),
    "returns.receive": Action(
        N_("Receive return"), "package-import", N_("%(what)s: units received."), _receive_form, _receive
    ),
    "returns.dispose": Action(
        N_("Look through return"), "checklist", N_("%(what)s: units sorted."), _dispose_form, _dispose, True
    ),
    "returns.refund": Action(N_("Refund"), "receipt-refund", N_("%(what)s was refunded."), _refund_form, _refund, True),
    "payments.record": Action(N_("Record payment"), "cash", N_("%(what)s: payment recorded."), _pay_form, _pay),
    "payments.capture": Action(
        N_("Capture payment"),
        "credit-card",
        N_("%(what)s: the provider was asked to take what is due."),
        _nothing,
        _order,
    ),
    "payments.void": Action(
        N_("Give up authorisation"),
        "ban",
        N_("%(what)s: the provider was asked to give it up."),
        _nothing,
        _order,
        True,
    ),
    "payments.refund": Action(
        N_("Give money back"), "receipt-refund", N_("%(what)s: money given back."), _give_back_form, _give_back, True
    ),
    "orders.hold": Action(N_("Hold"), "hand-stop", N_("%(what)s is on hold."), _hold_form, _hold),
    "lines.cancel": Action(N_("Cancel units"), "ban", N_("%(what)s: units cancelled."), _cancel_form, _cancel, True),
    "lines.write-off": Action(
        N_("Write off lost units"), "package-off", N_("%(what)s: lost units are written off."), _nothing, _order, True
    ),
    "fulfillment-orders.put-back": Action(
        N_("Put back"),
        "arrow-back-up",
        N_("%(what)s: what was cancelled lies on the shelf again."),
        _nothing,
        _put_back,
    ),
    "returns.request": Action(
        N_("Return"), "truck-return", N_("%(what)s: a return is announced."), _request_form, _request
    ),
    "returns.cancel": Action(
        N_("Withdraw return"), "x", N_("%(what)s: the return was withdrawn."), _withdraw_form, _withdraw, True
    ),
}

WITH_ORDER = ("orders.hold", "holds.release")
"""Inverses that concern the order itself, not one of its documents."""

BULK: Mapping[str, tuple[str, str]] = {
    "orders.release": (N_("Release"), "player-play"),
    "orders.hold": (N_("Hold"), "hand-stop"),
    "holds.release": (N_("Release hold"), "lock-open"),
}
"""What can be done with many orders at once."""
