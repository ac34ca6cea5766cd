"""Work orders: kits that are made ahead or taken apart; opened, done in parts, called off."""

from collections.abc import Iterator
from typing import Any, Final

import msgspec
from starlette.responses import Response

from lading.entrypoints.console import forms, listing, preview
from lading.entrypoints.console.context import Context, NotThere, decode
from lading.entrypoints.console.fields import Field
from lading.entrypoints.console.forms import Simple
from lading.entrypoints.console.preview import Told
from lading.entrypoints.console.stock import moment
from lading.entrypoints.console.words import N_
from lading.journal.types import Decision
from lading.views import NotFound
from lading.views import kits as views
from lading.views.kits import WorkOrderLineView, WorkOrderView
from lading.views.names import read_names
from lading.views.timeline import latest_of

STORY = 20
KITS_MAX = 200
"""Kits that are offered to be chosen; where there are more the code is typed."""
STATUSES: Final = ("waiting", "open", "started", "completed", "cancelled")
KINDS: Final = (("assemble", N_("Make")), ("disassemble", N_("Take apart")))


async def show_list(context: Context) -> Response:
    """Work orders, the newest first."""
    asked = {name: context.query(name) for name in ("status", "location")}
    shown = await listing.find(context, views.work_orders, views.WorkOrdersQuery, asked)
    return context.render("work_orders.html", **shown, statuses=STATUSES, kits_of=kits_of, kinds=dict(KINDS))


def kits_of(order: WorkOrderView) -> list[tuple[str, int]]:
    """Its kits by how far they are."""
    left = order.quantity - order.completed - order.cancelled
    return [("completed", order.completed), ("left", left), ("cancelled", order.cancelled)]


def units_of(line: WorkOrderLineView) -> list[tuple[str, int]]:
    """The units of a line by how far they are."""
    if line.role == "input":
        return [("done", line.done), ("allocated", line.allocated), ("cancelled", line.cancelled)]
    return [("done", line.done), ("left", line.planned - line.done - line.cancelled), ("cancelled", line.cancelled)]


async def show_one(context: Context) -> Response:
    """What it takes, what it gives, and what happened."""
    found = await _find(context)
    async with context.database.read(context.merchant.id) as tx:
        names = dict((await read_names(tx)).locations.values())
        story = await latest_of(tx, found.id, STORY)
    return context.render(
        "work_order.html", order=found, names=names, story=story, kits_of=kits_of, units_of=units_of, kinds=dict(KINDS),
    )  # fmt: skip


async def _find(context: Context) -> WorkOrderView:
    async with context.database.read(context.merchant.id) as tx:
        try:
            return await views.work_order(tx, views.WorkOrderQuery(str(context.request.path_params["ref"])[:64]))
        except NotFound as error:
            raise NotThere from error


async def show_new(context: Context) -> Response:
    """The form for a new one."""
    context.need("stock:write")
    return forms.show(context, await _new_form(context))


async def open_work(context: Context) -> Response:
    """Open it: what its kits take is set aside."""
    form = await _new_form(context)
    payload = forms.payload_of(context, form.fields)
    if "due_at" in payload:
        payload["due_at"] = moment(context, f"{payload['due_at']}T12:00")
    forms.refill(context, form)
    try:
        answer = await context.submit("work-orders.open", payload)
    except msgspec.ValidationError as error:
        return forms.show(context, form, preview.plain(str(error)))
    if not answer.accepted:
        return forms.show(context, form, context.why_not(answer))
    name = decode(answer)["work_order"]
    return context.go(f"/work-orders/{name}", context._("%(what)s is open; what it takes is set aside.", what=name))


async def _new_form(context: Context) -> Simple:
    async with context.database.read(context.merchant.id) as tx:
        names = await read_names(tx)
        page = await views.kits(tx, views.KitsQuery(limit=KITS_MAX))
    sku, label = context.query("sku"), context._("Kit")
    known = [(kit.sku, f"{kit.sku} · {kit.name}") for kit in page.items]
    fields = [
        Field("sku", label, "select", known, required=True, value=sku, wide=True)
        if known and not page.next
        else Field("sku", label, "sku", required=True, value=sku, wide=True),
        Field("kind", context._("What is done"), "select", [(kind, context._(word)) for kind, word in KINDS]),
        Field("quantity", context._("How many kits"), "number", required=True, low=1),
        Field(
            "location", context._("Location"), "select", sorted(names.locations.values()), required=True,
            value=context.query("location"),
        ),
        Field("due_at", context._("Due on"), "date"),
        Field("reference", context._("Your own number"), hint=context._("Optional, unique")),
    ]  # fmt: skip
    note = context._(
        "What the kits take is set aside at the location at once, all or nothing. Only kits that are made ahead can be made here."
    )
    return Simple(
        context._("New work order"), "/work-orders/new", fields, context._("Open work order"), "/work-orders", note
    )


