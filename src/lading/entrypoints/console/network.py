"""Locations and channels."""

from collections.abc import Sequence

from starlette.responses import Response

from lading.catalog.schedule import is_zone
from lading.entrypoints.console import forms, place
from lading.entrypoints.console.coded import Kind
from lading.entrypoints.console.context import Context
from lading.entrypoints.console.fields import Field
from lading.entrypoints.console.forms import Simple
from lading.entrypoints.console.place import KINDS
from lading.entrypoints.console.words import N_
from lading.views import products as views
from lading.views.network import CapacityQuery, GroupsQuery, LocationGroup, capacity, location_groups


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


async def _read_groups(context: Context) -> Sequence[LocationGroup]:
    async with context.database.read(context.merchant.id) as tx:
        return (await location_groups(tx, GroupsQuery())).items


def _group_fields(context: Context, found: LocationGroup | None, every: Sequence[LocationGroup]) -> Sequence[Field]:
    above = [(each.code, each.name) for each in every if found is None or found.code not in each.path]
    return [
        Field("name", context._("Name"), required=True, value=found.name if found else ""),
        Field("parent", context._("Stands in"), "select", [("", context._("no other group")), *above],
              value=(found.parent or "") if found else ""),
    ]  # fmt: skip


GROUP = Kind(
    "location-groups.save", "/location-groups/edit", "/locations", N_("Group %(code)s"), N_("New group"), _read_groups, _group_fields,
    note=N_("Pools, claims and availability can be told by group."),
)  # fmt: skip


async def _read_channels(context: Context) -> Sequence[views.Channel]:
    async with context.database.read(context.merchant.id) as tx:
        return (await views.channels(tx, views.ChannelsQuery())).items


async def show_channels(context: Context) -> Response:
    """All channels."""
    return context.render("channels.html", items=await _read_channels(context))


def _channel_fields(context: Context, found: views.Channel | None, _every: Sequence[views.Channel]) -> Sequence[Field]:
    return [Field("name", context._("Name"), required=True, value=found.name if found else "")]


CHANNEL = Kind(
    "channels.save",
    "/channels/save",
    "/channels",
    N_("Channel %(code)s"),
    N_("New channel"),
    _read_channels,
    _channel_fields,
)
