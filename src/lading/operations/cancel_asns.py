"""Cancel ASNs: a shipment does not come as announced; what is missing of it is due with its lines again."""

from lading.inbound import rules
from lading.inbound.commands import CancelAsn
from lading.journal.types import Decision, refused
from lading.operations import purchasing
from lading.operations.purchasing import PurchaseOrderChanged, World
from lading.operations.registry import Batch, Verb


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_cancel(command, world, batch) for command in batch.commands]


def _cancel(command: CancelAsn, world: World, batch: Batch) -> Decision:
    found = world.purchase_orders.find(command.asn)
    asn = found.asns.get(purchasing.asn_number(command.asn) or 0) if found else None
    if found is None or asn is None:
        return refused(purchasing.UNKNOWN_ASN, "/asn", asn=command.asn)
    if asn.cancelled_at:
        return Decision(purchasing.outcome(found))
    asn.cancelled_at = batch.now
    lines = []
    for line in found.lines.values():
        if line.asn == asn.number and line.expected:
            back = rules.put_back(line, found.lines[line.of_line])
            lines.append({"line": line.number, "of_line": line.of_line, "sku_id": line.sku_id, "quantity": back})
    data = {"asn": asn.number, "reason": command.reason, "lines": lines}
    event = purchasing.changed(found, "asn_cancelled", batch, data)
    return Decision(purchasing.outcome(found), event, rows=[found, asn])


VERB = Verb(
    noun="asns",
    verb="cancel",
    summary="Say that a shipment does not come as announced: what is missing of it is due with its lines again.",
    command=CancelAsn,
    outcome=PurchaseOrderChanged,
    refusals=(purchasing.UNKNOWN_ASN,),
    scope="purchasing:write",
    event="asn_cancelled",
    example={"asn": "PO1042-A1", "reason": "vessel_missed"},
    prefetch=purchasing.prefetch,
    decide=decide,
)
