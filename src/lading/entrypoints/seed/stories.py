"""What the people of the seeded merchant do with an order, step by step, until its fate stops them.

A story is a coroutine over commands: it yields the next step and is sent that command's outcome. It knows nothing of
clocks or databases; the simulation says when.
"""

from collections.abc import Generator, Sequence
from datetime import timedelta
from random import Random
from typing import Any, NamedTuple

from lading.entrypoints.seed.wishes import Fate, Wish

Outcome = dict[str, Any]

CARRIERS = {"web": ("DHL", "DPD"), "marketplace": ("Royal Mail", "Evri"), "tokyo": ("Yamato",)}
BACKORDER_LOOKS = 6
"""How often somebody looks again for stock of a backordered order."""


class Step(NamedTuple):
    """The next command of a story."""

    wait: timedelta
    """After the step before."""
    verb: str
    fields: dict[str, Any]
    who: str
    dated: bool = False
    """The command says itself when it occurred."""


Story = Generator[Step, Outcome, None]


def story(wish: Wish, rng: Random) -> Story:
    """From placement to the end, or as far as its fate lets it come."""
    fate = wish.fate
    placed = yield _step(rng, 0, 0, "orders.place", wish.command, "channel")
    order = str(placed["number"])
    if fate.suspicious:
        yield _step(rng, 0.2, 1, "orders.hold", {"order": order, "kind": "fraud_review"}, "service")
    stage = str(placed["stage"])
    if fate.suspicious or placed["holds"]:
        if not fate.lifted:
            return
        lifted = yield _step(rng, 3, 14, "holds.release", {"order": order}, "service")
        stage = str(lifted["stage"])
    if stage == "backordered" and not (yield from _waited(order, rng)):
        return
    if fate.cancelled != "no":
        lines = [{"line": 1, "quantity": 1}] if fate.cancelled == "some" else []
        cancel = {"order": order, "reason": "customer_request", "lines": lines}
        yield _step(rng, 0.5, 3, "lines.cancel", cancel, "service")
        if fate.cancelled == "all":
            return
    if fate.stop == "before_release":
        return
    released = yield _step(rng, 1, 5, "orders.release", {"order": order}, "warehouse")
    documents = released["fulfillment_orders"]
    if fate.stop == "before_pick":
        return
    parcels = yield from _picked_and_packed(order, documents, wish, rng)
    for number, parcel in enumerate(parcels):
        yield from _delivered(wish, parcel, rng, last=number == len(parcels) - 1)
    if "tenders" not in wish.command:
        pays = rng.random() < 0.6
        yield Step(timedelta(minutes=30), "invoices.issue", {"order": order, "bill": "all"}, "service")
        if pays:
            payment = {"order": order, "amount": placed["total"], "kind": "bank_transfer"}
            yield _step(rng, 24, 120, "payments.record", payment, "service", dated=True)
    if fate.returned != "no":
        yield from _returned(order, fate, rng)


def _step(
    rng: Random, least: float, most: float, verb: str, fields: dict[str, Any], who: str, *, dated: bool = False
) -> Step:
    """A step after some hours."""
    return Step(timedelta(hours=rng.uniform(least, most)), verb, fields, who, dated)


def _waited(order: str, rng: Random) -> Generator[Step, Outcome, bool]:
    """Whether stock came for a backordered order."""
    for _ in range(BACKORDER_LOOKS):
        sourced = yield _step(rng, 60, 80, "orders.source", {"order": order}, "service")
        if sourced["stage"] == "to_release":
            return True
    return False


def _picked_and_packed(
    order: str, documents: Sequence[str], wish: Wish, rng: Random
) -> Generator[Step, Outcome, list[str]]:
    """The parcels that were handed to a carrier or stand ready for it; none where work stopped before."""
    fate = wish.fate
    for document in documents[:1] if fate.stop == "half_picked" else documents:
        pick: dict[str, Any] = {"fulfillment_order": document}
        if fate.stop == "half_picked":
            pick["lines"] = [{"line": 1, "quantity": wish.quantity(1) - 2}]
        elif wish.serials:
            pick["lines"] = [{"line": 1, "quantity": len(wish.serials), "serials": wish.serials}]
        elif fate.short and document == documents[0]:
            pick["short"] = [{"line": 1, "quantity": 1, "reason": "not_found"}]
        yield _step(rng, 1, 7, "fulfillment-orders.pick", pick, "warehouse")
    if fate.stop in ("half_picked", "before_pack"):
        return []
    parcels = yield from _packed(documents, wish, rng)
    if fate.short and fate.looked_again:
        parcels += yield from _found_elsewhere(order, rng)
    return [] if fate.stop == "before_ship" else parcels


