"""Announce ASNs: a supplier says which units of a purchase order come when."""

from msgspec import Struct

from lading.inbound import rules
from lading.inbound.commands import AnnounceAsn
from lading.inbound.types import Asn, PurchaseOrder
from lading.journal.types import Decision, refused
from lading.operations import purchasing
from lading.operations.purchasing import World
from lading.operations.registry import Batch, Verb

NOTHING_TO_ANNOUNCE = ("nothing_to_announce", "All that is expected of {purchase_order} was announced already.")
ANNOUNCED_BEFORE = ("announced_before", "{reference} was announced already: it is {asn}.")
MORE_THAN_EXPECTED = (
    "more_than_expected",
    "Line {line} of {purchase_order} expects {expected} that nobody announced, not {quantity}.",
)


class AsnAnnounced(Struct, frozen=True):
    """The ASN by its name; receive it by that."""

    asn: str
    purchase_order: str
    version: int
    units: int
    """Units that are on their way."""


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_announce(command, world, batch) for command in batch.commands]


def _announce(command: AnnounceAsn, world: World, batch: Batch) -> Decision:
    found = purchasing.find(world, command.purchase_order)
    if isinstance(found, Decision):
        return found
    if refusal := _refuse(command, found):
        return refusal
    wanted = [(each.line, each.quantity) for each in command.lines] or _unannounced(found)
    if not wanted:
        return refused(NOTHING_TO_ANNOUNCE, "/purchase_order", purchase_order=found.name)
    asn = Asn(
        found.id, len(found.asns) + 1, command.reference, command.carrier, command.tracking_number,
        command.occurred_at or batch.now, stored=False,
    )  # fmt: skip
    found.asns[asn.number] = asn
    lines = []
    for number, quantity in wanted:
        new = rules.take_out(found.lines[number], len(found.lines) + 1, asn.number, quantity, command.due_at)
        found.lines[new.number] = new
        lines.append({"line": new.number, "of_line": number, "sku_id": new.sku_id, "quantity": quantity})
    data = {
        "asn": asn.number, "reference": asn.reference, "carrier": asn.carrier, "tracking_number": asn.tracking_number,
        "due_at": command.due_at, "lines": lines,
    }  # fmt: skip
    event = purchasing.changed(found, "asn_announced", batch, data, command.occurred_at)
    units = sum(quantity for _, quantity in wanted)
    outcome = AsnAnnounced(f"{found.name}-A{asn.number}", found.name, found.version, units)
    return Decision(outcome, event, rows=[found, asn])


def _refuse(command: AnnounceAsn, found: PurchaseOrder) -> Decision | None:
    for asn in found.asns.values():
        if asn.reference == command.reference and not asn.cancelled_at:
            name = f"{found.name}-A{asn.number}"
            return refused(ANNOUNCED_BEFORE, "/reference", reference=command.reference, asn=name)
    if refusal := purchasing.refuse_lines(found, (each.line for each in command.lines)):
        return refusal
    left = dict(_unannounced(found))
    for index, each in enumerate(command.lines):
        expected = left.get(each.line, 0)
        if each.quantity > expected:
            return refused(
                MORE_THAN_EXPECTED, f"/lines/{index}/quantity", purchase_order=found.name, line=each.line,
                expected=expected, quantity=each.quantity,
            )  # fmt: skip
        left[each.line] = expected - each.quantity
    return None


def _unannounced(found: PurchaseOrder) -> list[tuple[int, int]]:
    return [(line.number, line.expected) for line in found.lines.values() if line.asn is None and line.expected]


VERB = Verb(
    noun="asns",
    verb="announce",
    summary="Announce a supplier's shipment: these units of a purchase order come then.",
    command=AnnounceAsn,
    outcome=AsnAnnounced,
    refusals=(
        purchasing.UNKNOWN_PURCHASE_ORDER, purchasing.NOT_OPEN, ANNOUNCED_BEFORE, purchasing.UNKNOWN_LINE, MORE_THAN_EXPECTED,
        NOTHING_TO_ANNOUNCE,
    ),
    scope="purchasing:write",
    event="asn_announced",
    example={
        "purchase_order": "PO1042", "reference": "SHIP-889", "due_at": "2099-12-01T10:00:00+01:00",
        "lines": [{"line": 1, "quantity": 120}], "carrier": "Hapag", "tracking_number": "HLXU-4711",
    },
    prefetch=purchasing.prefetch,
    decide=decide,
    creates=True,
    inverse="asns.cancel",
)  # fmt: skip
