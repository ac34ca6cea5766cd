"""Small forms that become one command: in a sheet or as a page, filled again with what is wrong with each field."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
from starlette.responses import Response

from lading.entrypoints.api.problems import FieldError, explain
from lading.entrypoints.console import preview
from lading.entrypoints.console.context import Context, clean, decode, form_id
from lading.entrypoints.console.fields import Field
from lading.journal.types import Answer, Decision
from lading.operations.registry import verbs


@dataclass(frozen=True, slots=True)
class Cell:
    """A number that is asked for in a row."""

    name: str
    label: str
    """Spoken; the column's head is seen."""
    value: str = ""
    high: int | None = None
    head: str = ""
    """The column's head, for a screen too small for columns."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a document."""

    title: str
    note: str
    most: int
    """Units that may be named."""
    cells: Sequence[Cell]
    codes: str = ""
    """What a scanner may read on it, one in a line."""


@dataclass(slots=True)
class Table:
    """Lines of a document, each with the numbers that are asked for."""

    most: str
    """What may be named at most: the head of that column."""
    heads: Sequence[str]
    rows: Sequence[Row]


@dataclass(slots=True)
class Simple:
    """A form: its title, where it is sent, its fields and the word on its button."""

    title: str
    address: str
    fields: Sequence[Field]
    word: str
    back: str
    """Where "not now" leads."""
    note: str = ""
    icon: str = "check"
    hidden: Mapping[str, str] = field(default_factory=dict)
    table: Table | None = None
    danger: bool = False
    """Behind a preview."""
    told: "preview.Told | None" = None
    previewed: str = ""
    scans: bool = False
    """A scanner fills the table: the scan field stands above it."""
    whole: str = ""
    """The word on a button that fills the first column with all there is; without it there is no such button."""


def show(context: Context, form: Simple, error: str = "") -> Response:
    """The form; with an error in the sheet or as a page of status 409."""
    template = "part_form.html" if context.by_htmx else "form.html"
    return context.render(
        template, 409 if error and not context.by_htmx else 200, form=form, error=error, once=form_id()
    )


def filled(context: Context, fields: Sequence[Field]) -> list[Field]:
    """The fields as they were sent."""
    return [
        each.with_rows(rows_sent(context, each))
        if each.kind == "rows"
        else each.with_value("\n".join(_several(context, each)) or context.sent(each.name))
        for each in fields
    ]


ROWS_MAX = 500


def rows_sent(context: Context, field: Field) -> list[list[str]]:
    """What was typed into the rows of a field, without those that say nothing."""
    columns = [context.form.getlist(f"{field.name}-{column.name}")[:ROWS_MAX] for column in field.columns]
    rows = [[clean(str(value)) for value in row] for row in zip(*columns, strict=False)]
    return [row for row in rows if any(row)]


def _several(context: Context, field: Field) -> list[str]:
    """The values of a field that may have several: ticks, or one in a line."""
    if field.kind == "checks":
        return [clean(str(value)) for value in context.form.getlist(field.name)]
    if field.kind == "names":
        return [name for line in context.sent(field.name).splitlines() if (name := line.strip())]
    return []


def payload_of(context: Context, fields: Sequence[Field]) -> dict[str, Any]:
    """What was sent as the command wants it: numbers are numbers, ticks are booleans, lists are lists, empty fields are left out."""
    payload: dict[str, Any] = {}
    for each in fields:
        text = context.sent(each.name)
        if each.kind == "check":
            payload[each.name] = text == "yes"
        elif each.kind in ("checks", "names"):
            if several := _several(context, each):
                payload[each.name] = several
        elif each.kind == "rows":
            if rows := rows_sent(context, each):
                payload[each.name] = rows
        elif text:
            payload[each.name] = int(text) if each.kind == "number" and text.isdecimal() and len(text) < 16 else text
    return payload


Teller = Callable[[Decision], Awaitable["preview.Told"]]
"""Says what a decision would come to."""


def refill(context: Context, form: Simple) -> None:
    """The form as the person filled it."""
    form.fields = filled(context, form.fields)
    if form.table:
        form.table.rows = [
            replace(row, cells=[replace(cell, value=context.sent(cell.name)) for cell in row.cells])
            for row in form.table.rows
        ]