async def show_complete(context: Context) -> Response:
    """The form for kits that are done."""
    context.need("stock:write")
    found = await _find(context)
    return forms.show(context, _complete_form(context, found))


async def complete(context: Context) -> Response:
    """Book them."""
    found = await _find(context)
    form = _complete_form(context, found)
    units = [
        told for index, line in enumerate(_told_apart(found)) if (told := _units(context, form, index, line.sku))
    ]  # fmt: skip
    payload: dict[str, Any] = forms.payload_of(context, form.fields[:1]) | _asked(context, found)
    if units:
        payload["units"] = units
    kits = payload.get("quantity", "")
    said = context._("%(what)s: %(count)s × %(sku)s booked.", what=found.work_order, sku=found.sku, count=kits)
    return await forms.submit(context, "work-orders.complete", form, payload, f"/work-orders/{found.work_order}", said)


def _asked(context: Context, found: WorkOrderView) -> dict[str, Any]:
    """Which work order, as the person saw it."""
    version = context.sent("version")
    asked: dict[str, Any] = {"work_order": found.work_order}
    return asked | {"expected_version": int(version)} if version.isdecimal() and len(version) < 10 else asked


def _units(context: Context, form: Simple, index: int, sku: str) -> dict[str, Any]:
    """What was typed of a product whose units are told apart."""
    mine = [each for each in form.fields if each.name.endswith(f"-{index}")]
    told = {name.partition("-")[0]: value for name, value in forms.payload_of(context, mine).items()}
    return {"sku": sku, **told} if told else {}


def _told_apart(found: WorkOrderView) -> list[WorkOrderLineView]:
    """A line of each product of which it must be said which units they are: those with serial numbers, and those made by lot."""
    lines = {line.sku: line for line in found.lines}
    return [
        line for line in lines.values() if line.tracking == "serial" or (line.tracking == "lot" and line.role == "output")
    ]  # fmt: skip


def _complete_form(context: Context, found: WorkOrderView) -> Simple:
    left = found.quantity - found.completed - found.cancelled
    quantity = Field("quantity", context._("How many kits"), "number", required=True, low=1, high=left, value=str(left))
    fields = [
        quantity,
        *(each for index, line in enumerate(_told_apart(found)) for each in _apart(context, index, line)),
    ]
    note = (
        context._("What the kits take is used up, and the kits are available.")
        if found.kind == "assemble"
        else context._("The kits are used up, and what they are made of is available.")
    )
    return _sheet(context, found, context._("Complete"), "complete", fields, note, "check")


def _apart(context: Context, index: int, line: WorkOrderLineView) -> Iterator[Field]:
    if line.tracking == "serial":
        hint = context._("One in a line, %(count)s for each kit", count=line.per_kit)
        label = context._("Serial numbers of %(sku)s", sku=line.sku)
        yield Field(f"serials-{index}", label, "names", hint=hint, wide=True)
    if line.role == "output" and line.tracking == "lot":
        yield Field(f"lot-{index}", context._("Lot of %(sku)s", sku=line.sku), required=True)
        yield Field(f"expires_on-{index}", context._("Last day of the lot"), "date")


async def show_cancel(context: Context) -> Response:
    """The form for kits that are not made after all."""
    context.need("stock:write")
    return forms.show(context, _cancel_form(context, await _find(context)))


async def cancel(context: Context) -> Response:
    """Say what that gives back; then do it."""
    found = await _find(context)
    form = _cancel_form(context, found)
    payload = forms.payload_of(context, form.fields) | _asked(context, found)

    async def tell(decision: Decision) -> Told:
        return await preview.tell(context, decision, {})

    said = context._("%(what)s: these kits are called off.", what=found.work_order)
    back = f"/work-orders/{found.work_order}"
    return await forms.submit(context, "work-orders.cancel", form, payload, back, said, tell)


def _cancel_form(context: Context, found: WorkOrderView) -> Simple:
    left = found.quantity - found.completed - found.cancelled
    fields = [
        Field("quantity", context._("How many kits"), "number", required=True, low=1, high=left, value=str(left)),
        Field("reason", context._("Reason"), required=True),
    ]
    note = context._("What was set aside for them is available again; what is done stays done.")
    form = _sheet(context, found, context._("Call off"), "cancel", fields, note, "ban")
    form.danger = True
    return form


def _sheet(
    context: Context, found: WorkOrderView, word: str, do: str, fields: list[Field], note: str, icon: str
) -> Simple:
    back = f"/work-orders/{found.work_order}"
    hidden = {"version": context.sent("version") or str(found.version)}
    return Simple(f"{word} · {found.work_order}", f"{back}/{do}", fields, word, back, note, icon, hidden)
