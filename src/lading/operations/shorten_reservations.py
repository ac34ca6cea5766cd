"""Shorten reservations: claims of a product give up, the youngest first, what is not there any more.

A claim has no place, so that no loss, count or move asks it: those tell what is true. What is left may be less than what is claimed,
and then the oldest claims have what there is. Until somebody shortens the others they hope for the next receipt.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from msgspec import Struct

from lading.catalog import store as catalog
from lading.catalog.rules import ranking
from lading.catalog.types import Sku
from lading.database.pool import Transaction
from lading.inventory import limit_store
from lading.inventory import store as inventory
from lading.inventory.commands import ShortenClaims
from lading.inventory.limits import Limits, Shortened, uncovered
from lading.inventory.types import Ended, ReservationLine, Supplies
from lading.journal.types import Decision, refused
from lading.operations import choosing_stock
from lading.operations.moving_stock import UNITS_MAX, UNKNOWN_SKU
from lading.operations.registry import Batch, Verb
from lading.sourcing.rules import Ranking
from lading.terms.ledger import Event


class ShortenedClaim(Struct, frozen=True):
    """What a reservation lost."""

    reservation: UUID
    line: int
    quantity: int
    """Units that it does not keep any more."""
    left: int


class ClaimsShortened(Struct, frozen=True):
    """The claims that were shortened, the youngest first."""

    sku: str
    units: int
    claims: list[ShortenedClaim]


@dataclass(slots=True)
class World:
    """Products, their limits and claims, locked, and what is free."""

    skus: Mapping[str, Sku]
    limits: Mapping[UUID, Limits]
    claims: dict[UUID, list[ReservationLine]]
    supplies: Supplies
    ranking: Ranking


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The gates, so that nobody claims or promises units meanwhile; then the claims, locked; what is free without a lock."""
    skus = await catalog.read_skus(tx, (command.sku for command in batch.commands))
    ids = sorted(sku.id for sku in skus.values())
    if batch.lock:
        await limit_store.lock_gate(tx, ids)
    network, policies = await catalog.read_setup(tx, ids)
    limits = await limit_store.read_limits(tx, ids, batch.now)
    supplies = await inventory.read_supplies(tx, dict.fromkeys(ids, UNITS_MAX), batch.now)
    found = await limit_store.read_all_claims(tx, ids, batch.now)
    if batch.lock:
        locked = await inventory.lock_reservation_lines(tx, (line.id for line in found))
        found = [line for line in locked.values() if line.is_claim and not line.ended_as]
    claims: dict[UUID, list[ReservationLine]] = {}
    for line in found:
        claims.setdefault(line.sku_id, []).append(line)
    return World(skus, limits, claims, supplies, ranking(network, policies))


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; who is named again has nothing more to give."""
    return [_shorten(command, world, batch) for command in batch.commands]


def _shorten(command: ShortenClaims, world: World, batch: Batch) -> Decision:
    sku = world.skus.get(command.sku)
    if sku is None:
        return refused(UNKNOWN_SKU, "/sku", sku=command.sku)
    claims = world.claims.pop(sku.id, [])
    short = uncovered(world.limits[sku.id], claims, _free(sku, world)).claims
    told = [ShortenedClaim(line.reservation_id, line.number, units, line.quantity - units) for line, units in short]
    outcome = ClaimsShortened(sku.code, sum(each.quantity for each in told), told)
    if not short:
        return Decision(outcome)
    endings = choosing_stock.end((Ended(line, "released", 0) for line in _ending(short)), batch.now)
    kept = [(line, units) for line, units in short if units < line.quantity]
    data: dict[str, Any] = {
        "sku": sku.code, "units": outcome.units,
        "shortened": [{"reservation": line.reservation_id, "line": line.number, "quantity": units} for line, units in kept],
        "reservations_ended": endings.told,
    }  # fmt: skip
    rows: list[object] = [*endings.rows]
    rows += [Shortened(line._replace(quantity=line.quantity - units)) for line, units in kept]
    return Decision(outcome, Event("claims_shortened", "sku", sku.id, batch.now, data), rows=rows)


def _ending(short: Iterable[tuple[ReservationLine, int]]) -> list[ReservationLine]:
    return [line for line, units in short if units == line.quantity]


def _free(sku: Sku, world: World) -> dict[UUID, int]:
    """Units by location that fills orders."""
    free = dict.fromkeys(world.ranking, 0)
    for shelf in world.supplies.get(sku.id, ()):
        if shelf.location_id in free:
            free[shelf.location_id] += shelf.available
    return free


VERB = Verb(
    noun="reservations",
    verb="shorten",
    summary="Take from the youngest claims of a product (units kept without a place) what is not there any more.",
    command=ShortenClaims,
    outcome=ClaimsShortened,
    refusals=(UNKNOWN_SKU,),
    scope="reservations:write",
    event="claims_shortened",
    example={"sku": "MUG-BLUE"},
    prefetch=prefetch,
    decide=decide,
)