def _packed(documents: Sequence[str], wish: Wish, rng: Random) -> Generator[Step, Outcome, list[str]]:
    """One parcel for each fulfillment order, or one more for its first line."""
    parcels = []
    for document in documents:
        pack = {"fulfillment_order": document, "weight_grams": rng.randrange(250, 4000, 10)}
        if wish.fate.parcels == 2:
            first = yield _step(
                rng, 0.5, 3, "parcels.pack", pack | {"lines": [{"line": 1, "quantity": 1}]}, "warehouse"
            )
            parcels.append(str(first["parcel"]))
        packed = yield _step(rng, 0.5, 3, "parcels.pack", pack, "warehouse")
        parcels.append(str(packed["parcel"]))
    return parcels


def _found_elsewhere(order: str, rng: Random) -> Generator[Step, Outcome, list[str]]:
    """What was short comes from another shelf, in a parcel of its own."""
    sourced = yield _step(rng, 2, 8, "orders.source", {"order": order}, "service")
    if sourced["stage"] != "to_release":
        return []
    released = yield _step(rng, 1, 3, "orders.release", {"order": order}, "warehouse")
    parcels = []
    for document in released["fulfillment_orders"]:
        yield _step(rng, 1, 4, "fulfillment-orders.pick", {"fulfillment_order": document}, "warehouse")
        packed = yield _step(rng, 0.5, 2, "parcels.pack", {"fulfillment_order": document}, "warehouse")
        parcels.append(str(packed["parcel"]))
    return parcels


def _delivered(wish: Wish, parcel: str, rng: Random, *, last: bool) -> Generator[Step, Outcome, None]:
    """A parcel on its way to the door; what its carrier says of it."""
    carrier = rng.choice(CARRIERS[wish.command["channel"]])
    number = f"{rng.randrange(10**11, 10**12)}{rng.randrange(10)}"
    ship = {"parcel": parcel, "carrier": carrier, "tracking_number": number}
    yield _step(rng, 1, 8, "parcels.ship", ship, "warehouse", dated=True)
    yield _tracked(rng, parcel, "in_transit", 5, 14)
    fate = wish.fate
    if fate.stop == "one_delivered" and last:
        return
    if fate.mishap in ("lost", "returned_to_sender"):
        yield _tracked(rng, parcel, fate.mishap, 70, 90)
        return
    yield _tracked(rng, parcel, "out_for_delivery", 12, 36)
    if fate.mishap == "failed_attempt":
        yield _tracked(rng, parcel, "failed_attempt", 2, 8)
        yield _tracked(rng, parcel, "out_for_delivery", 14, 20)
    yield _tracked(rng, parcel, "delivered", 2, 8)


def _tracked(rng: Random, parcel: str, status: str, least: float, most: float) -> Step:
    return _step(rng, least, most, "parcels.track", {"parcel": parcel, "status": status}, "carrier", dated=True)


def _returned(order: str, fate: Fate, rng: Random) -> Generator[Step, Outcome, None]:
    """One unit comes back, as far as fate says."""
    line = {"line": 1, "quantity": 1}
    reason = rng.choice(("too_small", "not_as_expected", "damaged_on_arrival", "changed_mind"))
    asked = yield _step(rng, 20, 70, "returns.request", {"order": order, "lines": [line], "reason": reason}, "service")
    if fate.returned == "requested":
        return
    document = asked["document"]
    receipt = {"document": document, "location": "HAM", "lines": [line]}
    yield _step(rng, 60, 100, "returns.receive", receipt, "warehouse", dated=True)
    if fate.returned == "received":
        return
    disposition = "scrapped" if fate.returned == "scrapped" else "restock"
    disposal = {"document": document, "lines": [line | {"disposition": disposition}]}
    yield _step(rng, 2, 20, "returns.dispose", disposal, "warehouse")
    if fate.returned != "restocked":
        yield _step(rng, 1, 20, "returns.refund", {"document": document}, "service")
