"""Reading what a batch chooses from: propose on an unlocked read, lock what was chosen, see whether it stands (DESIGN 4, ADR 0008)."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple
from uuid import UUID

from lading.catalog.policies import Policies
from lading.catalog.rules import ranking
from lading.catalog.types import Network
from lading.database.pool import Transaction
from lading.fulfillment.booking import Bookings
from lading.inventory import keeping, limit_store, lots
from lading.inventory import store as inventory
from lading.inventory.keeping import Basis
from lading.inventory.limits import Allowance, Limits
from lading.inventory.rules import first_to_expire_first, units_held
from lading.inventory.types import Key, Place, ReservationLine, Reservations, Shelf, Supplies
from lading.journal import store as journal
from lading.operations import limiting
from lading.operations.choosing_days import Days, days_of
from lading.operations.choosing_stock import Chosen, Stock
from lading.operations.registry import Batch
from lading.sourcing.policies import weighs_stock

Propose = Callable[[Stock], Iterable[Chosen]]
"""What the whole batch would choose of this stock, in arrival order; the stock is its own to use up."""

Ahead = Callable[[], Awaitable[bool]]
"""Locks what comes before stock for what the last proposal leaves short; whether something new was read, so that it changes."""

EVERYTHING = 2**31 - 1
"""Wanted of a product by somebody who takes nothing but asks how much there is, or must know of all that is kept."""

_ROUNDS_MAX = 3
_ATTEMPTS_MAX = 3
"""Attempts of a batch that may end with stock held by others; the next one makes do with what it locked."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What a batch may want of stock, known before any of it is read."""

    wanted: Mapping[UUID, int]
    """How much it may take of each product in all."""
    reservations: Reservations = field(default_factory=dict)
    """Those that its commands name, read without a lock: they are locked after their stock, and corrected in place."""
    bookings: Bookings | None = None
    """What orders that are sourced again hold of the days of locations with a schedule."""
    claimed: Collection[UUID] = ()
    """Products of which it claims units: they may get their first limit."""
    guarded: bool = False
    """Whether its decisions may be guarded by their postings instead of locks (ADR 0024)."""


async def read_stock(
    tx: Transaction,
    batch: Batch,
    needs: Needs,
    network: Network,
    policies: Policies,
    propose: Propose,
    ahead: Ahead | None = None,
) -> tuple[Stock, bool]:
    """The stock that the batch may take (in a dry run all that is there), and whether the last proposal stands as it is.

    It stands where every row that it takes from was found, locked, to hold as much as it takes beside what is kept back
    there, and every reservation that it ends was found, locked, as it was read: the decision after the lock would be the
    same. Otherwise the caller decides again. The supplies are the locked rows only. Where the rounds end with stock that
    others hold just now, the batch runs again (LostRace): a lock that somebody looks at is no reason to refuse.

    Where the postings guard what is proposed, nothing is locked: it stands, or the batch runs again (`Stock.guarded`).

    The days of locations with a schedule are read beside the stock and locked after it.

    Products with limits are promised by one transaction at a time (ADR 0009): their gate is locked before their stock, and what
    limits them is read under it.
    """
    stock = Stock(policies, ranking(network, policies), locations=network.locations, now=batch.now)
    days = days_of(network, batch.now, needs.bookings)
    wanted = dict.fromkeys(needs.wanted, EVERYTHING) if weighs_stock(policies.values) else needs.wanted
    reading = _Reading(tx, batch, wanted, stock, needs.reservations, days, propose, ahead, needs.guarded)
    await reading.look()
    await reading.pass_gate(needs.claimed)
    if not batch.lock:
        if ahead is not None:
            propose(stock)
            await ahead()
            await reading.look()
        return stock, False
    stands = False
    for round_number in range(_ROUNDS_MAX):
        if round_number:
            await reading.look_again()
        stands = await reading.propose_and_lock(wait=round_number == 0)
        if stands:
            break
    if not stands and batch.attempt < _ATTEMPTS_MAX:
        raise journal.LostRace("stock")
    if not stock.guarded:
        reading.settle()
    stock.stands = stands
    return stock, stands