def scan(context: Context, form: Simple) -> str:
    """A code that came with the form, where no script was there to take it: one more in its row; or what is wrong with it."""
    code, table = context.sent("code"), form.table
    rows = list(table.rows) if table else []
    fitting = [index for index, row in enumerate(rows) if code in row.codes.split("\n")]
    for index in fitting:
        row, (first, *others) = rows[index], rows[index].cells
        units = int(first.value) if first.value.isdecimal() else 0
        if table and (first.high is None or units < first.high):
            rows[index] = replace(row, cells=[replace(first, value=str(units + 1)), *others])
            table.rows = rows
            return ""
    return f"{code}: {context._('no more of it is expected') if fitting else context._('not on this list')}"


def units_of(context: Context, row: Row, cell: Cell) -> int:
    """What was typed there; empty is zero. Raises ValueError."""
    text = context.sent(cell.name) or "0"
    if not text.isdecimal() or len(text) > 9:
        raise ValueError(context._("Units of %(sku)s must be a whole number.", sku=row.title))
    return int(text)


async def submit(
    context: Context,
    verb_name: str,
    form: Simple,
    payload: dict[str, Any],
    back: str,
    said: str,
    teller: Teller | None = None,
) -> Response:
    """Do it and go back with a sentence; or show the form again, each field with what is wrong with it. What is dangerous is told first."""
    refill(context, form)
    try:
        if form.danger and teller and context.sent("_previewed") != preview.digest(payload):
            form.told = await teller((await context.preview(verb_name, [payload]))[0])
            form.previewed = preview.digest(payload) if form.told.possible else ""
            return show(context, form)
        answer = await context.submit(verb_name, payload)
    except msgspec.ValidationError as error:
        return show(context, *_blame(context, form, verb_name, payload, str(error)))
    if not answer.accepted:
        return show(context, *_refused(context, form, answer))
    return context.go(back, said)


def _blame(context: Context, form: Simple, verb_name: str, payload: dict[str, Any], first: str) -> tuple[Simple, str]:
    """Each wrong field gets its sentence; what belongs to no field of the form is said above it."""
    names, wrong = {each.name for each in form.fields}, dict[str, str]()
    for error in explain(verbs()[verb_name].command, payload):
        pointer, text = error.pointer.lstrip("/"), preview.plain(error.detail)
        name, _slash, inside = pointer.partition("/")
        if inside and name in names:
            wrong.setdefault(name, f"{where(inside)}: {text}")
        else:
            wrong[pointer] = text
    form.fields = [each.with_error(wrong.get(each.name, "")) for each in form.fields]
    others = [f"{name}: {text}" for name, text in wrong.items() if name not in names]
    said = "; ".join(others) if wrong else preview.plain(first)
    return form, said or context._("Something is not right yet: see below.")


def _refused(context: Context, form: Simple, answer: Answer) -> tuple[Simple, str]:
    if answer.failed:
        return form, context.why_not(answer)
    refusal = decode(answer)
    name = str(refusal.get("pointer", "")).lstrip("/")
    message = str(refusal.get("message", ""))
    form.fields = [each.with_error(message if each.name == name else "") for each in form.fields]
    return form, message


def whole_number(text: str) -> Any:
    """A whole number; what is none goes as it is, to be refused with a sentence."""
    return int(text) if text.isdecimal() and len(text) < 12 else text


def where(pointer: str) -> str:
    """/lines/0/unit_price/amount -> line 1 unit price amount"""
    parts = pointer.strip("/").split("/")
    if parts[0] in ("lines", "components") and len(parts) > 1 and parts[1].isdecimal():
        parts = parts[1:]
    if parts[0].isdecimal():
        parts = ["line", str(int(parts[0]) + 1), *parts[1:]]
    return " ".join(parts).replace("_", " ")


def all_wrong(errors: Sequence[FieldError]) -> str:
    """The first wrong fields in one line."""
    return "; ".join(f"{where(error.pointer)}: {preview.plain(error.detail)}" for error in errors[:8])
