"""Plan waves: choose fulfillment orders of a location that shall be picked together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from msgspec import Struct

from lading.catalog import store as catalog
from lading.catalog.types import Network
from lading.database.pool import Transaction
from lading.journal.types import Decision, Envelope, refused
from lading.operations import fulfilling
from lading.operations.moving_stock import UNKNOWN_LOCATION
from lading.operations.registry import Batch, Verb
from lading.terms.ledger import Event
from lading.waves import rules, store
from lading.waves.commands import PlanWave
from lading.waves.store import Key
from lading.waves.types import Candidate, Member, Place, Wave

REFERENCE_TAKEN = ("reference_taken", "{wave} bears the reference {reference} already.")
ELSEWHERE = ("elsewhere", "{fulfillment_order} is filled in another place than {location}.")
NOTHING_TO_PICK = ("nothing_to_pick", "Nothing of {fulfillment_order} waits to be picked.")
IN_A_WAVE = ("in_a_wave", "{fulfillment_order} is in {wave} already.")
ON_HOLD = ("on_hold", "{fulfillment_order} is held: lift the hold first.")
NOTHING_FITS = ("nothing_fits", "Nothing waits to be picked in {location} that fits.")

CANDIDATES_MAX = 20_000
"""The most urgent fulfillment orders of a location among which a choice looks for those that fit."""


DENSE_MAX = 500
"""The most urgent ones among which the densest wave is looked for."""


class WavePlanned(Struct, frozen=True):
    """The wave, and what is in it."""

    wave: str
    id: UUID
    version: int
    fulfillment_orders: list[str]
    units: int


@dataclass(slots=True)
class World:
    """Locations, who waits there, and who bears the references of the batch."""

    network: Network
    waiting: dict[UUID, list[Candidate]]
    """By location, the most urgent first; those that a wave of the batch takes are gone."""
    named: Mapping[str, Candidate]
    taken: dict[str, str]
    """Fulfillment orders that waves of this batch took, with the wave."""
    zones: Mapping[tuple[UUID, int], Sequence[Sequence[str]]]
    references: dict[str, int]
    needs: Mapping[tuple[UUID, int], Mapping[Key, int]]
    contents: Mapping[Key, Mapping[Place, int]]
    """What waiting fulfillment orders take, and where it lies; where a dense wave is asked for."""


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """No lock: that a fulfillment order is in one wave at a time is for the database to refuse."""
    commands: list[PlanWave] = batch.commands
    network = await catalog.read_network(tx)
    most: dict[UUID, int] = {}
    zoned: set[UUID] = set()
    for command in commands:
        location = network.location_by_code(command.location)
        if location and not command.fulfillment_orders:
            wanted = CANDIDATES_MAX if _is_choosy(command) else command.orders_max
            most[location.id] = min(most.get(location.id, 0) + wanted, CANDIDATES_MAX)
            if command.zone:
                zoned.add(location.id)
    named = await store.named_candidates(tx, {_numbers(name) for each in commands for name in each.fulfillment_orders})
    if named:
        most = {location_id: min(units + len(named), CANDIDATES_MAX) for location_id, units in most.items()}
    waiting: dict[UUID, list[Candidate]] = {}
    for candidate in await store.candidates(tx, most, batch.now):
        waiting.setdefault(candidate.location_id, []).append(candidate)
    zones = await store.read_zones(tx, (each for id_ in zoned for each in waiting.get(id_, ())))
    dense = {
        location.id for each in commands if each.units_min and (location := network.location_by_code(each.location))
    }
    needs = await store.read_needs(tx, (each for id_ in dense for each in waiting.get(id_, [])[:DENSE_MAX]))
    contents = await store.read_places(tx, {key for need in needs.values() for key in need})
    references = await store.taken_references(tx, (each.reference for each in commands if each.reference))
    return World(network, waiting, named, {}, zones, references, needs, contents)


def _is_choosy(wish: PlanWave) -> bool:
    """Whether it passes over some that are urgent."""
    asked = (wish.ship_on, wish.ship_by, wish.shipping_method, wish.zone, wish.priority, wish.units_max, wish.units_min)
    return any(each is not None for each in asked)


def _numbers(name: str) -> tuple[int, int]:
    """(order's number, number) of 1042-F1; zeros where it cannot be one."""
    order, _, rest = name.partition("-")
    number = rest[1:]
    if rest[:1] != "F" or len(order) > 18 or len(number) > 4:
        return 0, 0
    return int(order), int(number)


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; what one wave takes the next ones do not get."""
    return [
        _plan(envelope, number, world, batch)
        for envelope, number in zip(batch.envelopes, batch.numbers, strict=True)
    ]  # fmt: skip


def _plan(envelope: Envelope[PlanWave], number: int, world: World, batch: Batch) -> Decision:
    command = envelope.command
    location = world.network.location_by_code(command.location)
    if location is None:
        return refused(UNKNOWN_LOCATION, "/location", location=command.location)
    if command.reference in world.references:
        taken = f"WV{world.references[command.reference]}"
        return refused(REFERENCE_TAKEN, "/reference", wave=taken, reference=command.reference)
    waiting = [each for each in world.waiting.get(location.id, []) if each.name not in world.taken]
    if command.fulfillment_orders:
        chosen = _named(command, location.id, world)
        if isinstance(chosen, Decision):
            return chosen
    elif command.units_min:
        fitting = [each for each in waiting[:DENSE_MAX] if rules.fits(command, each, world.zones)]
        chosen = rules.gather_dense(command, fitting, world.needs, world.contents)
    else:
        chosen = rules.gather(command, waiting, world.zones)
    if not chosen:
        return refused(NOTHING_FITS, "/location", location=command.location)
    world.waiting[location.id] = waiting
    wave = Wave(
        envelope.fresh_id, number, command.reference, location.id, command.method, len(chosen), 0, batch.now,
        members=[Member(each.order_id, each.fulfillment_order) for each in chosen], stored=False,
    )  # fmt: skip
    world.taken.update((each.name, wave.name) for each in chosen)
    if command.reference:
        world.references[command.reference] = number
    data = {
        "wave": wave.name, "number": number, "reference": wave.reference, "location_id": location.id, "method": wave.method,
        "orders": [[each.order_id, each.fulfillment_order] for each in chosen],
    }  # fmt: skip
    event = Event("wave_planned", "wave", wave.id, batch.now, data)
    units = sum(each.units for each in chosen)
    return Decision(WavePlanned(wave.name, wave.id, 1, [each.name for each in chosen], units), event, rows=[wave])


def _named(command: PlanWave, location_id: UUID, world: World) -> list[Candidate] | Decision:
    chosen: dict[str, Candidate] = {}
    for index, name in enumerate(command.fulfillment_orders):
        pointer = f"/fulfillment_orders/{index}"
        found = world.named.get("{}-F{}".format(*_numbers(name)))
        if found is None:
            return refused(fulfilling.UNKNOWN_FULFILLMENT_ORDER, pointer, fulfillment_order=name)
        if found.location_id != location_id:
            return refused(ELSEWHERE, pointer, fulfillment_order=name, location=command.location)
        if not found.units:
            return refused(NOTHING_TO_PICK, pointer, fulfillment_order=name)
        if wave := world.taken.get(found.name) or (found.wave and f"WV{found.wave}"):
            return refused(IN_A_WAVE, pointer, fulfillment_order=name, wave=wave)
        if found.is_held:
            return refused(ON_HOLD, pointer, fulfillment_order=name)
        chosen[found.name] = found
    return list(chosen.values())


VERB = Verb(
    noun="waves",
    verb="plan",
    summary="Choose fulfillment orders of a location that shall be picked together: named ones, or the most urgent that fit.",
    command=PlanWave,
    outcome=WavePlanned,
    refusals=(
        UNKNOWN_LOCATION, REFERENCE_TAKEN, fulfilling.UNKNOWN_FULFILLMENT_ORDER, ELSEWHERE, NOTHING_TO_PICK, IN_A_WAVE, ON_HOLD,
        NOTHING_FITS,
    ),
    scope="fulfillment:write",
    event="wave_planned",
    example={"location": "HAM", "method": "cluster", "ship_on": "2099-11-30", "orders_max": 50},
    prefetch=prefetch,
    decide=decide,
    creates=True,
    draws_numbers=True,
    inverse="waves.cancel",
)  # fmt: skip
