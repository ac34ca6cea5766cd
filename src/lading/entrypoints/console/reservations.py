"""Reservations: who keeps what, where and until when; given a place, kept longer, let go."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from starlette.responses import Response

from lading.entrypoints.console import forms, listing
from lading.entrypoints.console.context import Context, NotThere
from lading.entrypoints.console.fields import Field
from lading.entrypoints.console.forms import Simple
from lading.entrypoints.console.words import N_
from lading.views import NotFound
from lading.views import reservations as views
from lading.views.names import read_names
from lading.views.reservations import ReservationView

SPANS: Final = (
    (900, N_("15 minutes from now")),
    (3_600, N_("an hour from now")),
    (86_400, N_("a day from now")),
    (604_800, N_("a week from now")),
)


@dataclass(frozen=True, slots=True)
class Act:
    """What can be done with a reservation."""

    verb: str
    word: str
    icon: str
    note: str
    said: str


ACTS: Final = {
    act.verb: act
    for act in (
        Act("pin", N_("Give it a place"), "map-pin",
            N_("What it claims without a place is reserved on shelves: all of it, or nothing."),
            N_("The units have their place.")),
        Act("extend", N_("Keep longer"), "clock", N_("Never shorter than it is kept now."), N_("It is kept longer.")),
        Act("release", N_("Release"), "lock-open", N_("Its units can be promised to others at once."),
            N_("The units are free again.")),
    )
}  # fmt: skip


async def show_list(context: Context) -> Response:
    """Those that have not ended, whose time is over first comes first."""
    asked = {"sku": context.query("sku")}
    shown = await listing.find(context, views.reservations, views.ReservationsQuery, asked)
    return context.render("reservations.html", **shown, acts_of=lambda each: acts_of(context, each))


def acts_of(context: Context, found: ReservationView) -> list[Act]:
    """What can be done with it now."""
    possible = {
        "pin": found.status == "kept" and any(line.location is None for line in found.lines),
        "extend": found.status == "kept",
        "release": found.status in ("kept", "expired"),
    }
    return [act for verb, act in ACTS.items() if possible[verb] and context.may_do(f"reservations.{verb}")]


ANYWHERE: Final = "~"
"""In place of a location: claimed, without a place."""


async def show_new(context: Context) -> Response:
    """The form of a new one."""
    context.need("reservations:write")
    return forms.show(context, await _new(context))


async def make(context: Context) -> Response:
    """Keep units of one product or several."""
    sent = forms.payload_of(context, (form := await _new(context)).fields)
    place = sent.pop("location", None)
    payload = {
        **sent,
        "lines": [{"sku": sku, "quantity": forms.whole_number(quantity)} for sku, quantity in sent.get("lines", ())],
        **({"anywhere": True} if place == ANYWHERE else {"location": place} if place else {}),
        "seconds": forms.whole_number(str(sent.get("seconds", ""))),
    }
    return await forms.submit(
        context, "reservations.reserve", form, payload, "/reservations", context._("The units are kept.")
    )


async def _new(context: Context) -> Simple:
    async with context.database.read(context.merchant.id) as tx:
        names = await read_names(tx)
    places = [
        ("", context._("where an order would find them")),
        (ANYWHERE, context._("anywhere, without a place")),
        *sorted(names.locations.values()),
    ]
    channels = [("", context._("any")), *sorted(names.channels.values())]
    columns = [Field("sku", "SKU", "sku"), Field("quantity", context._("Units"), "number", low=1)]
    fields = [
        Field("lines", context._("What"), "rows", columns=columns, required=True, wide=True),
        Field("location", context._("Location"), "select", places, wide=True),
        Field("seconds", context._("Until"), "select", _spans(context), value="3600", wide=True),
        Field("channel", context._("Channel"), "select", channels),
        Field("reference", context._("Reference"), hint=context._("Of the cart or the quote")),
    ]
    return Simple(
        context._("Reserve units"),
        "/reservations/new",
        fields,
        context._("Reserve"),
        "/reservations",
        context._("Nobody else is promised them until then, unless they are released."),
        "lock",
    )


def _spans(context: Context) -> list[tuple[str, str]]:
    return [(str(seconds), context._(word)) for seconds, word in SPANS]


async def show_act(context: Context) -> Response:
    """The form."""
    context.need("reservations:write")
    act, found = await _find(context)
    return forms.show(context, await _form(context, act, found))


async def run(context: Context) -> Response:
    """Do it."""
    act, found = await _find(context)
    form = await _form(context, act, found)
    payload: dict[str, Any] = {"reservation": str(found.reservation), **forms.payload_of(context, form.fields)}
    if act.verb == "extend" and str(payload.get("seconds", "")).isdecimal():
        payload["seconds"] = int(payload["seconds"])
    return await forms.submit(context, f"reservations.{act.verb}", form, payload, "/reservations", context._(act.said))


async def _find(context: Context) -> tuple[Act, ReservationView]:
    """Raises NotThere."""
    act = ACTS.get(str(context.request.path_params["verb"]))
    if act is None:
        raise NotThere
    async with context.database.read(context.merchant.id) as tx:
        try:
            id_ = UUID(str(context.request.path_params["ref"]))
            return act, await views.reservation(tx, views.ReservationQuery(id_))
        except (NotFound, ValueError) as error:
            raise NotThere from error


async def _form(context: Context, act: Act, found: ReservationView) -> Simple:
    fields: list[Field] = []
    if act.verb == "pin":
        async with context.database.read(context.merchant.id) as tx:
            names = await read_names(tx)
        places = [("", context._("where an order would find them")), *sorted(names.locations.values())]
        fields.append(Field("location", context._("Location"), "select", places, wide=True))
    if act.verb == "extend":
        fields.append(Field("seconds", context._("Until"), "select", _spans(context), wide=True))
    what = found.reference or str(found.reservation)[:8]
    kept = ", ".join(f"{line.quantity} × {line.sku}" for line in found.lines[:5])
    return Simple(
        f"{context._(act.word)}: {what}",
        f"/reservations/{found.reservation}/do/{act.verb}",
        fields,
        context._(act.word),
        "/reservations",
        f"{kept}. {context._(act.note)}",
        act.icon,
    )
