"""What can be done with an order now, and in one sentence why the rest cannot.

Pure, and of the same facts that the verbs decide on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from msgspec import Struct


class Possible(Struct, frozen=True):
    """A verb that concerns the order."""

    verb: str
    """As registered, such as orders.hold."""
    possible: bool
    why_not: str | None = None
    """A sentence where it is not possible."""
    documents: list[str] = []
    """The documents that it can be done with, such as 1042-F1; none where it is done with the order itself."""


class _Work(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def units(self) -> Mapping[str, int]: ...


class _FulfillmentOrder(_Work, Protocol):
    @property
    def to_put_back(self) -> int: ...


class _Parcel(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def location(self) -> str: ...
    @property
    def pickup(self) -> str | None: ...


class _ReturnLine(Protocol):
    @property
    def units(self) -> Mapping[str, int]: ...


class _Return(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def lines(self) -> Sequence[_ReturnLine]: ...


class Stop(NamedTuple):
    """A hold that stands."""

    kind: str
    stops: Sequence[str]
    parts: Sequence[str]
    """What it is on; nothing where it is on the whole order."""


@dataclass(slots=True, frozen=True)
class Facts:
    """All that it depends on."""

    number: str
    """Of the order."""
    units: Mapping[str, int]
    """Sums of the lines by stage, `ordered` among them."""
    lifecycle: str
    holds: Sequence[Stop]
    """The active ones."""
    due_minor: int
    """Still to be paid; below zero: owed back."""
    refundable_minor: int
    """What the tenders hold."""
    fulfillment_orders: Sequence[_FulfillmentOrder]
    parcels: Sequence[_Parcel]
    returns: Sequence[_Return]
    promised_minor: int = 0
    """Authorised by providers, and neither captured nor about to be."""
    to_come_minor: int = 0
    """Said to come: cash on delivery, a bank transfer."""
    waiting_whole: int = 0
    """Allocated units that wait for others, for they go out together."""
    edits: Sequence[str] = ()
    """Those that were prepared and wait."""
    refunded: int = 0
    """Units of its lines whose money went back, or was given up."""


READY = "ready_for_pickup"
NOT_TRACKED = ("packed", READY, "arrived", "delivered", "returned_to_sender", "cancelled")
"""Statuses of a parcel of which its carrier has nothing (more) to say. What is lost may turn up."""
RETURNED_TO_SENDER = "returned_to_sender"
"""The reason of a return that nobody asked for."""


def possible(facts: Facts) -> list[Possible]:
    """Every verb that concerns one order, what comes next first."""
    collected = any(parcel.pickup for parcel in facts.parcels)
    return [rule(facts) for rule in ((*_COLLECTION, *_RULES) if collected else _RULES)]


def _yes(verb: str, documents: Sequence[str] = ()) -> Possible:
    return Possible(verb, True, None, list(documents))


def _no(verb: str, why_not: str) -> Possible:
    return Possible(verb, False, why_not)


def _on_documents(verb: str, documents: Sequence[str], why_not: str) -> Possible:
    return _yes(verb, documents) if documents else _no(verb, why_not)


def _before_release(facts: Facts) -> int:
    return sum(facts.units[stage] for stage in ("open", "backordered", "allocated"))


def _in_house(facts: Facts) -> int:
    return _before_release(facts) + sum(facts.units[stage] for stage in ("released", "picked", "packed"))


def _release_holds(facts: Facts) -> Possible:
    return _yes("holds.release") if facts.holds else _no("holds.release", "No hold is active.")


def _source(facts: Facts) -> Possible:
    if facts.units["open"] + facts.units["backordered"] == 0:
        return _no("orders.source", "Nothing is open or backordered.")
    return _unless_held(facts, _yes("orders.source"), "source")


def _release(facts: Facts) -> Possible:
    verb = "orders.release"
    if facts.units["allocated"] == 0:
        return _no(verb, "Nothing is allocated that has not been released.")
    if facts.units["allocated"] <= facts.waiting_whole:
        return _no(verb, "It goes out whole, and units of it still wait for stock.")
    return _unless_held(facts, _yes(verb), "release")


def _unless_held(facts: Facts, step: Possible, transaction: str) -> Possible:
    """Nothing goes on while somebody has to decide; what is not possible anyway keeps its own reason.

    Holds on a part of the order leave the rest of it possible: a fulfillment order of which one is held is left out.
    """
    stopping = [hold for hold in facts.holds if transaction in hold.stops]
    kinds = sorted({hold.kind for hold in stopping if not hold.parts})
    if step.possible and kinds:
        return _no(step.verb, f"On hold ({', '.join(kinds)}): lift the hold first.")
    held = {part for hold in stopping for part in hold.parts}
    free = [name for name in step.documents if name not in held]
    if step.possible and step.documents and not free:
        return _no(step.verb, f"On hold ({', '.join(sorted({hold.kind for hold in stopping}))}): lift the hold first.")
    return Possible(step.verb, step.possible, step.why_not, free)


def _with_units(facts: Facts, stage: str) -> list[str]:
    return [work.name for work in facts.fulfillment_orders if work.units.get(stage)]


def _pick(facts: Facts) -> Possible:
    waiting = _with_units(facts, "released")
    return _unless_held(
        facts, _on_documents("fulfillment-orders.pick", waiting, "Nothing waits to be picked."), "release"
    )


def _pack(facts: Facts) -> Possible:
    waiting = _with_units(facts, "picked")
    return _unless_held(facts, _on_documents("parcels.pack", waiting, "Nothing picked waits to be packed."), "release")


def _ship(facts: Facts) -> Possible:
    packed = [parcel.name for parcel in facts.parcels if parcel.status == "packed" and parcel.pickup != parcel.location]
    return _unless_held(facts, _on_documents("parcels.ship", packed, "No packed parcel waits for its carrier."), "ship")


def _unpack(facts: Facts) -> Possible:
    packed = [parcel.name for parcel in facts.parcels if parcel.status in ("packed", READY)]
    return _on_documents("parcels.unpack", packed, "No packed parcel waits for its carrier.")


def _track(facts: Facts) -> Possible:
    away = [parcel.name for parcel in facts.parcels if parcel.status not in NOT_TRACKED]
    return _on_documents("parcels.track", away, "No parcel is on its way.")


def _hold(facts: Facts) -> Possible:
    if _in_house(facts) == 0:
        return _no("orders.hold", "Nothing is left to stop.")
    return _yes("orders.hold")


def _cancel(facts: Facts) -> Possible:
    return _yes("lines.cancel") if _in_house(facts) else _no("lines.cancel", "Nothing is left in the house.")


def _write_off(facts: Facts) -> Possible:
    given_up = facts.refunded - sum(line.units.get("refunded", 0) for each in facts.returns for line in each.lines)
    lost = facts.units["lost"] > given_up
    return _yes("lines.write-off") if lost else _no("lines.write-off", "No carrier lost anything of it.")


def _edit(facts: Facts) -> Possible:
    if _in_house(facts) == 0:
        return _no("orders.edit", "Nothing is left in the house.")
    return _unless_held(facts, _yes("orders.edit"), "edit")


def _begin_edit(facts: Facts) -> Possible:
    edit = _edit(facts)
    return Possible("edits.begin", edit.possible, edit.why_not)


def _confirm_edit(facts: Facts) -> Possible:
    verb = "edits.confirm"
    return _unless_held(facts, _on_documents(verb, facts.edits, "No edit was prepared."), "edit")


def _drop_edit(facts: Facts) -> Possible:
    return _on_documents("edits.drop", facts.edits, "No edit was prepared.")


def _split(facts: Facts) -> Possible:
    verb = "orders.split"
    if _before_release(facts) == 0:
        return _no(verb, "All of it is released, sent or cancelled.")
    if facts.units["ordered"] - facts.units["cancelled"] < 2:
        return _no(verb, "There is only one unit.")
    return _unless_held(facts, _yes(verb), "edit")


def _merge(facts: Facts) -> Possible:
    if _in_house(facts) == 0:
        return _no("orders.merge", "Nothing is left in the house.")
    return _unless_held(facts, _yes("orders.merge"), "edit")


def _add_note(_: Facts) -> Possible:
    return _yes("notes.add")


def _tag(_: Facts) -> Possible:
    return _yes("orders.tag")


def _put_back(facts: Facts) -> Possible:
    documents = [work.name for work in facts.fulfillment_orders if work.to_put_back]
    return _on_documents("fulfillment-orders.put-back", documents, "Nothing was cancelled after its pick.")


def _request_return(facts: Facts) -> Possible:
    units = facts.units
    if units["delivered"] + units["in_transit"] - units["return_requested"] - units["returned"] <= 0:
        return _no("returns.request", "Nothing has been shipped that is not coming back already.")
    return _yes("returns.request")


def _returns(facts: Facts, *, gained: Sequence[str], spent: Sequence[str]) -> list[str]:
    return [
        each.name
        for each in facts.returns
        if any(
            sum(line.units.get(name, 0) for name in gained) > sum(line.units.get(name, 0) for name in spent)
            for line in each.lines
        )
    ]


def _awaited(facts: Facts) -> list[str]:
    return _returns(facts, gained=("requested",), spent=("withdrawn", "received"))


def _sent_back(facts: Facts) -> list[str]:
    """The order itself, where a carrier brought units back that nobody has received or awaits."""
    received = sum(
        line.units.get("received", 0)
        for each in facts.returns
        if each.reason == RETURNED_TO_SENDER
        for line in each.lines
    )
    return [facts.number] if facts.units["sent_back"] > received + facts.units["returning"] else []


def _receive_return(facts: Facts) -> Possible:
    return _on_documents("returns.receive", [*_awaited(facts), *_sent_back(facts)], "No return is awaited.")


def _cancel_return(facts: Facts) -> Possible:
    return _on_documents("returns.cancel", _awaited(facts), "No return is awaited.")


def _dispose(facts: Facts) -> Possible:
    held = _returns(facts, gained=("received",), spent=("restocked", "damaged", "scrapped"))
    return _on_documents("returns.dispose", held, "Nothing received waits to be looked at.")


def _refund(facts: Facts) -> Possible:
    owed = _returns(facts, gained=("received",), spent=("refunded",))
    if owed and facts.refundable_minor == 0:
        return _no("returns.refund", "No tender holds money that could be given back.")
    return _on_documents("returns.refund", owed, "No received units wait for their money.")


def _record_payment(facts: Facts) -> Possible:
    return _yes("payments.record") if facts.due_minor > 0 else _no("payments.record", "Nothing is due.")


def _refund_payment(facts: Facts) -> Possible:
    verb = "payments.refund"
    if facts.due_minor >= 0:
        return _no(verb, "Nothing is owed to the customer.")
    if facts.refundable_minor == 0:
        return _no(verb, "No tender holds money that could be given back.")
    return _yes(verb)


def _capture_payment(facts: Facts) -> Possible:
    verb = "payments.capture"
    if facts.promised_minor <= 0:
        return _no(verb, "Nothing is authorised that has not been captured.")
    return _yes(verb) if facts.due_minor > 0 else _no(verb, "Nothing is due.")


def _void_payment(facts: Facts) -> Possible:
    if facts.promised_minor <= 0 and facts.to_come_minor <= 0:
        return _no("payments.void", "Nothing is authorised that has not been captured.")
    return _yes("payments.void")


def _ready(facts: Facts) -> Possible:
    here = [each.name for each in facts.parcels if each.status == "packed" and each.pickup == each.location]
    return _unless_held(
        facts, _on_documents("pickups.ready", here, "No packed parcel lies where it is collected."), "ship"
    )


def _hand_over(facts: Facts) -> Possible:
    ready = [each.name for each in facts.parcels if each.status == READY]
    return _unless_held(
        facts, _on_documents("pickups.hand-over", ready, "No parcel is ready for its customer."), "ship"
    )


def _come_to_counter(facts: Facts) -> Possible:
    away = ("shipped", "in_transit", "out_for_delivery", "failed_attempt")
    coming = [each.name for each in facts.parcels if each.status in away and each.pickup]
    return _on_documents("pickups.receive", coming, "No parcel is on its way to where it is collected.")


def _expire(facts: Facts) -> Possible:
    ready = [each.name for each in facts.parcels if each.status == READY]
    return _on_documents("pickups.expire", ready, "No parcel is ready for its customer.")


_COLLECTION = (_ready, _hand_over, _come_to_counter, _expire)
"""Of orders that their customers collect, or a part of them."""

_RULES = (
    _release_holds,
    _source,
    _release,
    _pick,
    _pack,
    _ship,
    _track,
    _receive_return,
    _dispose,
    _refund,
    _write_off,
    _capture_payment,
    _record_payment,
    _refund_payment,
    _void_payment,
    _hold,
    _unpack,
    _cancel,
    _put_back,
    _edit,
    _begin_edit,
    _confirm_edit,
    _drop_edit,
    _split,
    _merge,
    _request_return,
    _cancel_return,
    _add_note,
    _tag,
)
