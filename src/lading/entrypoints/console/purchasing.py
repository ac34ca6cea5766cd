"""Purchase orders: what was bought, what of it is late, and what can be done with one."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from starlette.responses import Response

from lading.entrypoints.api.problems import explain
from lading.entrypoints.console import forms, listing
from lading.entrypoints.console.context import Context, NotThere, decode, form_id
from lading.entrypoints.console.fields import Field
from lading.entrypoints.console.forms import Simple
from lading.entrypoints.console.stock import moment
from lading.entrypoints.console.words import N_
from lading.inbound.commands import PlacePurchaseOrder
from lading.views import NotFound
from lading.views import inbound as views
from lading.views.inbound import PurchaseOrderLine, PurchaseOrderView
from lading.views.names import read_names
from lading.views.products import products_of
from lading.views.timeline import latest_of

LINES_MAX = 500
STORY = 12
USUAL_DAYS = 7
"""A purchase order is due in so many days where nobody says otherwise."""
LISTS = (
    ("", N_("Open")),
    ("all", N_("All")),
    ("received", N_("Received")),
    ("closed", N_("Closed")),
    ("cancelled", N_("Cancelled")),
)


async def show_list(context: Context) -> Response:
    """Open ones, what is due first before; or all, the newest first."""
    asked = {name: context.query(name) for name in ("list", "location", "sku")}
    raw: dict[str, Any] = {name: value for name in ("location", "sku") if (value := asked[name])}
    raw |= {"sort": "due"} if not asked["list"] else {"status": asked["list"]} if asked["list"] != "all" else {}
    shown = await listing.find(context, views.purchase_orders, views.PurchaseOrdersQuery, asked, raw)
    return context.render("purchases.html", **shown, lists=LISTS)


async def find(context: Context) -> PurchaseOrderView:
    """The one that the address names. Raises NotThere."""
    async with context.database.read(context.merchant.id) as tx:
        try:
            return await views.purchase_order(tx, views.PurchaseOrderQuery(context.request.path_params["ref"]))
        except NotFound as error:
            raise NotThere from error


async def show_one(context: Context) -> Response:
    """Its lines, what of them comes when, who announced what, and what happened."""
    found = await find(context)
    async with context.database.read(context.merchant.id) as tx:
        known = await products_of(tx, [line.sku for line in found.lines])
        story = await latest_of(tx, found.id, STORY)
    return context.render("purchase.html", order=found, known=known, story=story, acts=_buttons(context, found))


@dataclass(frozen=True, slots=True)
class Act:
    """What can be done with a purchase order."""

    verb: str
    word: str
    icon: str
    done: str
    note: str
    fields: Callable[[Context, PurchaseOrderView], list[Field]]
    payload: Callable[[Context, PurchaseOrderView], dict[str, Any]]
    danger: bool = False


def _expecting(found: PurchaseOrderView) -> list[PurchaseOrderLine]:
    return [line for line in found.lines if line.expected]


def _unannounced(line: PurchaseOrderLine) -> int:
    return sum(each.expected for each in line.schedule if each.asn is None)


def _asn_fields(context: Context, found: PurchaseOrderView) -> list[Field]:
    due = max(found.next_due_at or context.now, context.now)
    fields = [
        Field(
            "reference", context._("Number of the shipment"), required=True, hint=context._("As the supplier names it")
        ),
        Field("due_at", context._("Comes on"), "date", required=True, value=_local_day(context, due)),
        Field("carrier", context._("Carrier")),
        Field("tracking_number", context._("Tracking number")),
    ]
    return fields + [
        Field(f"units-{line.line}", _title(line), "number", value=str(_unannounced(line)), high=_unannounced(line))
        for line in found.lines
        if _unannounced(line)
    ]


def _asn_payload(context: Context, found: PurchaseOrderView) -> dict[str, Any]:
    payload: dict[str, Any] = {
        name: text for name in ("reference", "carrier", "tracking_number") if (text := context.sent(name))
    }
    return payload | {"due_at": moment(context, f"{context.sent('due_at')}T12:00"), "lines": _units(context, found)}


def _units(context: Context, found: PurchaseOrderView) -> list[dict[str, Any]]:
    typed = {line.line: context.sent(f"units-{line.line}") for line in found.lines}
    return [
        {"line": line, "quantity": forms.whole_number(text)} for line, text in typed.items() if text and text != "0"
    ]


def _change_fields(context: Context, found: PurchaseOrderView) -> list[Field]:
    fields = []
    for line in _expecting(found):
        own = next((each for each in line.schedule if each.asn is None), None)
        if own and own.expected:
            fields += [
                Field(
                    f"due-{line.line}",
                    f"{line.sku}: {context._('due on')}",
                    "date",
                    value=_local_day(context, own.due_at),
                ),
                Field(
                    f"units-{line.line}", f"{line.sku}: {context._('ordered')}", "number", low=1, value=str(own.ordered)
                ),
            ]
    return fields


def _change_payload(context: Context, found: PurchaseOrderView) -> dict[str, Any]:
    lines = []
    for line in found.lines:
        own = next((each for each in line.schedule if each.asn is None), None)
        due, units = context.sent(f"due-{line.line}"), context.sent(f"units-{line.line}")
        change: dict[str, Any] = {"line": line.line}
        if own and due and due != _local_day(context, own.due_at):
            change["due_at"] = moment(context, f"{due}T12:00")
        if own and units and units != str(own.ordered):
            change["quantity"] = forms.whole_number(units)
        if len(change) > 1:
            lines.append(change)
    return {"lines": lines}


def _reason_fields(context: Context, _: PurchaseOrderView) -> list[Field]:
    return [Field("reason", context._("Reason"), required=True)]


def _cancel_fields(context: Context, found: PurchaseOrderView) -> list[Field]:
    units = [
        Field(f"units-{line.line}", _title(line), "number", value=str(line.expected), high=line.expected)
        for line in _expecting(found)
    ]
    return [*_reason_fields(context, found), *units]


def _cancel_payload(context: Context, found: PurchaseOrderView) -> dict[str, Any]:
    return {"reason": context.sent("reason"), "lines": _units(context, found)}


def _close_payload(context: Context, _: PurchaseOrderView) -> dict[str, Any]:
    return {"reason": context.sent("reason")}


ACTS = {
    each.verb: each
    for each in (
        Act("asns.announce", N_("Announce a shipment"), "truck-delivery", N_("A shipment of %(what)s is announced."),
            N_("What the supplier says is on its way, and when it comes."), _asn_fields, _asn_payload),
        Act("purchase-orders.change", N_("Change dates or units"), "calendar", N_("%(what)s is changed."),
            N_("What is left as it is does not change."), _change_fields, _change_payload),
        Act("purchase-orders.cancel", N_("Cancel"), "ban", N_("%(what)s is cancelled."),
            N_("These units are called off with the supplier; they are not promised any more."), _cancel_fields, _cancel_payload,
            danger=True),
        Act("purchase-orders.close", N_("Close"), "lock", N_("%(what)s is closed."),
            N_("Nothing more is awaited, whatever is missing; what was promised of it is promised anew."), _reason_fields,
            _close_payload, danger=True),
    )
}  # fmt: skip


def _buttons(context: Context, found: PurchaseOrderView) -> list[Act]:
    """What is possible: something must still be to come."""
    if not _expecting(found):
        return []
    announced = not any(_unannounced(line) for line in found.lines)
    left = [act for act in ACTS.values() if context.may_do(act.verb)]
    return [act for act in left if not (announced and act.verb in ("asns.announce", "purchase-orders.change"))]


async def show_act(context: Context) -> Response:
    """The form of what can be done."""
    form, _, _ = await _act_form(context)
    return forms.show(context, form)


async def act(context: Context) -> Response:
    """Do it."""
    form, chosen, found = await _act_form(context)
    if chosen is None:
        asn = context.sent("asn")
        payload: dict[str, Any] = {"asn": asn, "reason": context.sent("reason")}
        said = context._("%(what)s is cancelled.", what=asn)
    else:
        payload = {"purchase_order": found.purchase_order, **chosen.payload(context, found)}
        said = context._(chosen.done, what=found.purchase_order)
        if payload.get("lines") == []:
            form.fields = forms.filled(context, form.fields)
            return forms.show(context, form, context._("Say which units: all are zero, or as they were."))
    back = f"/purchase-orders/{found.purchase_order}"
    return await forms.submit(context, context.request.path_params["verb"], form, payload, back, said)


async def _act_form(context: Context) -> tuple[Simple, Act | None, PurchaseOrderView]:
    """The form, what it does (None: it cancels an ASN), and with which purchase order. Raises NotThere."""
    verb = context.request.path_params["verb"]
    found = await find(context)
    context.need("purchasing:write")
    address, back = f"/purchase-orders/{found.purchase_order}/do/{verb}", f"/purchase-orders/{found.purchase_order}"
    if verb == "asns.cancel":
        asn = context.sent("asn") or context.query("asn")
        title, note = (
            context._("Cancel %(asn)s", asn=asn),
            context._("What is missing of it is due with its lines again."),
        )
        form = Simple(title, address, _reason_fields(context, found), title, back, note, "ban", {"asn": asn})
        return form, None, found
    if verb not in ACTS:
        raise NotThere
    chosen = ACTS[verb]
    word = context._(chosen.word)
    return (
        Simple(f"{word} · {found.purchase_order}", address, chosen.fields(context, found), word, back, context._(chosen.note), chosen.icon),
        chosen,
        found,
    )  # fmt: skip


Rows = list[dict[str, str]]
_COLUMNS = ("sku", "location", "quantity", "due")


async def show_new(context: Context) -> Response:
    """The form of a new one: empty, for one product, or for the rows that were ticked in a list."""
    context.need("purchasing:write")
    due = _local_day(context, context.now + timedelta(days=USUAL_DAYS))
    rows: Rows = []
    for pick in context.request.query_params.getlist("pick")[:LINES_MAX]:
        sku, location, quantity = [*pick.split("\t"), "", ""][:3]
        rows.append({"sku": sku, "location": location, "quantity": quantity, "due": due})
    one = {
        "sku": context.query("sku"),
        "location": context.query("location"),
        "quantity": context.query("quantity"),
        "due": due,
    }
    return await _new_form(context, rows or [one], {}, "")


async def place(context: Context) -> Response:
    """Place it."""
    sent = {name: context.sent(name) for name in ("supplier", "reference")}
    lists = {name: [str(value).strip() for value in context.form.getlist(name)][:LINES_MAX] for name in _COLUMNS}
    rows = [dict(zip(_COLUMNS, cells, strict=True)) for cells in zip(*lists.values(), strict=False)]
    rows = [row for row in rows if row["sku"]] or rows[:1]
    payload: dict[str, Any] = {name: text for name, text in sent.items() if text}
    payload["lines"] = [
        {
            "sku": row["sku"],
            "location": row["location"],
            "quantity": forms.whole_number(row["quantity"]),
            "due_at": moment(context, f"{row['due']}T12:00"),
        }
        for row in rows
    ]
    if errors := explain(PlacePurchaseOrder, payload):
        said = forms.all_wrong(errors)
        return await _new_form(context, rows, sent, said)
    answer = await context.submit("purchase-orders.place", payload)
    if not answer.accepted:
        said = context.why_not(answer)
        return await _new_form(context, rows, sent, said)
    name = decode(answer)["purchase_order"]
    return context.go(f"/purchase-orders/{name}", context._("%(what)s was placed.", what=name))


async def _new_form(context: Context, rows: Rows, sent: dict[str, str], error: str) -> Response:
    async with context.database.read(context.merchant.id) as tx:
        names = await read_names(tx)
    return context.render(
        "purchase_new.html",
        409 if error else 200,
        rows=rows,
        sent=sent,
        error=error,
        once=form_id(),
        locations=sorted(names.locations.values()),
        due=rows[0]["due"] if rows else "",
    )


def _local_day(context: Context, at: Any) -> str:
    return str(at.astimezone(ZoneInfo(context.merchant.time_zone)).date().isoformat())


def _title(line: PurchaseOrderLine) -> str:
    return f"{line.sku} · {line.location}"
