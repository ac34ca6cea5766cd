"""Waves: planned, released into pick lists, walked on paper or with a phone and a scanner, closed."""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import quote

import msgspec
from starlette.responses import Response

from lading.entrypoints.console import floor, forms, listing, preview
from lading.entrypoints.console.context import Context, NotThere, decode, form_id
from lading.entrypoints.console.fields import Field
from lading.entrypoints.console.forms import Simple
from lading.entrypoints.console.words import N_
from lading.views import NotFound
from lading.views import waves as views
from lading.views.names import read_names
from lading.views.waves import PickListView, TaskView, WaveView
from lading.waves.types import METHODS, STATUSES

METHOD_WORDS: Final = {
    "single": N_("one order a walk"),
    "batch": N_("several orders a walk, sorted afterwards"),
    "cluster": N_("several orders a walk, each into its box"),
    "zone": N_("one aisle a walk"),
}
REASONS: Final = (
    ("not_found", N_("not found")),
    ("damaged", N_("damaged")),
    ("expired", N_("expired")),
    ("wrong_product", N_("another product lies there")),
)
"""Why units are short."""
USUAL_LIST = 12
ORDERS_SHOWN = 200
assert METHOD_WORDS.keys() == METHODS.keys()


async def show_list(context: Context) -> Response:
    """All waves, or those of one place or state."""
    asked = {name: context.query(name) for name in ("status", "location")}
    shown = await listing.find(context, views.waves, views.WavesQuery, asked)
    return context.render("waves.html", **shown, statuses=list(STATUSES), methods=METHOD_WORDS)


async def show_new(context: Context) -> Response:
    """The form for a new wave."""
    context.need("fulfillment:write")
    return forms.show(context, await _plan_form(context))


async def plan(context: Context) -> Response:
    """Plan it."""
    form = await _plan_form(context)
    payload = forms.payload_of(context, form.fields)
    forms.refill(context, form)
    try:
        answer = await context.submit("waves.plan", payload)
    except msgspec.ValidationError as error:
        return forms.show(context, form, preview.plain(str(error)))
    if not answer.accepted:
        return forms.show(context, form, context.why_not(answer))
    told = decode(answer)
    said = context.ngettext(
        "%(wave)s has %(num)s order.",
        "%(wave)s has %(num)s orders.",
        len(told["fulfillment_orders"]),
        wave=told["wave"],
    )
    return context.go(f"/waves/{told['wave']}", said)


async def _plan_form(context: Context) -> Simple:
    async with context.database.read(context.merchant.id) as tx:
        names = await read_names(tx)
    methods = [(name, context._(word)) for name, word in METHOD_WORDS.items()]
    fields = [
        Field("location", context._("Location"), "select", sorted(names.locations.values()), required=True,
              value=context.query("location")),
        Field("method", context._("How it is walked"), "select", methods, value="batch"),
        Field("ship_on", context._("To leave by day"), "date"),
        Field("shipping_method", context._("Shipping method"), hint=context._("As the order says it")),
        Field("zone", context._("Zone"), hint=context._("An aisle, or bins whose code begins so")),
        Field("priority", context._("Priority at least"), "number"),
        Field("orders_max", context._("Orders at most"), "number", value="48", low=1, high=1_000),
        Field("units_max", context._("Units at most"), "number", low=1),
        Field("units_min", context._("Few aisles, but units at least"), "number", low=1,
              hint=context._("Those with the most units for each aisle, instead of the most urgent")),
        Field("reference", context._("Your number"), hint=context._("Optional, unique")),
    ]  # fmt: skip
    note = context._("The most urgent orders that fit. What is held, or in another open wave, is passed over.")
    return Simple(context._("New wave"), "/waves/new", fields, context._("Plan wave"), "/waves", note, "stack-2")


async def show_one(context: Context) -> Response:
    """A wave: its lists, one of them drawn, its orders, and what went wrong."""
    found = await _wave(context)
    lists = found.lists
    asked = context.query("list")
    number = int(asked) if asked.isdecimal() and len(asked) < 6 else 0
    shown = next((each for each in lists if each.number == number), lists[0] if lists else None)
    drawn = await _list(context, shown.number) if shown else None
    return context.render(
        "wave.html", wave=found.head, lists=lists, orders=found.orders[:ORDERS_SHOWN], more=len(found.orders) - ORDERS_SHOWN,
        drawn=drawn, plan=floor.draw(drawn.layout, drawn.stops) if drawn else None, methods=METHOD_WORDS,
        place=await _place(context, found.head.location), troubles=_troubles(drawn), metres=metres, once=form_id(),
    )  # fmt: skip


