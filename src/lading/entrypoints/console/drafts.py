"""Drafts and quotes: written, sent, answered, and made into orders."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from starlette.responses import Response

from lading.entrypoints.api.problems import explain
from lading.entrypoints.console import forms, new_order, preview
from lading.entrypoints.console.context import Context, NotThere
from lading.entrypoints.console.fields import Field
from lading.entrypoints.console.forms import Simple
from lading.entrypoints.console.stock import moment
from lading.entrypoints.console.words import N_
from lading.journal.types import Decision
from lading.orders.commands import ChargeInput, NoteInput
from lading.orders.draft_commands import ReviseDraft
from lading.terms.fields import AttributeValue
from lading.views import NotFound
from lading.views import drafts as views
from lading.views.drafts import DraftView

PAGE_SIZE = 50
STORY = 20
STATUSES: Final = ("open", "draft", "sent", "accepted", "declined", "converted", "dropped")
SPANS: Final = ((86_400, N_("one day")), (604_800, N_("one week")), (2_592_000, N_("30 days")))


@dataclass(frozen=True, slots=True)
class Act:
    """What can be done with a draft."""

    verb: str
    word: str
    icon: str
    statuses: tuple[str, ...]
    note: str
    done: str
    asks: tuple[str, ...] = ()
    danger: bool = False


_OPEN = ("draft", "sent", "accepted")
ACTS: Final = {
    act.verb: act
    for act in (
        Act("convert", N_("Place the order"), "shopping-cart", ("draft", "accepted"),
            N_("It is placed as any other order, at the prices of the draft."), N_("%(what)s became an order."),
            ("external_reference",), danger=True),
        Act("accept", N_("Customer accepts"), "circle-check", ("sent",), N_("It can be placed as an order now."),
            N_("%(what)s is accepted.")),
        Act("send", N_("Send as quote"), "send", ("draft", "sent"), N_("It went to the customer, and waits for the answer."),
            N_("%(what)s waits for the customer's answer."), ("expires_at",)),
        Act("decline", N_("Customer declines"), "circle-x", ("sent", "accepted", "expired"),
            N_("What is kept for it is kept no longer."), N_("%(what)s is declined."), ("reason",)),
        Act("reserve", N_("Keep stock for it"), "lock", _OPEN, N_("All of it, or nothing. The order takes what was kept."),
            N_("Stock is kept for %(what)s."), ("seconds",)),
        Act("drop", N_("Drop"), "trash", (*_OPEN, "declined", "expired"), N_("Nothing comes of it; what is kept is kept no longer."),
            N_("%(what)s was dropped."), ("reason",)),
    )
}  # fmt: skip


async def show_list(context: Context) -> Response:
    """Drafts, the newest first."""
    asked = {"status": context.query("status")}
    raw = {name: value for name, value in {**asked, "after": context.query("after")}.items() if value}
    async with context.database.read(context.merchant.id) as tx:
        try:
            page = await views.drafts(tx, msgspec.convert({**raw, "limit": PAGE_SIZE}, views.DraftsQuery))
        except ValueError as error:
            raise NotThere from error
    return context.render("drafts.html", page=page, asked=asked, statuses=STATUSES, is_later="after" in raw)


async def show_one(context: Context) -> Response:
    """One draft, what can be done with it, and what happened."""
    found = await _find(context)
    async with context.database.read(context.merchant.id) as tx:
        story = await views.draft_timeline(tx, views.DraftTimelineQuery(draft=found.draft, limit=STORY))
    waits = found.approval in ("needed", "refused")
    acts = [
        act for act in ACTS.values()
        if found.status in act.statuses and context.may_do(f"drafts.{act.verb}")
        and not (waits and act.verb in ("send", "convert"))
    ]  # fmt: skip
    may_revise = found.status in (*_OPEN, "declined", "expired") and context.may_do("drafts.revise")
    return context.render("draft.html", draft=found, acts=acts, may_revise=may_revise, story=story.items)


async def show_act(context: Context) -> Response:
    """The form."""
    context.need("drafts:write")
    act, found = _act(context), await _find(context)
    return forms.show(context, _form(context, act, found))


async def run(context: Context) -> Response:
    """Do it; what becomes an order is shown first."""
    act, found = _act(context), await _find(context)
    form = _form(context, act, found)
    payload: dict[str, Any] = {"draft": found.draft, **forms.payload_of(context, form.fields)}
    if version := context.sent("version"):
        payload["expected_version"] = int(version) if version.isdecimal() and len(version) < 10 else found.version
    try:
        if "expires_at" in payload:
            payload["expires_at"] = moment(context, payload["expires_at"])
    except ValueError as error:
        forms.refill(context, form)
        return forms.show(context, form, str(error))
    if str(payload.get("seconds", "")).isdecimal():
        payload["seconds"] = int(payload["seconds"])

    async def tell(decision: Decision) -> preview.Told:
        return await preview.tell(context, decision, {line.line: line.sku for line in found.lines})

    said = context._(act.done, what=found.draft)
    teller = tell if act.danger else None
    return await forms.submit(context, f"drafts.{act.verb}", form, payload, f"/drafts/{found.draft}", said, teller)


async def show_edit(context: Context) -> Response:
    """The draft, to be changed."""
    context.need("drafts:write")
    found = await _find(context)
    rows = [
        {"sku": line.sku, "quantity": str(line.quantity), "price": line.unit_price.amount, "pickup": line.pickup or ""}
        for line in found.lines
    ]
    sent = {"version": str(found.version), "channel": found.channel, "currency": found.total.currency}
    sent |= {"customer_name": found.customer or "", "customer_email": found.customer_email or ""}
    sent |= {"company": found.company or "", "purchase_order": found.purchase_order or ""}
    for name in new_order.ADDRESS:
        sent[f"to_{name}"] = (getattr(found.ship_to, name) or "") if found.ship_to else ""
    sent |= {f"{new_order.OF_ORDER}{code}": _said(value) for code, value in found.attributes.items()}
    sent |= {f"{new_order.OF_LINES}{code}": _said(value) for code, value in found.lines[0].attributes.items()}
    sent["gift"] = "yes" if found.gift else ""
    for name in new_order.NOTES:
        sent[f"note_{name}"] = next((note.text for note in found.notes if note.audience == name), "")
    sent["shipping"] = next((each.amount.amount for each in found.charges if each.amount and _is_shipping(each)), "")
    return await new_order.order_form(context, sent, rows, "", draft=found.draft)


async def edit(context: Context) -> Response:
    """Save it."""
    found = await _find(context)
    sent = {name: context.sent(name) for name in context.form}
    rows = new_order.rows_sent(context)
    written = new_order.payload_sent(context, sent, rows)
    charges = [msgspec.to_builtins(each) for each in found.charges if not _is_shipping(each)]
    given = ("lines", "customer", "ship_to", "company", "purchase_order", "attributes")
    payload: dict[str, Any] = {name: written[name] for name in given if name in written}
    if payload.get("customer") == _asked_customer(found):
        del payload["customer"]  # as it was, with what the form does not know of it
    payload["lines"] = [_as_before(line, at, found) for at, line in enumerate(written["lines"])]
    kept = [note for note in found.notes if not _is_asked(note, found.notes)]
    payload["notes"] = [*written.get("notes", ()), *(msgspec.to_builtins(note) for note in kept)]
    payload["gift"] = written.get("gift", False)
    payload |= {"draft": found.draft, "charges": [*charges, *written.get("charges", ())]}
    if (version := sent.get("version", "")).isdecimal() and len(version) < 10:
        payload["expected_version"] = int(version)
    if errors := explain(ReviseDraft, payload):
        return await new_order.order_form(context, sent, rows, forms.all_wrong(errors), draft=found.draft)
    answer = await context.submit("drafts.revise", payload)
    if not answer.accepted:
        return await new_order.order_form(context, sent, rows, context.why_not(answer), draft=found.draft)
    return context.go(f"/drafts/{found.draft}", context._("%(name)s was revised.", name=found.draft))


def _asked_customer(found: DraftView) -> dict[str, str]:
    """What the form shows of the customer."""
    return {name: text for name, text in (("name", found.customer), ("email", found.customer_email)) if text}


def _said(value: AttributeValue) -> str:
    """As the form says it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _as_before(line: dict[str, Any], at: int, found: DraftView) -> dict[str, Any]:
    """The line with what the form does not ask for, where it is the same product as before."""
    if at >= len(found.lines) or found.lines[at].sku != line["sku"]:
        return line
    known = found.lines[at]
    kept: dict[str, Any] = {
        "external_id": known.external_id,
        "ship_complete": known.ship_complete,
    }
    return {**kept, **line, "attributes": {**known.attributes, **line.get("attributes", {})}}


