"""What becomes of units on their way that will not arrive: they came home, or they are lost."""

from collections.abc import Mapping, Sequence

from lading.journal.types import Decision, refused
from lading.operations import transferring
from lading.operations.transferring import World
from lading.terms.ledger import End, Posting
from lading.transfers import rules
from lading.transfers.commands import SettledUnits
from lading.transfers.rules import Step
from lading.transfers.types import Transfer

NOT_SETTLED = (
    "not_settled",
    "{transfer} has {in_transit} of line {line} on the way: say of each whether it came home or is lost.",
)


def settle(
    world: World, transfer: Transfer, lines: Sequence[SettledUnits], *, rest: str | None
) -> list[Step] | Decision:
    """Steps that leave nothing on its way. Units that no line tells of become `rest`; None refuses them."""
    told = {number: {"came_home": 0, "lost": 0} for number in transfer.lines}
    for index, each in enumerate(lines):
        if each.line not in told:
            return refused(transferring.UNKNOWN_LINE, f"/lines/{index}/line", transfer=transfer.name, line=each.line)
        told[each.line]["came_home"] += each.came_home
        told[each.line]["lost"] += each.lost
        if sum(told[each.line].values()) > transfer.lines[each.line].in_transit:
            return refused(
                transferring.TOO_MANY, f"/lines/{index}", transfer=transfer.name, line=each.line, counter="in transit",
                there=transfer.lines[each.line].in_transit, quantity=sum(told[each.line].values()),
            )  # fmt: skip
    for number, line in transfer.lines.items():
        left = line.in_transit - sum(told[number].values())
        if left and rest is None:
            return refused(NOT_SETTLED, "/lines", transfer=transfer.name, line=number, in_transit=line.in_transit)
        if left and rest:
            told[number][rest] += left
    home = [
        Posting(line.sku_id, units, None, End("available", transfer.from_location_id, line.lot))
        for number, line in transfer.lines.items()
        if (units := told[number]["came_home"])
    ]
    if refusal := world.shelves.refuse(home, transferring.codes(transfer), world.locations, "/lines"):
        return refusal
    named = _names(world, transfer, lines, told)
    if isinstance(named, Decision):
        return named
    return [
        rules.step(transfer.lines[number], "in_transit", counter, units, serials=named.get((number, counter), ()))
        for number, counters in told.items()
        for counter, units in counters.items()
        if units
    ]


def _names(
    world: World, transfer: Transfer, lines: Sequence[SettledUnits], told: Mapping[int, Mapping[str, int]]
) -> dict[tuple[int, str], tuple[str, ...]] | Decision:
    """Which units came home and which are lost, by (line, counter): said by name where it is both."""
    naming, named = transferring.Naming(world, transfer), dict[tuple[int, str], tuple[str, ...]]()
    for number, counters in told.items():
        line = transfer.lines[number]
        given = [name for each in lines if each.line == number for name in each.lost_serials]
        pointer = next((f"/lines/{index}" for index, each in enumerate(lines) if each.line == number), "/lines")
        for counter, names in (("lost", given), ("came_home", ())):
            way = transferring.on_the_way(world, transfer, line)
            chosen = naming.choose(line, counters[counter], names, way, None, pointer)
            if isinstance(chosen, Decision):
                return chosen
            named[number, counter] = chosen
    return named