def _troubles(drawn: PickListView | None) -> list[TaskView]:
    """Tasks of the list with units that were short, cancelled, or are held."""
    if drawn is None:
        return []
    tasks = [task for stop in drawn.stops for task in stop.tasks]
    return [task for task in tasks if task.short or task.gone or (task.held and task.waiting)]


def metres(centimetres: int | None) -> str:
    """As people say it."""
    return "" if centimetres is None else f"{round(centimetres / 100):,} m"


async def show_paper(context: Context) -> Response:
    """A pick list to be printed."""
    drawn = await _list(context, _number(context))
    return context.render(
        "pick_list.html", drawn=drawn, wave=drawn.wave, plan=floor.draw(drawn.layout, drawn.stops), metres=metres,
        place=await _place(context, drawn.wave.location), methods=METHOD_WORDS,
    )  # fmt: skip


async def take(context: Context) -> Response:
    """Take a list (or the next one) and walk it."""
    ref, number = str(context.request.path_params["ref"])[:64], context.sent("list")
    payload: dict[str, Any] = {"wave": ref}
    if number:
        payload["list"] = forms.whole_number(number)
    try:
        answer = await context.submit("waves.take-list", payload)
    except msgspec.ValidationError as error:
        return context.go(f"/waves/{quote(ref)}", preview.plain(str(error)))
    if not answer.accepted:
        return context.go(f"/waves/{quote(ref)}", context.why_not(answer))
    return context.go(f"/waves/{quote(ref)}/walk/{decode(answer)['list'].rpartition('L')[2]}")


async def show_act(context: Context) -> Response:
    """The form to release, close or cancel it."""
    context.need("fulfillment:write")
    return forms.show(context, _act_form(context, (await _wave(context)).head.wave))


async def act(context: Context) -> Response:
    """Release, close or cancel it."""
    found = await _wave(context)
    name, verb = found.head.wave, _verb(context)
    form = _act_form(context, name)
    payload = forms.payload_of(context, form.fields) | {"wave": name}
    said = {
        "release": context._("The lists of %(wave)s can be walked.", wave=name),
        "close": context._("%(wave)s is closed.", wave=name),
        "cancel": context._("%(wave)s is cancelled.", wave=name),
    }[verb]
    return await forms.submit(context, f"waves.{verb}", form, payload, f"/waves/{name}", said)


def _verb(context: Context) -> str:
    verb = str(context.request.path_params["verb"])
    if verb not in ("release", "close", "cancel"):
        raise NotThere
    return verb


def _act_form(context: Context, name: str) -> Simple:
    verb = _verb(context)
    address, back = f"/waves/{name}/do/{verb}", f"/waves/{name}"
    if verb == "release":
        fields = [
            Field("orders_per_list", context._("Orders a list"), "number", value=str(USUAL_LIST), low=1, high=1_000,
                  hint=context._("Boxes on the cart, or orders in a batch")),
        ]  # fmt: skip
        note = context._("Pick lists are made, each by the shortest way where the layout is known.")
        return Simple(
            context._("Release %(wave)s", wave=name), address, fields, context._("Release"), back, note, "list-details"
        )
    if verb == "close":
        note = context._("What was not picked stays with its orders and waits for another wave.")
        return Simple(context._("Close %(wave)s", wave=name), address, [], context._("Close wave"), back, note, "check")
    fields = [Field("reason", context._("Reason"), required=True, value="not_needed")]
    note = context._("Its orders wait for another wave.")
    return Simple(
        context._("Cancel %(wave)s", wave=name), address, fields, context._("Cancel the wave"), back, note, "ban"
    )


async def show_walk(context: Context) -> Response:
    """The page of whoever walks: one task at a time."""
    context.need("fulfillment:write")
    return await _walking(context, context.query("task"))