def _is_asked(note: NoteInput, notes: Sequence[NoteInput]) -> bool:
    """Whether it is the first one for its readers: the form asks for that."""
    return next(each for each in notes if each.audience == note.audience) is note


def _is_shipping(charge: ChargeInput) -> bool:
    """Whether it is the shipping that the form asks for."""
    return (charge.kind, charge.code, charge.line) == ("shipping", "shipping", None)


def _act(context: Context) -> Act:
    act = ACTS.get(str(context.request.path_params["verb"]))
    if act is None:
        raise NotThere
    return act


async def _find(context: Context) -> DraftView:
    async with context.database.read(context.merchant.id) as tx:
        try:
            return await views.draft(tx, views.DraftQuery(str(context.request.path_params["ref"])[:64]))
        except NotFound as error:
            raise NotThere from error


def _form(context: Context, act: Act, found: DraftView) -> Simple:
    spans = [(str(seconds), context._(word)) for seconds, word in SPANS]
    fields = {
        "external_reference": Field("external_reference", context._("Reference of the channel"), wide=True),
        "expires_at": Field("expires_at", context._("Its prices hold until"), "moment", wide=True),
        "reason": Field("reason", context._("Reason"), required=act.verb == "decline", wide=True),
        "seconds": Field("seconds", context._("How long"), "select", spans, wide=True),
    }
    return Simple(
        f"{context._(act.word)}: {found.draft}", f"/drafts/{found.draft}/do/{act.verb}", [fields[name] for name in act.asks],
        context._(act.word), f"/drafts/{found.draft}", context._(act.note), act.icon,
        hidden={"version": str(found.version)}, danger=act.danger,
    )  # fmt: skip