class _Proposal(NamedTuple):
    """What the batch would choose, and what it saw."""

    chosen: list[Chosen]
    seen: dict[Key, int]
    """What it saw of each row, where that must still be there; empty where enough is enough."""
    over: list[ReservationLine]
    """Reservations whose time is over on the rows it saw, where what is kept back depends on them."""

    @property
    def takes(self) -> dict[Key, int]:
        """How much is taken off which row."""
        taken: dict[Key, int] = {}
        for each in self.chosen:
            for take in each.takes:
                if take.bucket == "available":
                    key = (take.sku_id, take.location_id, take.lot)
                    taken[key] = taken.get(key, 0) + take.quantity
        return taken

    def given_back(self, *, over: bool) -> dict[Key, int]:
        """How much reservations give back to which row: those whose time is over, or those that orders used up."""
        units: dict[Key, int] = {}
        for each in self.chosen:
            for line, how, back in each.ended:
                if (how == "expired") == over:
                    units[line.key] = units.get(line.key, 0) + back
        return units


@dataclass(slots=True)
class _Reading:
    """The stock of one batch on its way from an unlocked read to the locked rows."""

    tx: Transaction
    batch: Batch
    wanted: Mapping[UUID, int]
    stock: Stock
    named: Reservations
    """The reservations that the batch names."""
    days: Days | None
    propose: Propose
    ahead: Ahead | None
    guarded: bool
    limited: set[UUID] = field(default_factory=set)
    """Products that have limits, or get their first one."""
    limits: Mapping[UUID, Limits] = field(default_factory=dict)
    unused: Mapping[UUID, Allowance] = field(default_factory=dict)
    """The allowances before anybody took of them."""
    kept: dict[Key, int] = field(default_factory=dict)
    """How much is kept back in which row."""
    locked: dict[Key, int] = field(default_factory=dict)
    """What locked rows hold."""
    lines: dict[inventory.LineId, ReservationLine] = field(default_factory=dict)
    """The locked lines of reservations."""
    stopped: set[Key] = field(default_factory=set)
    """Locked rows of lots that are held or recalled by now."""

    async def look(self) -> None:
        """Read what a proposal uses up. What is locked is known better."""
        self.kept = await self._read_supplies()
        self.unused = limiting.allowances_of(self.limits, self.stock.supplies, self.stock.ranking)
        self.stock.allowances = {sku_id: allowance.copy() for sku_id, allowance in self.unused.items()}
        self.stock.reservations = dict(self.named)
        self.stock.proposed.clear()
        self.stock.days = await self.days.read(self.tx) if self.days else None

    async def look_again(self) -> None:
        """The same when a proposal did not stand: the reservations may have changed as well."""
        if self.named:
            self.named.update(await inventory.read_reservations(self.tx, self.named))
        await self.look()

    async def pass_gate(self, claimed: Collection[UUID]) -> None:
        """Lock the gate of products with limits, read these under it, and look at their stock again."""
        self.stock.unlimited = set(claimed) - self.limited
        self.limited |= set(claimed)
        if not self.limited:
            return
        if self.batch.lock and self.stock.unlimited:
            await limit_store.lock_for_first_limit(self.tx, self.limited, self.stock.unlimited)
        elif self.batch.lock:
            await limit_store.lock_gate(self.tx, self.limited)
        self.limits = await limit_store.read_limits(self.tx, self.limited, self.batch.now, self.named)
        self.wanted = {**self.wanted, **dict.fromkeys(self.limited, EVERYTHING)}
        await self.look()

    async def propose_and_lock(self, *, wait: bool) -> bool:
        """Lock what the batch would choose now, in the order of DESIGN 8; whether it stands."""
        proposal = await self._proposal()
        ending = _ending(proposal.chosen, self.named)
        if not ending and self._needs_no_lock():
            self.stock.guarded = True
            return True
        takes = proposal.takes
        ending += [line for line in proposal.over if line.key in takes]
        keys = takes.keys() | {line.key for line in ending if not line.is_claim}
        self.locked |= await inventory.lock_supplies(
            self.tx, keys - self.locked.keys(), wait=wait, limited=self.limited
        )
        if (self.limited & self.wanted.keys()) - self.limits.keys():
            # Of what reservations only give back, no limit matters.
            raise journal.LostRace("first limit of a product")
        if self.stock.in_lots:
            await self._leave_stopped()
        unlocked = {line.id for line in ending} - self.lines.keys()
        self.lines |= await inventory.lock_reservation_lines(self.tx, unlocked, wait=wait)
        stands = self._stands(proposal, takes, ending)
        if self.days:
            stands = await self.days.lock(self.tx, proposal.chosen, wait=wait) and stands
        return stands

    def _needs_no_lock(self) -> bool:
        """Whether all that a proposal that ends no reservation rests on is that its rows hold as much as it takes: a posting finds out.

        A batch that lost a race goes by locks.
        """
        more = self.limited or self.days or self.stock.in_lots or self.kept or self._exact
        return self.guarded and not self.batch.attempt and not more

    async def _leave_stopped(self) -> None:
        """A lot may have been stopped since it was read: nothing is free there. From here on nobody stops one of those that are locked."""
        known = await lots.keep_lots(self.tx, ((sku_id, lot) for sku_id, _, lot in self.locked if lot))
        self.stopped = {key for key in self.locked if key[2] and known[key[0], key[2]].status != "ok"}
        self.locked.update((key, min(self.locked[key], 0)) for key in self.stopped)

    async def _proposal(self) -> _Proposal:
        proposal = self._ask()
        if self.ahead is not None and await self.ahead():
            await self.look()
            proposal = self._ask()
        return proposal

    def _ask(self) -> _Proposal:
        seen = _available_by_key(self.stock.supplies) if self._exact else {}
        over = _expired_of(self.stock.supplies) if self._exact or self.kept else []
        return _Proposal(list(self.propose(self.stock)), seen, over)

    @property
    def _exact(self) -> bool:
        """Whether what a channel sees of a row must still be there, because a buffer was taken off it."""
        return any(self.stock.policies.values.get("channel_buffer", {}).values())

    def _stands(self, proposal: _Proposal, takes: Mapping[Key, int], ending: Collection[ReservationLine]) -> bool:
        """Whether the locked rows and lines bear out what was proposed."""
        if takes.keys() - self.locked.keys() or any(self.lines.get(line.id) != line for line in ending):
            return False
        if any(line.key in self.stopped and line.is_over(self.batch.now) for line in ending):
            return False
        freed = proposal.given_back(over=False) if ending else {}
        if self.kept or self._exact:
            free, seen = _sum(self.locked, freed, units_held(proposal.over)), proposal.seen
            if any(free[key] - self.kept.get(key, 0) < max(units, seen.get(key, 0)) for key, units in takes.items()):
                return False
        lying = _sum(self.locked, freed, proposal.given_back(over=True) if ending else {})
        return all(lying[key] >= units for key, units in takes.items())

    def settle(self) -> None:
        """From here on only what is locked counts."""
        for known in self.named.values():
            known[:] = [self.lines.get(line.id, line) for line in known if line.ended_as or line.id in self.lines]
        over = [line for line in self.lines.values() if line.is_over(self.batch.now) and line.key not in self.stopped]
        self.stock.reservations = dict(self.named)
        self.stock.allowances = dict(self.unused)
        self.stock.supplies = _shelves(self.wanted, self.locked, self.kept, over)
        self.stock.days = self.days.settled() if self.days else None
        if self.stock.in_lots:
            _date(self.stock)

    async def _read_supplies(self) -> dict[Key, int]:
        """Read what can be promised, unlocked; how many units are kept back in which row."""
        stock = self.stock
        rules = {
            str(rule)
            for name in ("safety_stock", "channel_buffer")
            for rule in stock.policies.values.get(name, {}).values()
        }
        on_hand = any(rule.endswith("%") for rule in rules)
        if not self.locked and any(rule.endswith("d") for rule in rules):
            await inventory.read_demand(self.tx, list(self.wanted), stock.basis)
        stock.supplies = await inventory.read_supplies(
            self.tx,
            self.wanted,
            self.batch.now,
            stock.basis if on_hand else None,
            self.locked,
            self.limited,
            partial(_kept_at_most, rules, stock.basis) if rules else None,
        )
        for sku_id, shelves in stock.supplies.items():
            for shelf in shelves:
                if shelf.lot:
                    stock.in_lots[(sku_id, shelf.location_id, shelf.lot)] = shelf
                    if shelf.expires_on:
                        stock.dated.add(sku_id)
        for sku_id in stock.dated:
            stock.supplies[sku_id] = stock.lasting(sku_id)
        return _keep_safety(stock) if rules else {}


