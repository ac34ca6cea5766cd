"""Locations and channels."""

from starlette.responses import Response

from lading.catalog.schedule import is_zone
from lading.entrypoints.console import forms, place
from lading.entrypoints.console.context import Context, NotThere
from lading.entrypoints.console.fields import Field
from lading.entrypoints.console.forms import Simple
from lading.entrypoints.console.place import KINDS
from lading.views import products as views
from lading.views.network import CapacityQuery, GroupsQuery, capacity, location_groups


async def show_locations(context: Context) -> Response:
    """All locations in the order in which they fill, and their groups."""
    async with context.database.read(context.merchant.id) as tx:
        found = await views.locations(tx, views.LocationsQuery())
        groups = await location_groups(tx, GroupsQuery())
    return context.render("locations.html", items=found.items, kinds=dict(KINDS), groups=groups.items)


async def show_capacity(context: Context) -> Response:
    """How full the next days are, everywhere."""
    async with context.database.read(context.merchant.id) as tx:
        found = await capacity(tx, CapacityQuery())
    return context.render("capacity.html", items=found.items)


async def show_location(context: Context) -> Response:
    """The form for a new location; the rest of it is said on its own page."""
    context.need("catalog:write")
    return forms.show(context, _location_form(context))


async def save_location(context: Context) -> Response:
    """Make it, and go on with its address, days and hours."""
    form = _location_form(context)
    payload = forms.payload_of(context, form.fields)
    async with context.database.read(context.merchant.id) as tx:
        known = {each.code for each in (await views.locations(tx, views.LocationsQuery())).items}
    wrong = {}
    if payload.get("code") in known:
        wrong["code"] = context._("There is a location of this code.")
    if not is_zone(payload.get("time_zone", "UTC")):
        wrong["time_zone"] = context._("There is no such time zone.")
    if wrong:
        form.fields = [each.with_error(wrong.get(each.name, "")) for each in forms.filled(context, form.fields)]
        return forms.show(context, form, context._("Something is not right yet: see below."))
    code = str(payload.get("code", ""))
    said = context._("%(code)s is saved. Say here what it can do, and when.", code=code)
    return await forms.submit(context, "locations.save", form, payload, place.address(code), said)


def _location_form(context: Context) -> Simple:
    fields = [
        Field("code", context._("Code"), required=True),
        Field("name", context._("Name"), required=True),
        Field("kind", context._("Kind"), "select", [(name, context._(word)) for name, word in KINDS]),
        Field("country", context._("Country"), required=True, hint=context._("Two letters, such as DE")),
        Field("time_zone", context._("Time zone"), required=True, value=context.merchant.time_zone),
        Field("priority", context._("Priority"), "number", value="100", hint=context._("Lower fills first")),
        Field("active", context._("Active: fills orders"), "check", value="yes"),
    ]
    return Simple(
        context._("New location"), "/locations/new", fields, context._("Save"), "/locations", icon="device-floppy"
    )


async def show_group(context: Context) -> Response:
    """A new group of locations, or one that there is."""
    context.need("catalog:write")
    return forms.show(context, await _group_form(context, context.query("code")))


async def save_group(context: Context) -> Response:
    """Save it."""
    known = context.sent("_known")
    form = await _group_form(context, known)
    payload = forms.payload_of(context, form.fields)
    if known:
        payload["code"] = known
    said = context._("%(code)s is saved.", code=payload.get("code", ""))
    return await forms.submit(context, "location-groups.save", form, payload, "/locations", said)


async def _group_form(context: Context, code: str) -> Simple:
    async with context.database.read(context.merchant.id) as tx:
        every = (await location_groups(tx, GroupsQuery())).items
    found = next((each for each in every if each.code == code), None)
    if code and found is None:
        raise NotThere
    above = [(each.code, each.name) for each in every if code not in each.path]
    fields = [
        Field("code", context._("Code"), required=True, value=code, fixed=found is not None),
        Field("name", context._("Name"), required=True, value=found.name if found else ""),
        Field("parent", context._("Stands in"), "select", [("", context._("no other group")), *above],
              value=(found.parent or "") if found else ""),
    ]  # fmt: skip
    title = context._("Group %(code)s", code=code) if found else context._("New group")
    return Simple(
        title, "/location-groups/edit", fields, context._("Save"), "/locations",
        context._("Pools, claims and availability can be told by group."), "device-floppy", hidden={"_known": code},
    )  # fmt: skip


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
