"""The packing bench: which cartons, what lies where in them, and a scanner that says what belongs in."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
from markupsafe import Markup
from starlette.responses import Response

from lading.entrypoints.console import cartons, preview
from lading.entrypoints.console.context import Context, NotThere, form_id
from lading.views import NotFound
from lading.views import packing as views
from lading.views.products import products_of


@dataclass(frozen=True, slots=True)
class Row:
    """Units of a line that belong into the carton at hand."""

    line: int
    sku: str
    name: str
    codes: str
    """What a scanner may read on them, one in a line."""
    expected: int
    color: str
    """In the picture; empty where there is none."""
    typed: str = ""
    serial: str = ""
    """Of the one unit that it is, where it has a name."""

    @property
    def field(self) -> str:
        """Its name in the form."""
        return f"serial-{self.line}-{self.serial}" if self.serial else f"line-{self.line}"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A proposed carton with its picture."""

    parcel: views.ProposedParcel
    svg: Markup


async def start(context: Context) -> Response:
    """Where a pick list or slip is scanned: the bench opens what it names."""
    ref = context.query("code").strip().upper()
    if ref:
        return context.go(f"/pack/{quote(ref)}")
    return context.render("pack_start.html")


async def show(context: Context) -> Response:
    """The next carton of a fulfillment order."""
    context.need("fulfillment:write")
    return await _bench(context, "")


async def pack(context: Context) -> Response:
    """Pack what was scanned."""
    ref = context.request.path_params["ref"]
    lines = _scanned(context)
    if not lines:
        return await _bench(context, context._("Nothing was scanned yet: scan or type what goes into the carton."))
    payload: dict[str, Any] = {"fulfillment_order": ref, "lines": lines}
    if carton := context.sent("carton"):
        payload["carton"] = carton
    if weight := context.sent("weight_grams"):
        payload["weight_grams"] = int(weight) if weight.isdecimal() and len(weight) < 12 else weight
    if context.sent("weight_confirmed"):
        payload["weight_confirmed"] = True
    try:
        answer = await context.submit("parcels.pack", payload)
    except msgspec.ValidationError as error:
        return await _bench(context, preview.plain(str(error)))
    if not answer.accepted:
        return await _bench(context, context.why_not(answer))
    parcel = msgspec.json.decode(answer.body)["parcel"]
    station = context.sent("station")
    if station and context.may_do("print-jobs.add"):
        wanted = (("label", context.sent("label_format") or "pdf"), ("packing-slip", "pdf"))
        jobs = [{"kind": kind, "of": parcel, "format": format_, "station": station} for kind, format_ in wanted]
        await context.submit_all("print-jobs.add", jobs)
    return context.go(f"/pack/{ref}?{urlencode({'packed': parcel, 'station': station})}")


def _scanned(context: Context) -> list[dict[str, Any]]:
    """Units by line, with the names of those that have one."""
    lines: list[dict[str, Any]] = []
    named: dict[int, list[str]] = {}
    for field in context.form:
        kind, _dash, rest = field.partition("-")
        number, _dash, serial = rest.partition("-")
        text = context.sent(field)
        if not (number.isdecimal() and text.isdecimal() and int(text)):
            continue
        if kind == "line":
            lines.append({"line": int(number), "quantity": int(text)})
        elif kind == "serial":
            named.setdefault(int(number), []).append(serial)
    return lines + [{"line": line, "quantity": len(each), "serials": each} for line, each in named.items()]


async def _bench(context: Context, error: str) -> Response:
    ref = context.request.path_params["ref"]
    packed = context.query("packed")
    async with context.database.read(context.merchant.id) as tx:
        try:
            found = await views.proposal(tx, msgspec.convert({"fulfillment_order": ref}, views.ProposalQuery))
        except (NotFound, msgspec.ValidationError) as missing:
            raise NotThere from missing
        known = (await views.cartons(tx, views.NoQuery())).items
        skus = {line.sku for parcel in found.parcels for line in parcel.lines} | {line.sku for line in found.left}
        products = await products_of(tx, sorted(skus))
    drawn = [
        Drawn(parcel, Markup(cartons.picture(parcel, _said(context, parcel))))
        for parcel in found.parcels
        if parcel.carton
    ]
    rows = _rows(context, found, free=bool(context.query("free") or context.sent("free")))
    named = {each.line: each.serials for each in found.named}
    rows = [each for row in rows for each in _units(row, named.get(row.line, ()), _codes(products, row.sku))]
    typed = [replace(row, typed=context.sent(row.field)) for row in rows]
    first = found.parcels[0] if found.parcels else None
    return context.render(
        "pack.html", 409 if error else 200, ref=ref, order=ref.partition("-")[0], found=found, drawn=drawn, rows=typed, first=first,
        cartons=[carton for carton in known if carton.active], chosen=context.sent("carton") or (first.carton if first else "") or "",
        weight=context.sent("weight_grams"), error=error, once=form_id(), packed=packed, waiting=found.stage == "picked",
        ask_weight="weigh" in error, station=context.sent("station") or context.query("station"),
        label_format=context.sent("label_format"),
    )  # fmt: skip


def _codes(products: Any, sku: str) -> str:
    product = products.get(sku)
    return "\n".join(filter(None, (sku, product.gtin if product else None)))


def _units(row: Row, serials: Sequence[str], codes: str) -> list[Row]:
    """The row itself, or one for each unit that has a name."""
    if not serials:
        return [replace(row, codes=codes)]
    return [replace(row, codes=serial, expected=1, serial=serial) for serial in serials]


def _rows(context: Context, found: views.Proposal, *, free: bool) -> list[Row]:
    """What belongs into the first carton; all that waits where somebody packs as they like, or nothing is proposed."""
    if found.parcels and not free:
        parcel = found.parcels[0]
        return [
            Row(line.line, line.sku, line.name, "", line.quantity, cartons.color_of(parcel, line.line))
            for line in parcel.lines
        ]
    units: dict[int, Row] = {}
    for line in [*(line for parcel in found.parcels for line in parcel.lines), *found.left]:
        before = units[line.line].expected if line.line in units else 0
        units[line.line] = Row(line.line, line.sku, line.name, "", before + line.quantity, "")
    return [units[line] for line in sorted(units)]


def _said(context: Context, parcel: views.ProposedParcel) -> str:
    inside = ", ".join(f"{line.quantity} × {line.sku}" for line in parcel.lines)
    return context._("Carton %(code)s with %(inside)s", code=parcel.carton, inside=inside)
