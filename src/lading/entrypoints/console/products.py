"""Products: the list, one of them, renaming, and a CSV file with a preview."""

import csv
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from starlette.datastructures import UploadFile
from starlette.responses import Response

from lading.catalog.commands import SaveProduct
from lading.catalog.types import ProductRow
from lading.entrypoints.api.problems import explain
from lading.entrypoints.console import forms, preview
from lading.entrypoints.console.context import Context, NotThere
from lading.entrypoints.console.fields import Field
from lading.entrypoints.console.forms import Simple
from lading.kernel.outcomes import Refusal
from lading.views import NotFound
from lading.views import products as views

PAGE_SIZE = 50
ROWS_MAX = 20_000
COLUMNS = ("sku", "name", "gtin", "weight_grams", "length_mm", "width_mm", "height_mm", "active", "rename_to")
_NUMBERS = ("weight_grams", "length_mm", "width_mm", "height_mm")
_YES, _NO = ("", "yes", "true", "1", "y", "ja", "active"), ("no", "false", "0", "n", "nein", "inactive")
_SHOWN_MAX = 500


async def show_list(context: Context) -> Response:
    """Products by code, or what was searched."""
    q, after = context.query("q"), context.query("after")
    problem, found = "", None
    async with context.database.read(context.merchant.id) as tx:
        try:
            found = await views.products(tx, views.ProductsQuery(q=q or None, after=after or None, limit=PAGE_SIZE))
        except (NotFound, ValueError) as error:
            problem = str(error)
    return context.render("products.html", page=found, problem=problem, q=q, is_later=bool(after))


async def options(context: Context) -> Response:
    """Products that begin like what was typed, for the list below a field."""
    typed = next((value for name, value in context.request.query_params.items() if not name.startswith("_")), "")
    async with context.database.read(context.merchant.id) as tx:
        found = await views.products(tx, views.ProductsQuery(q=typed[:200] or None, limit=12))
    return context.render("part_options.html", items=found.items)


async def show_form(context: Context) -> Response:
    """A new product, or one that there is."""
    context.need("products:write")
    return forms.show(context, await _form(context, context.query("sku")))


async def save(context: Context) -> Response:
    """Save it."""
    known = context.sent("_known")
    form = await _form(context, known)
    payload = {
        "keep_apart": "",
        "tax_category": "",
        "hs_code": None,
        "origin": None,
        **forms.payload_of(context, form.fields),
    }
    if known and payload.get("sku") != known:
        payload = {**payload, "sku": known, "rename_to": payload.get("sku", "")}
    code = payload.get("rename_to") or payload.get("sku", "")
    return await forms.submit(
        context,
        "products.save",
        form,
        payload,
        f"/products?q={quote(str(code))}",
        context._("%(sku)s is saved.", sku=code),
    )


async def _form(context: Context, sku: str) -> Simple:
    found: views.Product | None = None
    if sku:
        async with context.database.read(context.merchant.id) as tx:
            try:
                found = await views.product(tx, views.ProductQuery(sku=sku))
            except NotFound as error:
                raise NotThere from error

    def now(name: str) -> str:
        value = getattr(found, name, None)
        return "" if value is None else str(value)

    rename = context._("Another code renames the product; its stock and orders stay with it.") if found else ""
    active = "yes" if found is None or found.active else ""
    fields = [
        Field("sku", context._("SKU"), required=True, value=now("sku"), hint=rename),
        Field("name", context._("Name"), required=True, value=now("name"), wide=True),
        Field("gtin", "GTIN", value=now("gtin"), hint=context._("8, 12, 13 or 14 digits")),
        Field("weight_grams", context._("Weight in grams"), "number", value=now("weight_grams")),
        Field("length_mm", context._("Length in mm"), "number", value=now("length_mm"), low=1),
        Field("width_mm", context._("Width in mm"), "number", value=now("width_mm"), low=1),
        Field("height_mm", context._("Height in mm"), "number", value=now("height_mm"), low=1),
        Field(
            "upright", context._("Stands upright in a carton"), "check", value=_yes(found is not None and found.upright)
        ),
        Field(
            "fragile",
            context._("Fragile: nothing lies above it"),
            "check",
            value=_yes(found is not None and found.fragile),
        ),
        Field(
            "keep_apart",
            context._("Keep apart"),
            value=now("keep_apart"),
            hint=context._("A class, such as food: it shares no carton with others"),
        ),
        Field("hs_code", context._("Customs tariff number"), value=now("hs_code"), hint=context._("6 to 10 digits")),
        Field("origin", context._("Country of origin"), value=now("origin"), hint=context._("Two letters, such as DE")),
        Field(
            "tax_category",
            context._("Tax category"),
            value=now("tax_category"),
            hint=context._("As tax rates call it, such as books"),
        ),
        Field("active", context._("Active: may be ordered"), "check", value=active),
    ]
    title = context._("Product %(sku)s", sku=sku) if found else context._("New product")
    return Simple(
        title, "/products/save", fields, context._("Save"), "/products", icon="device-floppy", hidden={"_known": sku}
    )


def _yes(value: bool) -> str:
    return "yes" if value else ""


@dataclass(slots=True)
class Sheet:
    """A CSV file as it was understood."""

    text: str = ""
    problem: str = ""
    """Why nothing of it can be read."""
    right: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    """(line of the file, command)."""
    wrong: list[tuple[int, str, str]] = field(default_factory=list)
    """(line of the file, SKU, what is wrong)."""
    new: int = 0
    changed: int = 0

    @property
    def digest(self) -> str:
        """Names this very content."""
        return hashlib.sha256(self.text.encode()).hexdigest()


