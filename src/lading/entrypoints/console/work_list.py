"""The work of one location on one page, for a phone in one hand; and one fulfillment order with all that can be done with it."""

from typing import Final
from urllib.parse import quote

import msgspec
from starlette.responses import Response

from lading.entrypoints.console import actions
from lading.entrypoints.console.context import Context, NotThere, form_id
from lading.entrypoints.console.words import N_
from lading.views import NotFound, queues
from lading.views import work_list as views
from lading.views.names import read_names
from lading.views.order import order as read_order

SHOWN = 50

SECTIONS: Final = (
    ("to_accept", N_("To accept"), "question-mark"),
    ("to_pick", N_("To pick"), "list-details"),
    ("to_pack", N_("To pack"), "package"),
    ("to_hand_over", N_("To hand over"), "package-export"),
    ("pickups", N_("Customers come"), "user"),
    ("arriving", N_("On its way here"), "truck-delivery"),
    ("unsourced", N_("Collected here, no stock"), "alert-triangle"),
    ("put_backs", N_("To put back"), "arrow-back-up"),
    ("stopped", N_("Stopped"), "hand-stop"),
)
"""In the order in which somebody there goes through them."""

FOR_ALL: Final = {"to_accept": "fulfillment-orders.accept", "put_backs": "fulfillment-orders.put-back"}
"""What can be done with all of a section at once."""

FIRST: Final = {
    "to_accept": ("fulfillment-orders.accept", "fulfillment-orders.reject"),
    "to_pick": ("fulfillment-orders.pick", "fulfillment-orders.reject"),
    "to_pack": ("parcels.pack", "fulfillment-orders.reject"),
}
"""What is done with a fulfillment order of a section."""


async def show_places(context: Context) -> Response:
    """Which location: with how much waits at each."""
    async with context.database.read(context.merchant.id) as tx:
        names = await read_names(tx)
        counted = await queues.queues(tx, queues.QueuesQuery())
    waiting: dict[str, list[tuple[str, str]]] = {}
    for queue in counted.items:
        for place in queue.locations:
            waiting.setdefault(place.location, []).append((queue.name, place.waiting.label))
    return context.render("work_places.html", locations=sorted(names.locations.values()), waiting=waiting)


async def show_list(context: Context) -> Response:
    """All that one location has to do."""
    location = context.request.path_params["location"]
    async with context.database.read(context.merchant.id) as tx:
        try:
            work = await views.work_list(tx, views.WorkListQuery(location=location, limit=SHOWN))
        except (NotFound, msgspec.ValidationError) as error:
            raise NotThere from error
    return context.render(
        "work_list.html",
        work=work,
        sections=[(name, word, icon, getattr(work, name)) for name, word, icon in SECTIONS],
        first=FIRST,
        for_all=FOR_ALL,
        once=form_id(),
        actions=actions.EVERY,
        shown=SHOWN,
        here=context.request.url.path,
    )


async def run_all(context: Context) -> Response:
    """The same for all of a section that the page showed; what was refused is said one by one."""
    verb = context.sent("verb")
    if verb not in FOR_ALL.values() or not context.may_do(verb):
        raise NotThere
    names = [name for name in context.form.getlist("document") if isinstance(name, str)][:SHOWN]
    answers = await context.submit_all(verb, [{"fulfillment_order": name} for name in dict.fromkeys(names)])
    told = zip(dict.fromkeys(names), answers, strict=True)
    refused = [(name, context.why_not(answer)) for name, answer in told if not answer.accepted]
    done = len(answers) - len(refused)
    word = context._(actions.EVERY[verb].word)
    said = context._("%(word)s: %(done)s of %(all)s done.", word=word, done=done, all=len(answers))
    back = f"/work/{quote(context.request.path_params['location'], safe='')}"
    return (
        context.render("bulk.html", said=said, refused=refused, back=back, done=done)
        if refused
        else context.go(back, said)
    )


async def show_one(context: Context) -> Response:
    """One fulfillment order: how it stands, what is in it, what can be done with it."""
    name = context.request.path_params["name"]
    async with context.database.read(context.merchant.id) as tx:
        try:
            order = await read_order(tx, name.partition("-")[0])
        except NotFound as error:
            raise NotThere from error
    work = next((each for each in order.fulfillment_orders if each.name == name), None)
    if work is None:
        raise NotThere
    return context.render(
        "fulfillment_order.html",
        order=order,
        work=work,
        parcels=[each for each in order.parcels if each.fulfillment_order == name],
        allocations=[each for each in order.allocations if each.fulfillment_order == name and each.units],
        holds=[hold for hold in order.holds if hold.released_at is None],
        acts=actions.buttons_of_work(context, order, work),
        here=context.request.url.path,
    )
