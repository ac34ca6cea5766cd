"""Save bins: places inside a location."""

from dataclasses import dataclass
from uuid import UUID

from msgspec import Struct

from lading.catalog import store as catalog
from lading.catalog.types import Network
from lading.database.pool import Transaction
from lading.inbound import bins
from lading.inbound.bins import Bin
from lading.inbound.commands import SaveBin
from lading.journal.types import Decision, refused
from lading.kernel.ids import named_id
from lading.operations.moving_stock import UNKNOWN_LOCATION
from lading.operations.registry import Batch, Verb
from lading.terms.ledger import Event


class BinSaved(Struct, frozen=True):
    """The bin as it is now."""

    location: str
    code: str
    version: int


@dataclass(slots=True)
class World:
    """Locations, and the bins of the batch that are known."""

    network: Network
    bins: dict[tuple[UUID, str], Bin]


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The locations and bins that the batch names."""
    network = await catalog.read_network(tx)
    commands: list[SaveBin] = batch.commands
    places = [(location.id, each.code) for each in commands if (location := network.location_by_code(each.location))]
    return World(network, await bins.read_bins(tx, places, lock=batch.lock))


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; saved twice in a batch, it gets two versions."""
    return [_save(command, world, batch) for command in batch.commands]


def _save(command: SaveBin, world: World, batch: Batch) -> Decision:
    location = world.network.location_by_code(command.location)
    if location is None:
        return refused(UNKNOWN_LOCATION, "/location", location=command.location)
    row = world.bins.setdefault((location.id, command.code), Bin(location.id, command.code, 0, True, 0))
    row.sequence, row.active, row.version = command.sequence, command.active, row.version + 1
    row.aisle, row.position_cm = command.aisle, command.position_cm
    data = {
        "location_id": location.id, "code": row.code, "sequence": row.sequence, "active": row.active, "version": row.version,
    }  # fmt: skip
    if row.aisle is not None:
        data |= {"aisle": row.aisle, "position_cm": row.position_cm}
    event = Event("bin_saved", "bin", named_id("bin", location.id, row.code), batch.now, data)
    return Decision(BinSaved(command.location, row.code, row.version), event, rows=[row])


VERB = Verb(
    noun="bins",
    verb="save",
    summary="Create a bin of a location by its code, or change it.",
    command=SaveBin,
    outcome=BinSaved,
    refusals=(UNKNOWN_LOCATION,),
    scope="catalog:write",
    event="bin_saved",
    example={"location": "HAM", "code": "A-03-2", "sequence": 32},
    prefetch=prefetch,
    decide=decide,
)
