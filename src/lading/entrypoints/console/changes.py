"""What changing an order asks for: edits at once, and edits that are prepared, confirmed or dropped."""

from collections.abc import Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo

from lading.entrypoints.console.attributes import fields_of
from lading.entrypoints.console.context import Context
from lading.entrypoints.console.fields import Field
from lading.entrypoints.console.steps import CANCEL_REASONS, Action, Form, Group, Row, Subject, moment
from lading.entrypoints.console.words import N_
from lading.orders.remarks import tags_of
from lading.views.order import OrderLine

CHARGES: Final = (
    ("", N_("none")),
    ("shipping", N_("Shipping")),
    ("discount", N_("Discount")),
    ("gift_wrap", N_("Gift wrap")),
    ("surcharge", N_("Surcharge")),
    ("duty", N_("Duty")),
    ("tip", N_("Tip")),
    ("fee", N_("Fee")),
    ("tax", N_("Tax")),
    ("adjustment", N_("Adjustment")),
)
RELATED: Final = {
    "split_into": N_("A part went to"), "split_from": N_("Split from"), "merged_into": N_("Went to"), "merged_from": N_("Merged with"),
}  # fmt: skip
AUDIENCES: Final = {
    "internal": N_("for colleagues"),
    "customer": N_("for the customer"),
    "recipient": N_("for the recipient"),
}
ADDRESS: Final = {
    "name": N_("Name"), "company": N_("Company"), "line1": N_("Street"), "line2": N_("Building, floor"),
    "postal_code": N_("Postal code"), "city": N_("City"), "region": N_("Region"), "country": N_("Country"),
}  # fmt: skip


def _left(line: OrderLine) -> int:
    return line.ordered - line.units.get("cancelled", 0)


def _edit_form(context: Context, subject: Subject) -> Form:
    order = subject.order
    lines = [line for line in order.lines if not line.part_of and _left(line)]
    fields = [
        Field(f"units-{line.number}", context._("Units of %(sku)s", sku=line.sku), "number", value=str(_left(line)), hint=line.name)
        for line in lines
    ]  # fmt: skip
    reasons = [(name, context._(word)) for name, word in CANCEL_REASONS if name != "fraud"]
    fields.append(Field("reason", context._("Why"), "select", options=reasons))
    if any(parcel.status == "packed" for parcel in order.parcels):
        hint = context._("Its parcels are taken apart.")
        fields.append(Field("unpack", context._("Also what is packed"), "check", hint=hint))
    add = [
        Field("sku", context._("Product"), "sku", hint=context._("Its SKU; leave it empty to add nothing.")),
        Field("quantity", context._("Units of it"), "number", value="1"),
        Field("price", context._("Price of one, in %(currency)s", currency=order.currency)),
    ]
    prices = [
        Field(f"price-{line.number}", context._("Price of %(sku)s", sku=line.sku), value=line.unit_price)
        for line in lines
        if not line.kit
    ]
    either = context._("A discount is negative; with a percent sign it is a percentage")
    charge = [
        Field("kind", context._("What"), "select", options=[(name, context._(word)) for name, word in CHARGES]),
        Field("code", context._("Code"), hint=context._("The channel's word for it")),
        Field("amount", context._("Amount in %(currency)s", currency=order.currency), hint=either),
    ]  # fmt: skip
    place = [Field(name, context._(word), value=_of_address(subject, name)) for name, word in ADDRESS.items()]
    said = fields_of(context, subject.attributes, "order", "said-", order.attributes)
    return Form(
        fields=fields,
        groups=[
            Group(context._("Add a product"), add),
            Group(context._("Prices"), prices),
            Group(context._("Charge or discount"), charge),
            Group(context._("Ship to"), place),
            Group(context._("When and how"), _when_and_how(context, subject)),
            *([Group(context._("Attributes"), said)] if said else []),
        ],
    )


def _when_and_how(context: Context, subject: Subject) -> list[Field]:
    zone = context.merchant.time_zone
    leaves = subject.order.ship_by
    until = leaves.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M:%S") if leaves else ""
    return [
        Field("ship_by", context._("Ship by"), "moment", value=until, hint=zone),
        Field("method", context._("How it shall be sent"), value=subject.order.method or ""),
        Field(
            "ship_complete", context._("All of it goes out together"), "check", value="yes" if subject.order.ship_complete else ""
        ),
        Field("priority", context._("Priority"), value=str(subject.order.priority), hint=context._("-100 to 100; higher is served first")),
    ]  # fmt: skip


