"""Save layouts: where the aisles of a location are, and where walks through it begin."""

from dataclasses import dataclass
from uuid import UUID

from msgspec import Struct

from lading.catalog import store as catalog
from lading.catalog.types import Network
from lading.database.pool import Transaction
from lading.journal.types import Decision, refused
from lading.layouts import store
from lading.layouts.commands import SaveLayout
from lading.layouts.types import Layout
from lading.operations.moving_stock import UNKNOWN_LOCATION
from lading.operations.registry import Batch, Verb
from lading.terms.ledger import Event


class LayoutSaved(Struct, frozen=True):
    """The plan as it is now."""

    location: str
    version: int
    aisles: int
    blocks: int
    """Parts between two cross aisles."""


@dataclass(slots=True)
class World:
    """Locations, and the plans of those that have one."""

    network: Network
    layouts: dict[UUID, Layout]


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The locations of the batch."""
    network = await catalog.read_network(tx)
    ids = {location.id for each in batch.commands if (location := network.location_by_code(each.location))}
    return World(network, await store.read_layouts(tx, ids, lock=batch.lock))


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; saved twice in a batch, it gets two versions."""
    return [_save(command, world, batch) for command in batch.commands]


def _save(command: SaveLayout, world: World, batch: Batch) -> Decision:
    location = world.network.location_by_code(command.location)
    if location is None:
        return refused(UNKNOWN_LOCATION, "/location", location=command.location)
    row = world.layouts.setdefault(location.id, Layout(location.id, 0, (), {}))
    row.depot, row.crosses, row.version = command.depot_cm, command.cross_cm, row.version + 1
    row.aisles = {aisle.code: aisle.x_cm for aisle in command.aisles}
    data = {
        "location_id": location.id, "depot_cm": row.depot, "cross_cm": row.crosses, "aisles": list(row.aisles.items()),
        "version": row.version,
    }  # fmt: skip
    event = Event("layout_saved", "location", location.id, batch.now, data)
    outcome = LayoutSaved(command.location, row.version, len(row.aisles), len(row.crosses) - 1)
    return Decision(outcome, event, rows=[row])


VERB = Verb(
    noun="layouts",
    verb="save",
    summary="Say where the aisles of a location are: parallel ones, the cross aisles that join them, and where walks begin.",
    command=SaveLayout,
    outcome=LayoutSaved,
    refusals=(UNKNOWN_LOCATION,),
    scope="catalog:write",
    event="layout_saved",
    example={
        "location": "HAM",
        "aisles": [{"code": "A", "x_cm": 0}, {"code": "B", "x_cm": 300}],
        "cross_cm": [0, 3000],
        "depot_cm": 0,
    },
    prefetch=prefetch,
    decide=decide,
)
