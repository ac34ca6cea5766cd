"""Locations and channels."""

from zoneinfo import available_timezones

from starlette.responses import Response

from lading.entrypoints.console import forms
from lading.entrypoints.console.context import Context, NotThere
from lading.entrypoints.console.fields import Field
from lading.entrypoints.console.forms import Simple
from lading.entrypoints.console.words import N_
from lading.views import products as views

KINDS = (
    ("warehouse", N_("warehouse")),
    ("store", N_("store")),
    ("vendor", N_("vendor, ships for us")),
    ("virtual", N_("virtual")),
)


async def show_locations(context: Context) -> Response:
    """All locations in the order in which they fill."""
    async with context.database.read(context.merchant.id) as tx:
        found = await views.locations(tx, views.LocationsQuery())
    return context.render("locations.html", items=found.items, kinds=dict(KINDS))


async def show_location(context: Context) -> Response:
    """A new location, or one that there is."""
    context.need("catalog:write")
    return forms.show(context, await _location_form(context, context.query("code")))


async def save_location(context: Context) -> Response:
    """Save it."""
    form = await _location_form(context, context.sent("_known"))
    payload = forms.payload_of(context, form.fields)
    if known := context.sent("_known"):
        payload["code"] = known
    if payload.get("time_zone") and payload["time_zone"] not in available_timezones():
        form.fields = [
            each.with_error(context._("There is no such time zone.") if each.name == "time_zone" else "")
            for each in forms.filled(context, form.fields)
        ]
        return forms.show(context, form, context._("Something is not right yet: see below."))
    return await forms.submit(
        context,
        "locations.save",
        form,
        payload,
        "/locations",
        context._("%(code)s is saved.", code=payload.get("code", "")),
    )


async def _location_form(context: Context, code: str) -> Simple:
    async with context.database.read(context.merchant.id) as tx:
        every = (await views.locations(tx, views.LocationsQuery())).items
    found = next((each for each in every if each.code == code), None)
    if code and found is None:
        raise NotThere
    fields = [
        Field("code", context._("Code"), required=True, value=found.code if found else "", fixed=found is not None),
        Field("name", context._("Name"), required=True, value=found.name if found else ""),
        Field(
            "kind",
            context._("Kind"),
            "select",
            [(name, context._(word)) for name, word in KINDS],
            value=found.kind if found else "",
        ),
        Field(
            "country",
            context._("Country"),
            required=True,
            value=found.country if found else "",
            hint=context._("Two letters, such as DE"),
        ),
        Field(
            "time_zone",
            context._("Time zone"),
            required=True,
            value=found.time_zone if found else context.merchant.time_zone,
        ),
        Field(
            "priority",
            context._("Priority"),
            "number",
            value=str(found.priority if found else 100),
            hint=context._("Lower fills first"),
        ),
        Field(
            "active", context._("Active: fills orders"), "check", value="yes" if found is None or found.active else ""
        ),
    ]
    title = context._("Location %(code)s", code=code) if found else context._("New location")
    return Simple(
        title, "/locations/save", fields, context._("Save"), "/locations", icon="device-floppy", hidden={"_known": code}
    )


async def show_channels(context: Context) -> Response:
    """All channels."""
    async with context.database.read(context.merchant.id) as tx:
        found = await views.channels(tx, views.ChannelsQuery())
    return context.render("channels.html", items=found.items)


async def show_channel(context: Context) -> Response:
    """A new channel, or one that there is."""
    context.need("catalog:write")
    return forms.show(context, await _channel_form(context, context.query("code")))


async def save_channel(context: Context) -> Response:
    """Save it."""
    known = context.sent("_known")
    form = await _channel_form(context, known)
    payload = forms.payload_of(context, form.fields)
    if known:
        payload["code"] = known
    return await forms.submit(
        context,
        "channels.save",
        form,
        payload,
        "/channels",
        context._("%(code)s is saved.", code=payload.get("code", "")),
    )


async def _channel_form(context: Context, code: str) -> Simple:
    async with context.database.read(context.merchant.id) as tx:
        every = (await views.channels(tx, views.ChannelsQuery())).items
    found = next((each for each in every if each.code == code), None)
    if code and found is None:
        raise NotThere
    fields = [
        Field("code", context._("Code"), required=True, value=found.code if found else "", fixed=found is not None),
        Field("name", context._("Name"), required=True, value=found.name if found else ""),
    ]
    title = context._("Channel %(code)s", code=code) if found else context._("New channel")
    return Simple(
        title, "/channels/save", fields, context._("Save"), "/channels", icon="device-floppy", hidden={"_known": code}
    )
