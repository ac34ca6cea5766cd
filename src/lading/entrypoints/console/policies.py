"""Policies: which value applies and why; setting one in a scope."""

from typing import Any

import msgspec
from starlette.responses import Response

from lading.entrypoints.console import forms
from lading.entrypoints.console.context import Context, NotThere
from lading.entrypoints.console.fields import Field
from lading.entrypoints.console.forms import Simple
from lading.views import NotFound
from lading.views import policies as views
from lading.views.names import Names, read_names


async def show(context: Context) -> Response:
    """All policies with what is set where; and, where asked, the value that applies somewhere."""
    asked = {name: context.query(name) for name in ("name", "channel", "location", "sku", "version")}
    resolved, problem = None, ""
    async with context.database.read(context.merchant.id) as tx:
        names = await read_names(tx)
        page = await views.policies(tx, views.PoliciesQuery(limit=200))
        if asked["name"]:
            try:
                raw = {key: value for key, value in asked.items() if value}
                resolved = await views.resolve(tx, msgspec.convert(raw, views.ResolveQuery, strict=False))
            except (NotFound, ValueError) as error:
                problem = str(error)
    return context.render(
        "policies.html",
        page=page,
        resolved=resolved,
        problem=problem,
        asked=asked,
        told=lambda value: tell(context, value),
        channels=sorted(names.channels.values()),
        locations=sorted(names.locations.values()),
        kind_of=kind_of,
    )


def tell(context: Context, value: Any) -> str:
    """A value in words."""
    if value is None:
        return context._("none")
    if isinstance(value, bool):
        return context._("yes") if value else context._("no")
    return str(value)


def kind_of(kind: views.KindOfPolicy) -> str:
    """bool, int or text."""
    return {"boolean": "bool", "integer": "int"}.get(str(kind.type.get("type", "")), "text")


async def show_form(context: Context) -> Response:
    """Where a value is set."""
    context.need("policies:write")
    form, _ = await _form(context, context.query("name"))
    return forms.show(context, form)


async def save(context: Context) -> Response:
    """Set it, or withdraw it."""
    name = context.sent("_name")
    form, kind = await _form(context, name)
    payload: dict[str, Any] = {"name": name}
    for scope in ("channel", "location", "sku"):
        if given := context.sent(scope):
            payload[scope] = given
    text = context.sent("value")
    payload["value"] = None if text in ("", "(withdraw)") else _value(kind_of(kind), text)
    return await forms.submit(
        context, "policies.set", form, payload, "/policies", context._("%(name)s is set.", name=name.replace("_", " "))
    )


def _value(kind: str, text: str) -> Any:
    """As the policy wants it; what does not fit goes as it is, to be refused with a sentence."""
    if kind == "bool":
        return {"yes": True, "no": False}.get(text, text)
    if kind == "int" and text.removeprefix("-").isdecimal() and len(text) < 12:
        return int(text)
    return text


async def _form(context: Context, name: str) -> tuple[Simple, views.KindOfPolicy]:
    async with context.database.read(context.merchant.id) as tx:
        names: Names = await read_names(tx)
        page = await views.policies(tx, views.PoliciesQuery(limit=1))
    kind = next((each for each in page.kinds if each.name == name), None)
    if kind is None:
        raise NotThere
    fields = []
    if kind_of(kind) == "bool":
        choice = [
            ("yes", context._("yes")),
            ("no", context._("no")),
            ("(withdraw)", context._("withdraw: the wider scope counts again")),
        ]
        fields.append(Field("value", context._("Value"), "select", choice))
    else:
        hint = context._("Leave it empty to withdraw the value: the wider scope counts again.")
        fields.append(
            Field(
                "value", context._("Value"), "number" if kind_of(kind) == "int" else "text", hint=hint, low=-1_000_000
            )
        )
    nowhere = ("", context._("everywhere"))
    if "channel" in kind.scopes:
        fields.append(
            Field(
                "channel",
                context._("Channel"),
                "select",
                [nowhere, *sorted(names.channels.values())],
                value=context.query("channel"),
            )
        )
    if "location" in kind.scopes:
        places = [nowhere, *sorted(names.locations.values())]
        fields.append(Field("location", context._("Location"), "select", places, value=context.query("location")))
    if "sku" in kind.scopes:
        fields.append(Field("sku", "SKU", "sku", value=context.query("sku"), hint=context._("Empty: every product")))
    title = f"{context._('Set policy')}: {name.replace('_', ' ')}"
    note = kind.meaning + " " + context._("The narrowest scope that says something wins.")
    return Simple(
        title, "/policies/set", fields, context._("Set"), "/policies", note, "adjustments", {"_name": name}
    ), kind
