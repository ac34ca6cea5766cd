"""The first page: what waits, since when, and what happened last. And the queues in full."""

from typing import Any

import msgspec
from starlette.responses import Response

from lading.entrypoints.console import events, words
from lading.entrypoints.console.context import Context, NotThere
from lading.entrypoints.console.words import N_, Look
from lading.views import NotFound
from lading.views import queues as views
from lading.views.names import read_names
from lading.views.orders import OrdersQuery
from lading.views.orders import orders as read_orders

LATEST = 12
LATE_SHOWN = 6
PAGE_SIZE = 50
BESIDE_STAGES = {
    views.LOST: Look(N_("Lost"), "red", "package-off"),
    views.UNMATCHED: Look(N_("Unmatched returns"), "gray", "question-mark"),
}


def look(name: str) -> Look:
    """How a queue is shown."""
    return BESIDE_STAGES.get(name) or words.look("stage", name)


def address(name: str) -> str:
    """Where a queue's content is listed."""
    if name in (views.UNMATCHED, "coming_back", "held"):
        return f"/queues/{name}"
    if name == views.LOST:
        return "/orders?lost=true"
    return f"/orders?stage={name}"


async def show(context: Context) -> Response:
    """Queues with counts and ages, what is late, what happened last."""
    async with context.database.read(context.merchant.id) as tx:
        queues = await views.queues(tx, views.QueuesQuery())
        overdue = (await read_orders(tx, OrdersQuery(due_before=context.now, limit=100))).items
        latest = await events.latest(tx, LATEST)
    late = [order for order in overdue if order.stage not in words.GONE][:LATE_SHOWN]
    return context.render(
        "home.html", queues=queues.items, late=late, latest=latest, queue_look=look, queue_address=address
    )


async def show_queues(context: Context) -> Response:
    """All queues with their meaning, and the work of each location."""
    async with context.database.read(context.merchant.id) as tx:
        queues = await views.queues(tx, views.QueuesQuery())
    return context.render("queues.html", queues=queues.items, queue_look=look, queue_address=address)


async def show_work(context: Context) -> Response:
    """What one location has to do next in one stage."""
    params = context.request.path_params
    raw: dict[str, Any] = {"stage": params["stage"], "location": params["location"], "limit": PAGE_SIZE}
    if after := context.query("after"):
        raw["after"] = after
    async with context.database.read(context.merchant.id) as tx:
        try:
            work = await views.work(tx, msgspec.convert(raw, views.WorkQuery))
        except (NotFound, ValueError) as error:
            raise NotThere from error
        names = await read_names(tx)
    return context.render(
        "work.html",
        work=work,
        stage=params["stage"],
        location=params["location"],
        locations=sorted(names.locations.values()),
        stages=views.WORK_STAGES,
        acts=WORK_ACTS,
        is_later=bool(after),
    )


WORK_ACTS = {
    "to_pick": ("fulfillment-orders.pick", N_("Pick"), "list-details"),
    "to_pack": ("parcels.pack", N_("Pack"), "package"),
    "to_hand_over": ("", N_("Open"), "arrow-right"),
}


async def show_returns(context: Context) -> Response:
    """Returns with something awaited, held or owed."""
    async with context.database.read(context.merchant.id) as tx:
        try:
            page = await views.returns(tx, views.ReturnsQuery(limit=PAGE_SIZE, after=context.query("after") or None))
        except ValueError as error:
            raise NotThere from error
    return context.render("returns.html", page=page, is_later=bool(context.query("after")))


async def show_unmatched(context: Context) -> Response:
    """What nobody can explain."""
    async with context.database.read(context.merchant.id) as tx:
        try:
            page = await views.unmatched_returns(
                tx, views.UnmatchedQuery(limit=PAGE_SIZE, after=context.query("after") or None)
            )
        except ValueError as error:
            raise NotThere from error
    return context.render("unmatched.html", page=page, is_later=bool(context.query("after")))