async def show_import(context: Context) -> Response:
    """Where a file is chosen."""
    context.need("products:write")
    return context.render("import.html", sheet=None, columns=COLUMNS)


async def preview_import(context: Context) -> Response:
    """What the file would do, line by line; nothing is written."""
    sheet = await _judged(context, await _text(context))
    return context.render("import.html", sheet=sheet, columns=COLUMNS, shown_max=_SHOWN_MAX)


async def run_import(context: Context) -> Response:
    """Write the lines that were right in the preview."""
    text = context.form.get("text", "")
    sheet = await _judged(context, Sheet(text.replace("\r\n", "\n") if isinstance(text, str) else ""))
    if sheet.problem or not sheet.right or sheet.digest != context.sent("digest"):
        return context.render("import.html", sheet=sheet, columns=COLUMNS, shown_max=_SHOWN_MAX)
    answers = await context.submit_all("products.save", [payload for _, payload in sheet.right])
    failed = [
        (line, payload["sku"], context.why_not(answer))
        for (line, payload), answer in zip(sheet.right, answers, strict=True)
        if not answer.accepted
    ]
    imported = len(sheet.right) - len(failed)
    said = context.ngettext("%(num)s product was imported.", "%(num)s products were imported.", imported)
    if not failed and not sheet.wrong:
        return context.go("/products", said)
    done = Sheet(wrong=sorted([*failed, *sheet.wrong]))
    return context.render("import_done.html", said=said, sheet=done, shown_max=_SHOWN_MAX)


async def _text(context: Context) -> Sheet:
    """The chosen file, or what was pasted."""
    upload = context.form.get("file")
    if isinstance(upload, UploadFile) and upload.filename:
        raw = await upload.read()
        try:
            return Sheet(raw.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n"))
        except UnicodeDecodeError as error:
            line = raw[: error.start].count(b"\n") + 1
            return Sheet(problem=context._("Line %(line)s is not UTF-8: save the file as “CSV UTF-8”.", line=line))
    pasted = context.form.get("text", "")
    return Sheet(pasted.replace("\r\n", "\n") if isinstance(pasted, str) else "")


async def _judged(context: Context, sheet: Sheet) -> Sheet:
    """Each line is decoded as a command, and the right ones are tried out together."""
    if sheet.problem:
        return sheet
    try:
        for line, raw in _rows(context, sheet.text):
            errors = explain(SaveProduct, raw)
            if errors:
                said = "; ".join(f"{error.pointer.lstrip('/')}: {preview.plain(error.detail)}" for error in errors)
                sheet.wrong.append((line, str(raw.get("sku", "")), said))
            else:
                sheet.right.append((line, raw))
    except (ValueError, csv.Error) as error:
        return Sheet(sheet.text, str(error))
    await _try_out(context, sheet)
    return sheet


async def _try_out(context: Context, sheet: Sheet) -> None:
    decisions = await context.preview("products.save", [raw for _, raw in sheet.right]) if sheet.right else []
    kept = []
    for (line, raw), decision in zip(sheet.right, decisions, strict=True):
        if isinstance(decision.outcome, Refusal):
            sheet.wrong.append((line, raw["sku"], decision.outcome.message))
            continue
        kept.append((line, raw))
    sheet.right = kept
    versions = {row.code: row.version for decision in decisions for row in decision.rows if isinstance(row, ProductRow)}
    sheet.changed = sum(versions.get(raw.get("rename_to") or raw["sku"], 1) > 1 for _, raw in kept)
    sheet.new = len(kept) - sheet.changed
    sheet.wrong.sort()


def _rows(context: Context, text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """(line, raw command) of each line. Raises ValueError with a sentence where the file as a whole cannot be read."""
    if "\0" in text:
        raise ValueError(context._("The file holds NUL characters: it is no text."))
    first = text.partition("\n")[0]
    if not first.strip():
        raise ValueError(context._("The file is empty. Its first line must name the columns."))
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    names = [name.strip().lower().replace(" ", "_") for name in next(reader)]
    unknown = [name for name in names if name not in COLUMNS]
    if unknown or "sku" not in names or len(set(names)) < len(names):
        told = ", ".join(unknown) or context._("sku is missing, or a column is there twice")
        raise ValueError(
            context._("The columns do not fit (%(told)s). Known are: %(known)s.", told=told, known=", ".join(COLUMNS))
        )
    for count, cells in enumerate(reader):
        if count >= ROWS_MAX:
            raise ValueError(context._("At most %(max)s lines at once: split the file.", max=ROWS_MAX))
        if any(cell.strip() for cell in cells):
            yield reader.line_num, _raw(names, cells)


def _raw(names: list[str], cells: list[str]) -> dict[str, Any]:
    """A line as a command, still unchecked; empty cells are left out."""
    raw: dict[str, Any] = {}
    for name, cell in zip(names, cells, strict=False):
        value = cell.strip()
        if name == "active":
            lowered = value.lower()
            raw[name] = True if lowered in _YES else False if lowered in _NO else value
        elif value:
            raw[name] = int(value) if name in _NUMBERS and value.isdecimal() and len(value) < 12 else value
    if len(cells) > len(names):
        raw["more cells than columns"] = cells[len(names)]
    return raw


async def template(context: Context) -> Response:
    """An example of the file."""
    example = f'{",".join(COLUMNS)}\nMUG-BLUE,"Mug, blue",4006381333931,350,120,90,100,yes,\n'
    return Response(
        example, media_type="text/csv", headers={"content-disposition": 'attachment; filename="products.csv"'}
    )