def _of_address(subject: Subject, name: str) -> str:
    return str(getattr(subject.order.ship_to, name, None) or "")


def _edit(context: Context, subject: Subject) -> dict[str, Any]:
    """What differs from the order as it is. Raises ValueError where nothing does."""
    order = subject.order
    changed: dict[str, Any] = {}
    lines = [line for line in order.lines if not line.part_of and _left(line)]
    quantities = [
        {"line": line.number, "quantity": units}
        for line in lines
        if (text := context.sent(f"units-{line.number}")) and (units := _whole(context, text)) != _left(line)
    ]
    prices = [
        {"line": line.number, "unit_price": {"amount": _amount(text), "currency": order.currency}}
        for line in lines
        if (text := context.sent(f"price-{line.number}")) and _amount(text) != line.unit_price
    ]
    if sku := context.sent("sku"):
        price = {"amount": _amount(context.sent("price") or "0"), "currency": order.currency}
        quantity = _whole(context, context.sent("quantity") or "1")
        changed["add"] = [{"sku": sku, "quantity": quantity, "unit_price": price}]
    if kind := context.sent("kind"):
        changed["charges"] = [
            _charge(kind, context.sent("code") or kind, context.sent("amount") or "0", order.currency)
        ]
    place = {name: context.sent(name) for name in ADDRESS}
    if any(place.values()) and place != {name: _of_address(subject, name) for name in ADDRESS}:
        changed["ship_to"] = {name: text for name, text in place.items() if text}
    changed |= {name: each for name, each in (("quantities", quantities), ("prices", prices)) if each}
    said = {
        each.code: context.sent(f"said-{each.code}") or None
        for each in subject.attributes
        if each.subject == "order"
        and each.active
        and context.sent(f"said-{each.code}") != order.attributes.get(each.code, "")
    }
    changed |= _head(context, subject) | ({"attributes": said} if said else {})
    if not changed:
        raise ValueError(context._("Nothing is changed yet."))
    unpack = {"unpack": True} if context.sent("unpack") else {}
    return {"order": order.number, "reason": context.sent("reason") or "other", **changed, **unpack}


def _head(context: Context, subject: Subject) -> dict[str, Any]:
    changed: dict[str, Any] = {}
    before = {field.name: field.value for field in _when_and_how(context, subject)}
    if context.sent("ship_by") and context.sent("ship_by") not in (before["ship_by"], before["ship_by"][:16]):
        changed["ship_by"] = moment(context, "ship_by")
    if context.sent("method") and context.sent("method") != before["method"]:
        changed["method"] = context.sent("method")
    if (whole := bool(context.sent("ship_complete"))) != subject.order.ship_complete:
        changed["ship_complete"] = whole
    if (text := context.sent("priority")) and text != before["priority"]:
        sign = -1 if text.startswith("-") else 1
        changed["priority"] = sign * _whole(context, text.removeprefix("-"))
    return changed


def _charge(kind: str, code: str, text: str, currency: str) -> dict[str, Any]:
    """An amount, or a percentage where it says so. A discount that a person gives here is granted by that person."""
    charge: dict[str, Any] = {"kind": kind, "code": code}
    if kind == "discount":
        charge["source"] = "person"
    if text.rstrip().endswith("%"):
        return charge | {"percent": _amount(text).rstrip("% ").strip().removeprefix("-")}
    return charge | {"amount": {"amount": _amount(text), "currency": currency}}


def _amount(text: str) -> str:
    return text.replace(",", ".")


def _whole(context: Context, text: str) -> int:
    if not text.isdecimal() or len(text) > 12:
        raise ValueError(context._("%(text)s is not a whole number.", text=text))
    return int(text)


def _prepared_form(_: Context, __: Subject) -> Form:
    return Form()


def _prepared(_: Context, subject: Subject) -> dict[str, Any]:
    return {"edit": subject.document}


_UNRELEASED = ("backordered", "open", "allocated")


def _split_form(context: Context, subject: Subject) -> Form:
    rows = [
        Row(line.number, line.sku, line.name, most, "0")
        for line in subject.order.lines
        if not (line.kit or line.part_of) and (most := sum(line.units.get(stage, 0) for stage in _UNRELEASED))
    ]
    note = context._("These units become an order of their own, at just what they cost here.")
    return Form(rows, [Field("reason", context._("Why"), "select", options=_why(context))], note)


