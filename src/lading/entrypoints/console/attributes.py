"""The attributes that a merchant defines: what can, or must, be said of orders, lines and products."""

from collections.abc import Mapping, Sequence
from typing import Final

from starlette.responses import Response

from lading.entrypoints.console import forms
from lading.entrypoints.console.context import Context, NotThere
from lading.entrypoints.console.fields import Field
from lading.entrypoints.console.forms import Simple
from lading.entrypoints.console.words import N_
from lading.views.attributes import Attribute, AttributesQuery
from lading.views.attributes import attributes as read_attributes

SUBJECTS: Final = {"order": N_("orders"), "line": N_("lines of orders"), "product": N_("products")}
TYPES: Final = {
    "text": N_("free text"), "number": N_("a number"), "date": N_("a date"), "boolean": N_("yes or no"), "choice": N_("one of a list"),
}  # fmt: skip


def fields_of(
    context: Context, known: Sequence[Attribute], subject: str, prefix: str, said: Mapping[str, str]
) -> list[Field]:
    """What can be said of one thing, as fields of a form."""
    return [
        Field(f"{prefix}{each.code}", each.name, "select", _choices(context, each), value=said.get(each.code, ""))
        if each.type in ("choice", "boolean")
        else Field(
            f"{prefix}{each.code}", each.name, "date" if each.type == "date" else "text", value=said.get(each.code, "")
        )
        for each in known
        if each.subject == subject and each.active
    ]


def _choices(context: Context, known: Attribute) -> list[tuple[str, str]]:
    if known.type == "boolean":
        return [("", ""), ("true", context._("yes")), ("false", context._("no"))]
    return [("", ""), *((value, value) for value in known.allowed)]


async def show(context: Context) -> Response:
    """All of them."""
    async with context.database.read(context.merchant.id) as tx:
        items = (await read_attributes(tx, AttributesQuery())).items
    return context.render("attributes.html", items=items, subjects=SUBJECTS, types=TYPES)


async def show_form(context: Context) -> Response:
    """The form of a new one, or of one that is there."""
    context.need("catalog:write")
    return forms.show(context, await _form(context, context.query("subject"), context.query("code")))


async def save(context: Context) -> Response:
    """Define it."""
    form = await _form(context, context.sent("_subject"), context.sent("_code"))
    payload = forms.payload_of(context, form.fields)
    payload["allowed"] = [each.strip() for each in context.sent("allowed").splitlines() if each.strip()]
    for name in ("required", "filterable", "active"):
        payload[name] = bool(context.sent(name))
    said = context._("%(code)s is saved.", code=payload.get("code", ""))
    return await forms.submit(context, "attributes.define", form, payload, "/attributes", said)


async def _form(context: Context, subject: str, code: str) -> Simple:
    async with context.database.read(context.merchant.id) as tx:
        every = (await read_attributes(tx, AttributesQuery())).items
    found = next((each for each in every if (each.subject, each.code) == (subject, code)), None)
    if code and found is None:
        raise NotThere
    known = found is not None
    fields = [
        Field("subject", context._("Of"), "select", [(found.subject, context._(SUBJECTS[found.subject]))] if found
              else [(name, context._(word)) for name, word in SUBJECTS.items()]),
        Field("code", context._("Code"), required=True, value=found.code if found else "", fixed=known,
              hint=context._("Small letters, digits and _")),
        Field("name", context._("Name"), required=True, value=found.name if found else ""),
        Field("type", context._("What is said"), "select", [(found.type, context._(TYPES[found.type]))] if found
              else [(name, context._(word)) for name, word in TYPES.items()]),
        Field("allowed", context._("The list"), "names", value="\n".join(found.allowed) if found else "", wide=True,
              hint=context._("One in a line, where it is one of a list")),
        Field("required", context._("It has to be said"), "check", value="yes" if found and found.required else ""),
        Field("filterable", context._("Lists are filtered by it"), "check", value="yes" if found and found.filterable else ""),
        Field("active", context._("In use"), "check", value="yes" if found is None or found.active else ""),
    ]  # fmt: skip
    title = context._("Attribute %(code)s", code=code) if found else context._("New attribute")
    hidden = {"_subject": subject, "_code": code}
    return Simple(
        title, "/attributes/save", fields, context._("Save"), "/attributes", icon="device-floppy", hidden=hidden
    )