def _kept_at_most(rules: Iterable[str], basis: Basis, place: Place) -> int:
    """Units that are kept back there, whichever of the rules counts."""
    return max(keeping.kept(rule, place, basis) for rule in rules)


def _keep_safety(stock: Stock) -> dict[Key, int]:
    """Take the safety stock off the supplies; how many units off which row."""
    places = keeping.places_of(stock.supplies)
    rules = {
        (sku_id, location_id): stock.policies.value("safety_stock", location=location_id, sku=sku_id)
        for sku_id, location_id in places
    }
    stock.safety = {place: units for place, rule in rules.items() if (units := keeping.kept(rule, place, stock.basis))}
    return keeping.keep_back(stock.supplies, stock.safety)


def _ending(chosen: Iterable[Chosen], named: Reservations) -> list[ReservationLine]:
    """The lines that a decision of the batch depends on: those that are named, and those that are to be given back."""
    held = [line for known in named.values() for line in known if line.ended_as is None]
    return held + [ended.line for each in chosen for ended in each.ended]


def _shelves(
    wanted: Iterable[UUID], locked: Mapping[Key, int], kept: Mapping[Key, int], expired: Iterable[ReservationLine]
) -> Supplies:
    """The locked rows as supplies, without what is kept back; these reservations, locked too, are over."""
    over: dict[Key, list[ReservationLine]] = {}
    for line in sorted(expired, key=lambda line: (line.expires_at, line.id)):
        over.setdefault(line.key, []).append(line)
    supplies: Supplies = {sku_id: [] for sku_id in wanted}
    for key, available in sorted(locked.items()):
        shelf = Shelf(key[1], key[2], available)
        if key in over:
            shelf.count_expired(over[key])
        shelf.available = max(shelf.available - kept.get(key, 0), 0)
        supplies.setdefault(key[0], []).append(shelf)
    return supplies


def _date(stock: Stock) -> None:
    """What was locked, first to expire first."""
    for sku_id in {key[0] for key in stock.in_lots}:
        for shelf in stock.supplies[sku_id]:
            if known := stock.in_lots.get((sku_id, shelf.location_id, shelf.lot)):
                shelf.expires_on, shelf.received_at = known.expires_on, known.received_at
        stock.supplies[sku_id] = first_to_expire_first(stock.supplies[sku_id])


def _available_by_key(supplies: Supplies) -> dict[Key, int]:
    return {
        (sku_id, shelf.location_id, shelf.lot): shelf.available
        for sku_id, shelves in supplies.items()
        for shelf in shelves
    }


def _expired_of(supplies: Supplies) -> list[ReservationLine]:
    return [line for shelves in supplies.values() for shelf in shelves for line in shelf.expired]


def _sum(locked: Mapping[Key, int], *more: Mapping[Key, int]) -> Mapping[Key, int]:
    if not any(more):
        return locked
    return {key: units + sum(each.get(key, 0) for each in more) for key, units in locked.items()}