def _split(context: Context, subject: Subject) -> dict[str, Any]:
    """Raises ValueError where no unit was named."""
    lines = []
    for line in subject.order.lines:
        if (text := context.sent(f"line-{line.number}")) and (units := _whole(context, text)):
            lines.append({"line": line.number, "quantity": units})
    if not lines:
        raise ValueError(context._("Name at least one unit."))
    return {"order": subject.order.number, "lines": lines, "reason": context.sent("reason")}


def _merge_form(context: Context, _: Subject) -> Form:
    hint = context._("Numbers of orders of the same customer to the same address, separated by commas")
    return Form(
        fields=[
            Field("others", context._("Which orders come to it"), required=True, wide=True, hint=hint),
            Field("reason", context._("Why"), "select", options=_why(context)),
        ]
    )


def _merge(context: Context, subject: Subject) -> dict[str, Any]:
    others = [each.strip().removeprefix("#") for each in context.sent("others").split(",") if each.strip()]
    return {"order": subject.order.number, "others": others, "reason": context.sent("reason")}


def _why(context: Context) -> list[tuple[str, str]]:
    return [(name, context._(word)) for name, word in PART_REASONS]


def _note_form(context: Context, _: Subject) -> Form:
    hint = context._("It stands on the order only, and can be blanked.")
    readers = [(name, context._(word)) for name, word in AUDIENCES.items()]
    return Form(
        fields=[
            Field("text", context._("Note"), "area", required=True, wide=True, hint=hint),
            Field("audience", context._("For whom"), "select", options=readers),
        ]
    )


def _note(context: Context, subject: Subject) -> dict[str, Any]:
    return {"order": subject.order.number, "text": context.sent("text"), "audience": context.sent("audience")}


def _blank_form(context: Context, _: Subject) -> Form:
    return Form(note=context._("What it says is gone for ever."))


def _blank(_: Context, subject: Subject) -> dict[str, Any]:
    return {"note": subject.document}


def _tags_form(context: Context, subject: Subject) -> Form:
    hint = context._("Separated by commas. Lists of orders are filtered by them.")
    return Form(fields=[Field("tags", context._("Tags"), value=", ".join(subject.order.tags), wide=True, hint=hint)])


def _tags(context: Context, subject: Subject) -> dict[str, Any]:
    """Raises ValueError where they are the same."""
    there, wanted = set(subject.order.tags), tags_of(context.sent("tags").split(",")) - {""}
    if there == wanted:
        raise ValueError(context._("Nothing is changed yet."))
    return {"order": subject.order.number, "add": sorted(wanted - there), "remove": sorted(there - wanted)}


PART_REASONS: Final = (
    ("customer_request", N_("the customer asked for it")),
    ("part_later", N_("a part of it goes out later")),
    ("one_parcel", N_("they go out together")),
    ("other", N_("something else")),
)

ACTIONS: Mapping[str, Action] = {
    "orders.edit": Action(N_("Edit"), "edit", N_("%(what)s was changed."), _edit_form, _edit, True),
    "edits.begin": Action(
        N_("Prepare an edit"), "clock", N_("%(what)s: an edit waits to be confirmed."), _edit_form, _edit, True
    ),
    "edits.confirm": Action(
        N_("Confirm edit"), "circle-check", N_("%(what)s was done as it was shown."), _prepared_form, _prepared, True
    ),
    "edits.drop": Action(N_("Drop edit"), "x", N_("%(what)s was dropped."), _prepared_form, _prepared),
    "orders.split": Action(
        N_("Split order"),
        "arrows-split",
        N_("%(what)s was split: a part of it is an order of its own."),
        _split_form,
        _split,
        True,
    ),
    "orders.merge": Action(
        N_("Merge orders"), "stack-2", N_("The others went to %(what)s."), _merge_form, _merge, True
    ),
    "notes.add": Action(N_("Write a note"), "note", N_("%(what)s has a note more."), _note_form, _note),
    "notes.blank": Action(N_("Blank note"), "trash", N_("%(what)s says nothing any more."), _blank_form, _blank),
    "orders.tag": Action(N_("Tags"), "tags", N_("%(what)s has other tags."), _tags_form, _tags),
}
"""Beside those of `steps`."""