async def record(context: Context) -> Response:
    """A scan, a number that was typed, or what is not there."""
    ref, number = str(context.request.path_params["ref"])[:64], _number(context)
    drawn = await _list(context, number)
    code, asked, at_bin = context.sent("code"), context.sent("task"), context.sent("at_bin")
    task = _current(drawn, asked)
    if task is None:
        return await _walking(context, "", error=context._("Nothing waits on this list any more."), code=code)
    if code and code == task.bin:
        return await _walking(context, str(task.number), at_bin=code)
    payload: dict[str, Any] = {"wave": ref, "task": task.number}
    if at_bin and at_bin == task.bin:
        payload["bin"] = at_bin
    if short := context.sent("short"):
        payload |= {"short": forms.whole_number(short), "quantity": 0, "reason": context.sent("reason") or "not_found"}
        payload["shelf_empty"] = context.sent("shelf_empty") == "yes"
    elif task.tracking == "serial" and code and code not in (task.sku, task.gtin):
        payload |= {"quantity": 1, "serials": [code]}
    elif code:
        payload |= {"barcode": code, "quantity": 1}
    else:
        payload["quantity"] = forms.whole_number(context.sent("quantity"))
    try:
        answer = await context.submit("waves.pick", payload)
    except msgspec.ValidationError as error:
        return await _walking(context, asked, error=preview.plain(str(error)), code=code, at_bin=at_bin)
    if not answer.accepted:
        said = context.why_not(answer)
        return await _walking(context, asked, error=said, code=code, at_bin=at_bin, again=answer.failed)
    told = decode(answer)
    if not context.by_htmx:
        return context.go(f"/waves/{quote(ref)}/walk/{number}")
    stays = str(task.number) if told["left"] else ""
    return await _walking(context, stays, done=told, at_bin=at_bin if told["left"] else "")


async def _walking(
    context: Context,
    asked: str,
    *,
    error: str = "",
    code: str = "",
    at_bin: str = "",
    again: bool = False,
    done: dict[str, Any] | None = None,
) -> Response:
    drawn = await _list(context, _number(context))
    task = _current(drawn, asked)
    tasks = [each for stop in drawn.stops for each in stop.tasks]
    response = context.render(
        "part_walk.html" if context.by_htmx else "walk.html",
        409 if error and not context.by_htmx else 200,
        drawn=drawn, wave=drawn.wave, task=task, following=_following(tasks, task), error=error, code=code, at_bin=at_bin, done=done,
        place="" if context.by_htmx else await _place(context, drawn.wave.location), reasons=REASONS, once=form_id(),
        plan=floor.draw(drawn.layout, drawn.stops, task.bin if task else None),
        address=f"/waves/{drawn.wave.wave}/walk/{drawn.head.number}",
    )  # fmt: skip
    response.headers["permissions-policy"] = "camera=(self), geolocation=(), microphone=()"
    response.headers["x-scan"] = "again" if again else "wrong" if error else "right"
    return response


def _current(drawn: PickListView, asked: str) -> TaskView | None:
    """The task that was asked for, where it waits; else the first one of the walk that does."""
    waiting = [task for stop in drawn.stops for task in stop.tasks if task.waiting and not task.held]
    chosen = next((task for task in waiting if str(task.number) == asked), None)
    return chosen or next(iter(waiting), None)


def _following(tasks: Sequence[TaskView], now: TaskView | None) -> list[TaskView]:
    """What waits besides, in the order of the walk, beginning after the task at hand."""
    waiting = [
        task for task in tasks if task.waiting and task is not now and (now is None or task.number != now.number)
    ]
    later = [task for task in waiting if now is None or task.number > now.number]
    return [*later, *(task for task in waiting if task not in later)]


async def show_layout(context: Context) -> Response:
    """The plan of a location."""
    code = str(context.request.path_params["code"])
    async with context.database.read(context.merchant.id) as tx:
        try:
            found = await views.layout(tx, views.LayoutQuery(code[:64]))
        except NotFound:
            found = None
        names = dict((await read_names(tx)).locations.values())
    if code not in names:
        raise NotThere
    unplaced = [each.bin for each in found.bins if each.x_cm is None] if found else []
    return context.render(
        "layout_plan.html", found=found, code=code, place=names[code], plan=floor.draw(found, ()), unplaced=unplaced, metres=metres,
    )  # fmt: skip


def _number(context: Context) -> int:
    """Of the list, as the address has it. Raises NotThere."""
    text = str(context.request.path_params["list"])
    if not text.isdecimal() or len(text) > 5:
        raise NotThere
    return int(text)


async def _wave(context: Context) -> WaveView:
    async with context.database.read(context.merchant.id) as tx:
        try:
            return await views.wave(tx, views.WaveQuery(str(context.request.path_params["ref"])[:64]))
        except NotFound as error:
            raise NotThere from error


async def _list(context: Context, number: int) -> PickListView:
    ref = str(context.request.path_params["ref"])[:40]
    async with context.database.read(context.merchant.id) as tx:
        try:
            return await views.pick_list(tx, views.ListQuery(f"{ref}-L{number}"))
        except NotFound as error:
            raise NotThere from error


async def _place(context: Context, code: str) -> str:
    """The name of a location."""
    async with context.database.read(context.merchant.id) as tx:
        return dict((await read_names(tx)).locations.values()).get(code, code)
