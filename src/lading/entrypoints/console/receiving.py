"""Receiving a purchase order or one of its shipments, with a scanner or by hand."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import msgspec
from starlette.responses import Response

from lading.entrypoints.console import forms, preview, purchasing
from lading.entrypoints.console.context import Context, NotThere, form_id
from lading.views.inbound import PurchaseOrderView
from lading.views.products import products_of

LINES_MAX = 1_000
COLUMNS = ("line", "quantity", "damaged", "lot", "expires_on", "serials", "damaged_serials")


@dataclass(frozen=True, slots=True)
class Row:
    """A line as it is received; a line that comes in several lots has several rows."""

    line: int
    sku: str
    name: str
    location: str
    codes: str
    """What a scanner may read on it, with tabs between."""
    tracking: str
    expected: int
    typed: Mapping[str, str]


async def show(context: Context) -> Response:
    """The form: nothing has come yet, or (`fill`) all that is expected."""
    context.need("purchasing:write")
    found = await purchasing.find(context)
    asn = _asn(found, context.query("asn"))
    rows = await _rows(context, found, asn)
    if context.query("fill"):
        rows = [_filled(row) for row in rows]
    return _form(context, found, asn, rows, "", "")


async def run(context: Context) -> Response:
    """Receive what was typed."""
    found = await purchasing.find(context)
    asn = _asn(found, context.sent("asn"))
    rows = _typed(context, await _rows(context, found, asn))
    document = context.sent("document")
    lines = [line for row in rows if (line := _line(row))]
    if not lines:
        return _form(context, found, asn, rows, document, context._("Nothing was counted yet: scan or type what came."))
    payload: dict[str, Any] = {"purchase_order": asn or found.purchase_order, "lines": lines}
    if document:
        payload["document"] = document
    try:
        answer = await context.submit("purchase-orders.receive", payload)
    except msgspec.ValidationError as error:
        return _form(context, found, asn, rows, document, preview.plain(str(error)))
    if not answer.accepted:
        said = context.why_not(answer)
        return _form(context, found, asn, rows, document, said)
    units = sum(line["quantity"] + line.get("damaged", 0) for line in lines)
    said = context.ngettext(
        "%(num)s unit of %(what)s is received.", "%(num)s units of %(what)s are received.", units,
        what=asn or found.purchase_order,
    )  # fmt: skip
    return context.go(f"/purchase-orders/{found.purchase_order}", said)


def _asn(found: PurchaseOrderView, name: str) -> str:
    """The shipment that is received; empty for the whole purchase order. Raises NotThere."""
    if name and name not in {each.asn for each in found.asns}:
        raise NotThere
    return name


async def _rows(context: Context, found: PurchaseOrderView, asn: str) -> list[Row]:
    async with context.database.read(context.merchant.id) as tx:
        known = await products_of(tx, [line.sku for line in found.lines])
    rows = []
    for line in found.lines:
        parts = [each for each in line.schedule if asn in ("", each.asn)]
        if parts and (expected := sum(each.expected for each in parts)) + line.received:
            product = known[line.sku]
            codes = "\t".join(filter(None, (product.sku, product.gtin)))
            rows.append(Row(line.line, product.sku, product.name, line.location, codes, product.tracking, expected, {}))
    return sorted(rows, key=lambda row: row.expected == 0)


def _filled(row: Row) -> Row:
    """As if all of it had come; not where each unit has a name that must be read."""
    return row if row.tracking == "serial" else replace(row, typed={"quantity": str(row.expected)})


def _typed(context: Context, rows: list[Row]) -> list[Row]:
    """The rows with what the person typed, in the order of the form."""
    by_line = {str(row.line): row for row in rows}
    lists = [[str(value).strip() for value in context.form.getlist(name)][:LINES_MAX] for name in COLUMNS]
    sent = [dict(zip(COLUMNS, cells, strict=True)) for cells in zip(*lists, strict=False)]
    return [replace(by_line[each["line"]], typed=each) for each in sent if each["line"] in by_line]


def _line(row: Row) -> dict[str, Any] | None:
    """A row as the command wants it; None where nothing came."""
    good, bad = (row.typed.get(name) or "0" for name in ("quantity", "damaged"))
    names = {name: row.typed.get(name, "").split("\n") for name in ("serials", "damaged_serials")}
    line: dict[str, Any] = {"line": row.line, "quantity": forms.whole_number(good)}
    if bad != "0":
        line["damaged"] = forms.whole_number(bad)
    line |= {name: text for name in ("lot", "expires_on") if (text := row.typed.get(name))}
    line |= {name: given for name, each in names.items() if (given := [text.strip() for text in each if text.strip()])}
    return line if line["quantity"] or len(line) > 2 else None


def _form(context: Context, found: PurchaseOrderView, asn: str, rows: list[Row], document: str, error: str) -> Response:
    return context.render(
        "receive.html",
        409 if error else 200,
        order=found,
        asn=asn,
        rows=rows,
        document=document,
        error=error,
        once=form_id(),
    )
