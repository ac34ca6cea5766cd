"""An order by hand."""

from itertools import zip_longest
from typing import Any

import msgspec
from starlette.responses import Response

from lading.entrypoints.api.problems import explain
from lading.entrypoints.console import attributes, forms, preview, rendering
from lading.entrypoints.console.context import Context, decode, form_id
from lading.entrypoints.console.words import look
from lading.kernel.outcomes import Refusal
from lading.operations.place_orders import OrderPlaced
from lading.orders.commands import PlaceOrder
from lading.views import products
from lading.views.attributes import AttributesQuery
from lading.views.attributes import attributes as read_attributes
from lading.views.names import read_names

LINES_MAX = 200
ADDRESS = ("name", "company", "line1", "line2", "postal_code", "city", "region", "country")
OF_ORDER, OF_LINES = "said-", "lines-say-"
"""What the names of fields for attributes begin with."""
NOTES = ("internal", "customer", "recipient")
"""Who reads a note of the form."""
_CUSTOMER = ("name", "email", "phone")


async def show(context: Context) -> Response:
    """The empty form."""
    context.need("orders:write")
    return await order_form(
        context, {"company": context.query("company")}, [{"sku": "", "quantity": "1", "price": ""}], ""
    )


async def run(context: Context) -> Response:
    """Place it, or only say what would happen."""
    sent = {name: context.sent(name) for name in context.form}
    rows = rows_sent(context)
    payload = payload_sent(context, sent, rows)
    errors = explain(PlaceOrder, payload)
    if errors:
        said = forms.all_wrong(errors)
        return await order_form(context, sent, rows, said)
    if sent.get("_step") == "draft":
        return await _draft(context, sent, rows, payload)
    if sent.get("_step") == "check":
        return await order_form(context, sent, rows, "", await _would(context, payload))
    try:
        answer = await context.submit("orders.place", payload)
    except msgspec.ValidationError as error:
        return await order_form(context, sent, rows, preview.plain(str(error)))
    if not answer.accepted:
        return await order_form(context, sent, rows, context.why_not(answer))
    number = decode(answer)["number"]
    return context.go(f"/orders/{number}", context._("Order %(number)s was placed.", number=number))


async def _draft(
    context: Context, sent: dict[str, str], rows: list[dict[str, str]], payload: dict[str, Any]
) -> Response:
    """Only write it down."""
    wanted = {name: value for name, value in payload.items() if name != "external_reference"}
    answer = await context.submit("drafts.create", wanted)
    if not answer.accepted:
        return await order_form(context, sent, rows, context.why_not(answer))
    name = decode(answer)["draft"]
    return context.go(f"/drafts/{name}", context._("Draft %(name)s was written.", name=name))


def rows_sent(context: Context) -> list[dict[str, str]]:
    lists = (
        [str(value).strip() for value in context.form.getlist(name)][:LINES_MAX]
        for name in ("sku", "quantity", "price", "pickup")
    )
    rows = [
        {"sku": sku, "quantity": quantity, "price": price.replace(",", "."), "pickup": pickup}
        for sku, quantity, price, pickup in zip_longest(*lists, fillvalue="")
    ]
    return [row for row in rows if row["sku"] or row["price"]] or rows[:1]


def payload_sent(context: Context, sent: dict[str, str], rows: list[dict[str, str]]) -> dict[str, Any]:
    """The command; what was left empty is left out."""
    currency = sent.get("currency", "").upper()
    payload: dict[str, Any] = {
        "channel": sent.get("channel", ""),
        "currency": currency,
        "lines": [
            {
                "sku": row["sku"],
                "quantity": int(row["quantity"])
                if row["quantity"].isdecimal() and len(row["quantity"]) < 16
                else row["quantity"],
                **({"unit_price": {"amount": row["price"], "currency": currency}} if row["price"] else {}),
                **({"pickup": row["pickup"]} if row.get("pickup") else {}),
            }
            for row in rows
        ],
    }
    customer = {name: sent[f"customer_{name}"] for name in _CUSTOMER if sent.get(f"customer_{name}")}
    address = {name: sent[f"to_{name}"] for name in ADDRESS if sent.get(f"to_{name}")}
    if address.get("country"):
        payload["ship_to"] = {"name": customer.get("name", ""), **address, "country": address["country"].upper()}
    elif address:
        payload["ship_to"] = address
    if customer:
        payload["customer"] = customer
    if said := _said(sent, OF_ORDER):
        payload["attributes"] = said
    if of_lines := _said(sent, OF_LINES):
        payload["lines"] = [{**line, "attributes": of_lines} for line in payload["lines"]]
    payload |= {name: sent[name] for name in ("company", "purchase_order") if sent.get(name)}
    if sent.get("gift") == "yes":
        payload["gift"] = True
    if notes := [{"audience": name, "text": text} for name in NOTES if (text := sent.get(f"note_{name}", "").strip())]:
        payload["notes"] = notes
    if sent.get("external_reference"):
        payload["external_reference"] = sent["external_reference"]
    if shipping := sent.get("shipping", "").replace(",", "."):
        payload["charges"] = [
            {"kind": "shipping", "code": "shipping", "amount": {"amount": shipping, "currency": currency}}
        ]
    if paid := sent.get("paid", "").replace(",", "."):
        payload["tenders"] = [{"amount": {"amount": paid, "currency": currency}}]
    return payload


def _said(sent: dict[str, str], prefix: str) -> dict[str, str]:
    """What is said of the order, or of every line of it, by the merchant's own attributes."""
    return {name.removeprefix(prefix): text for name, text in sent.items() if name.startswith(prefix) and text}


async def _would(context: Context, payload: dict[str, Any]) -> preview.Told:
    decision = (await context.preview("orders.place", [payload]))[0]
    if isinstance(decision.outcome, Refusal):
        return preview.Told(False, [decision.outcome.message])
    outcome = decision.outcome
    assert isinstance(outcome, OrderPlaced)
    total = rendering.write_money(outcome.total.minor, outcome.total.currency, context.locale)
    sentences = [
        context._("It costs %(total)s.", total=total),
        context._("It will stand in: %(stage)s.", stage=context._(look("stage", outcome.stage).word)),
    ]
    sentences += [context._("It will be held: %(kind)s.", kind=kind.replace("_", " ")) for kind in outcome.holds]
    told = await preview.tell(
        context, decision, {number: line["sku"] for number, line in enumerate(payload["lines"], 1)}
    )
    return preview.Told(True, sentences + [sentence for sentence in told.sentences if "×" in sentence])


async def order_form(
    context: Context,
    sent: dict[str, str],
    rows: list[dict[str, str]],
    error: str,
    told: "preview.Told | None" = None,
    draft: str = "",
) -> Response:
    """The form; of a draft that is revised, where one is named."""
    async with context.database.read(context.merchant.id) as tx:
        names = await read_names(tx)
        known = (await read_attributes(tx, AttributesQuery())).items
        places = (await products.locations(tx, products.LocationsQuery())).items
    required = [each for each in known if each.subject == "line" and each.required]
    return context.render(
        "new_order.html",
        409 if error else 200,
        of_order=attributes.fields_of(context, known, "order", OF_ORDER, {}),
        of_lines=attributes.fields_of(context, required, "line", OF_LINES, {}),
        sent=sent,
        rows=rows,
        error=error,
        told=told,
        draft=draft,
        once=form_id(),
        channels=sorted(names.channels.values()),
        counters=[
            (each.code, each.name)
            for each in places
            if (each.active and "pickup" in each.capabilities) or any(row.get("pickup") == each.code for row in rows)
        ],
        currency=sent.get("currency") or context.merchant.currency,
    )
