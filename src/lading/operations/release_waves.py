"""Release waves: make their pick lists, each by the shortest walk where the layout is known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from lading.database.pool import Transaction
from lading.journal.types import Decision, refused
from lading.layouts import routes
from lading.layouts import store as layouts
from lading.layouts.types import Layout, Spot
from lading.operations import waving
from lading.operations.registry import Batch, Verb
from lading.operations.waving import WaveState
from lading.waves import rules, store
from lading.waves.commands import ReleaseWave
from lading.waves.rules import Contents, Walk
from lading.waves.types import Place, ToPick, Wave, Waves

NOTHING_LEFT = ("nothing_left", "Nothing of {wave} waits to be picked any more: cancel it.")


@dataclass(slots=True)
class World:
    """The waves, what they are to pick, where it lies, and the plans of the places."""

    waves: Waves
    waiting: Mapping[UUID, list[ToPick]]
    contents: Contents
    layouts: Mapping[UUID, Layout]


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The waves, locked; what they pick is read without a lock: whoever picks looks again."""
    ids = await store.find_ids(tx, (each.wave for each in batch.commands))
    waves = await store.read_waves(tx, ids, lock="alone" if batch.lock else None)
    planned = [wave for wave in waves.all() if wave.status == "planned"]
    waiting: dict[UUID, list[ToPick]] = {}
    for units in await store.read_to_pick(tx, [wave.id for wave in planned]):
        waiting.setdefault(units.wave_id, []).append(units)
    keys = {(each.sku_id, each.location_id, each.lot) for found in waiting.values() for each in found}
    contents = await store.read_places(tx, keys)
    return World(waves, waiting, contents, await layouts.read_layouts(tx, {wave.location_id for wave in planned}))


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; no two waves count on the same unit of a bin."""
    return [_release(command, world, batch) for command in batch.commands]


def _release(command: ReleaseWave, world: World, batch: Batch) -> Decision:
    wave = waving.find(world.waves, command.wave, ("planned",), command.expected_version)
    if isinstance(wave, Decision):
        return wave
    waiting = world.waiting.get(wave.id, [])
    if not waiting:
        return refused(NOTHING_LEFT, "/wave", wave=wave.name)
    layout = world.layouts.get(wave.location_id)
    rules.make_lists(wave, waiting, world.contents, command.orders_per_list, lambda places: plan_walk(layout, places))
    wave.released_at = batch.now
    event = waving.changed(wave, "wave_released", batch, {"units": wave.units, **_told(wave)})
    return Decision(waving.state(wave), event, rows=[wave])


def _told(wave: Wave) -> dict[str, object]:
    """Lists and tasks as the journal keeps them; a task is a row of values."""
    return {
        "lists": [
            {"list": each.number, "zone": each.zone, "units": each.units, "route_cm": each.route_cm,
             "s_shape_cm": each.s_shape_cm}
            for each in wave.lists.values()
        ],
        "tasks": [
            [each.number, each.list, each.slot, each.order_id, each.fulfillment_order, each.allocation, each.line_number,
             each.sku_id, each.lot, each.bin, each.quantity]
            for each in wave.tasks
        ],
    }  # fmt: skip


def plan_walk(layout: Layout | None, places: Sequence[Place]) -> Walk:
    """The shortest walk past the places that the layout knows; the others come first, in the order in which bins are emptied."""
    known: dict[int, Spot] = {}
    for index, (_, _, aisle, position) in enumerate(places):
        if layout and aisle is not None and position is not None and (spot := layout.spot(aisle, position)):
            known[index] = spot
    others = [index for index in range(len(places)) if index not in known]
    if layout is None or not known:
        return Walk(others, None, None)
    stops = list(known.values())
    route = routes.shortest(layout, stops)
    indexes = list(known)
    order = [*others, *(indexes[stop] for stop in route.order)]
    return Walk(order, route.length, routes.s_shape(layout, stops).length)


VERB = Verb(
    noun="waves",
    verb="release",
    summary="Make the pick lists of a wave: who walks where and takes what, by the shortest way where the layout is known.",
    command=ReleaseWave,
    outcome=WaveState,
    refusals=(waving.UNKNOWN_WAVE, waving.VERSION_CONFLICT, waving.WRONG_STATUS, NOTHING_LEFT),
    scope="fulfillment:write",
    event="wave_released",
    example={"wave": "WV1044", "orders_per_list": 8},
    prefetch=prefetch,
    decide=decide,
)
