"""What can be done with an order: one small form for each verb, refusals in place, dangerous ones behind a preview."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from starlette.responses import Response

from lading.entrypoints.console import changes, preview, steps
from lading.entrypoints.console.context import Context, NotThere, form_id, safe_next
from lading.entrypoints.console.steps import WITH_ORDER, Action, Form, Row, Subject
from lading.entrypoints.console.work_steps import WORK_ACTIONS
from lading.operations.registry import verbs
from lading.views import NotFound
from lading.views.attributes import AttributesQuery
from lading.views.attributes import attributes as read_attributes
from lading.views.names import read_names
from lading.views.order import OrderDetail
from lading.views.order import order as read_order
from lading.views.order_work import FulfillmentOrder
from lading.views.possible import Possible
from lading.views.products import products_of

ACTIONS: Mapping[str, Action] = {**steps.ACTIONS, **changes.ACTIONS}


EVERY = {**ACTIONS, **WORK_ACTIONS}
"""What can be done with an order, its fulfillment orders and parcels."""

TOLD_WITH_ORDER: Final = ("fulfillment-orders.pick", "parcels.pack", "fulfillment-orders.put-back")
"""What is done with a fulfillment order, and what the order says of it."""


@dataclass(frozen=True, slots=True)
class Button:
    """An action as the page shows it."""

    verb: str
    word: str
    icon: str
    address: str
    why_not: str = ""
    """A sentence where it is not possible now."""
    danger: bool = False


def buttons(context: Context, order: OrderDetail) -> dict[str, list[Button]]:
    """'now': what is possible, the next step first; 'not_now': the rest with its reason."""
    offered, now = _offered(context, order.possible), []
    for each in offered:
        named = len(each.documents) > 1
        if each.possible:
            now += [_button(context, order, each, document, named=named) for document in each.documents or [""]]
    return {"now": now, "not_now": [_button(context, order, each) for each in offered if not each.possible]}


def buttons_of_work(context: Context, order: OrderDetail, work: FulfillmentOrder) -> dict[str, list[Button]]:
    """The same for one fulfillment order, to whose page one comes back; picking and packing are told with the order."""
    here = context.request.url.path
    told = [each for each in order.possible if each.verb in TOLD_WITH_ORDER and work.name in each.documents]
    offered = _offered(context, [*told, *work.possible])
    return {
        "now": [_button(context, order, each, work.name, back=here) for each in offered if each.possible],
        "not_now": [_button(context, order, each) for each in offered if not each.possible],
    }


def _offered(context: Context, all_: Sequence[Possible]) -> list[Possible]:
    return [each for each in all_ if each.verb in EVERY and context.may_do(each.verb)]


def _button(
    context: Context, order: OrderDetail, each: Possible, document: str = "", *, named: bool = False, back: str = ""
) -> Button:
    action = EVERY[each.verb]
    word = f"{context._(action.word)} {document}" if named else context._(action.word)
    query = urlencode({name: value for name, value in (("document", document), ("back", back)) if value})
    address = f"/orders/{order.number}/do/{each.verb}{'?' if query else ''}{query}"
    return Button(each.verb, word, action.icon, address, each.why_not or "", action.danger)


async def show(context: Context) -> Response:
    """The form."""
    action, subject = await _found(context, context.query("document"))
    form = action.form(context, subject)
    if action.danger or form.rows or form.fields or form.groups:
        return _form(context, action, subject, form)
    decision = (await context.preview(context.request.path_params["verb"], [action.payload(context, subject)]))[0]
    return _form(context, action, subject, form, told=await preview.foretell(context, decision, subject.order.id))


async def run(context: Context) -> Response:
    """Do it, or show what it would do, or say why not."""
    action, subject = await _found(context, context.sent("document"))
    verb = context.request.path_params["verb"]
    form = _refilled(context, action.form(context, subject))
    try:
        payload = _versioned(context, verb, action.payload(context, subject))
        shown = preview.digest(payload)
        if action.danger and context.sent("_previewed") != shown:
            decisions = await context.preview(verb, [payload])
            told = await preview.tell(context, decisions[0], {line.number: line.sku for line in subject.order.lines})
            return _form(context, action, subject, form, told=told, previewed=shown if told.possible else "")
        answer = await context.submit(verb, payload)
    except msgspec.ValidationError as error:
        return _form(context, action, subject, form, error=preview.plain(str(error)))
    except ValueError as error:
        return _form(context, action, subject, form, error=str(error))
    if not answer.accepted:
        return _form(context, action, subject, form, error=context.why_not(answer))
    said = context._(action.done, what=subject.document or context._("Order %(number)s", number=subject.order.number))
    return context.go(_back(context) or f"/orders/{subject.order.number}", said, _undo(subject, verb))


def _back(context: Context) -> str:
    """The page that the person came from, where that is one of a location's work."""
    asked = context.sent("_back") or context.query("back")
    return safe_next(asked) if asked else ""


def _undo(subject: Subject, verb: str) -> str:
    """The address of the form that takes it back, where the verb has an inverse that needs nothing but the order."""
    inverse = verbs()[verb].inverse
    return f"/orders/{subject.order.number}/do/{inverse}" if inverse in WITH_ORDER else ""


async def _found(context: Context, document: str) -> tuple[Action, Subject]:
    params = context.request.path_params
    action = EVERY.get(params["verb"])
    if action is None or params["verb"] not in verbs():
        raise NotThere
    context.need(verbs()[params["verb"]].scope)
    async with context.database.read(context.merchant.id) as tx:
        try:
            order = await read_order(tx, params["ref"])
        except NotFound as error:
            raise NotThere from error
        names = await read_names(tx)
        known = (await read_attributes(tx, AttributesQuery())).items
        products = await products_of(tx, sorted({line.sku for line in order.lines}))
    named = frozenset(sku for sku, product in products.items() if product.tracking == "serial")
    if document and document.partition("-")[0] != order.number:
        raise NotThere
    return action, Subject(order, document, sorted(names.locations.values()), named, known)


def _form(
    context: Context,
    action: Action,
    subject: Subject,
    form: Form,
    *,
    error: str = "",
    told: "preview.Told | None" = None,
    previewed: str = "",
) -> Response:
    template = "part_action.html" if context.by_htmx else "action.html"
    return context.render(
        template,
        200 if context.by_htmx or not error else 409,
        action=action,
        word=context._(action.word),
        order=subject.order,
        document=subject.document,
        form=form,
        error=error,
        told=told,
        previewed=previewed,
        once=form_id(),
        address=f"/orders/{subject.order.number}/do/{context.request.path_params['verb']}",
        version=context.sent("_version") or subject.order.version,
        back=_back(context),
    )


def _refilled(context: Context, form: Form) -> Form:
    """The form as the person filled it."""
    form.rows = [
        Row(row.line, row.sku, row.name, row.most, context.sent(f"line-{row.line}") or "0") for row in form.rows
    ]
    form.fields = [each.with_value(context.sent(each.name)) for each in form.fields]
    for group in form.groups:
        sent = [each.with_value(context.sent(each.name)) for each in group.fields]
        group.fields, group.open = sent, sent != group.fields
    return form


def _versioned(context: Context, verb: str, payload: dict[str, Any]) -> dict[str, Any]:
    """Dangerous ones hold only for the order as the person saw it."""
    version = context.sent("_version")
    if EVERY[verb].danger and version.isdecimal() and "expected_version" in verbs()[verb].command.__struct_fields__:
        return {**payload, "expected_version": int(version)}
    return payload
