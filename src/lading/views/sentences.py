"""The sentence of each kind of event: what a timeline says.

One pure function per kind, of the event's data and the names at hand. Each sentence stands without its subject
("Picked 2 × MUG-BLUE in HAM."), for the order or product is named above the timeline.
"""

from collections.abc import Callable, Iterable, Mapping

import msgspec

from lading.kernel import money
from lading.terms.money import Money
from lading.views import invoice_sentences, limit_sentences, sourcing_sentences
from lading.views.change_sentences import CHANGED, parted, unless_parted
from lading.views.draft_sentences import DRAFTED
from lading.views.fulfillment_sentences import FULFILLED
from lading.views.inbound_sentences import BOUGHT
from lading.views.names import Names
from lading.views.payment_sentences import PAID, as_credit
from lading.views.phrases import SHOWN_MAX, Data
from lading.views.phrases import day as _day
from lading.views.phrases import listed as _listed
from lading.views.phrases import locations as _locations
from lading.views.phrases import reason as _reason
from lading.views.phrases import units_of as _units
from lading.views.phrases import why as _why
from lading.views.phrases import word as _word
from lading.views.print_sentences import PRINTED
from lading.views.stock_sentences import SET
from lading.views.wave_sentences import WAVES

Sentence = Callable[[Data, Names], str]


def sentence(kind: str, data: Data, names: Names) -> str:
    """What happened, in one or two sentences; an unknown kind is said by its name."""
    rule = SENTENCES.get(kind)
    if rule is None:
        return f"{kind.replace('_', ' ').capitalize()}."
    return rule(data, names)


def _moves(data: Data, target: str | None = None) -> list[Data]:
    """The moves of the event (to one stage)."""
    return [move for move in data.get("moves") or () if target is None or move["to"] == target]


def _amount(minor: int, currency: str | None) -> str:
    if currency is None or money.exponent(currency) is None:
        return f"{minor} minor units"
    told = Money.of_minor(minor, currency)
    return f"{told.amount} {told.currency}"


def _order_placed(data: Data, names: Names) -> str:
    told = [f"From draft D{data['draft']['number']}."] if data.get("draft") else []
    told += [f"Split from {other}." for other in parted(data, "split_from")]
    told.append(
        f"Placed on channel {names.channel(data['channel_id'])}: {_ordered(data, names)}"
        f" for {_amount(data['charged_minor'], data['currency'])}."
    )
    told.append(_sourced(data.get("sourcing") or {}, names))
    dates = sorted(each["promised_at"] for each in data.get("promises") or () if each["promised_at"])
    if dates:
        told.append(f"What waits is promised by {_day(dates[-1])}.")
    if asked := data.get("asked"):
        promised = _listed([_amount(each["amount_minor"], data["currency"]) for each in asked])
        told.append(f"A provider is asked to authorise {promised}.")
    if data.get("holds"):
        told.append(f"Held: {_listed([_word(kind) for kind in data['holds']])}.")
    return " ".join(part for part in told if part)


def _ordered(data: Data, names: Names) -> str:
    sold = (line for line in data["lines"] if not line.get("part_of"))
    return _listed([f"{line['quantity']} × {names.sku(line['sku_id'])}" for line in sold])


def _sourced(sourcing: Data, names: Names) -> str:
    """takes are (line, location, lot, quantity)."""
    takes = sourcing.get("takes") or ()
    places = _locations((take[1] for take in takes), names) if takes else ""
    told = f"Allocated {sum(take[3] for take in takes)} in {places}." if takes else ""
    reason = sourcing.get("reason")
    if reason == "short":
        return f"{told} The rest waits for stock.".strip()
    if reason == "preorder":
        return f"{told} The rest is sold ahead.".strip()
    if reason == "ship_complete":
        return f"{told} It goes out whole: it takes nothing before all is there.".strip()
    if reason == "split_not_allowed":
        return f"{told} No single location has all of it, and it may not be split.".strip()
    return told


def _order_recorded(data: Data, names: Names) -> str:
    return (
        f"Recorded from the past: {_ordered(data, names)} for {_amount(data['charged_minor'], data['currency'])},"
        f" delivered from {names.location(data.get('location_id'))}."
    )


def _lines_cancelled(data: Data, names: Names) -> str:
    told = f"Cancelled {_units(data.get('lines') or (), names)}.{_reason(data)}"
    off_shelf = [move for move in _moves(data, "cancelled") if move["from"] in ("picked", "packed")]
    if data.get("parcels"):
        told += f" Taken apart: {_listed([f'P{number}' for number in data['parcels']])}."
    return f"{told} To put back: {_units(off_shelf, names)}." if off_shelf else told


def _order_sourced(data: Data, names: Names) -> str:
    """Nothing found and nothing new to wait for leaves no event."""
    found, waits = data.get("allocations") or (), data.get("backordered") or ()
    told = []
    if found:
        places = _locations((each["location_id"] for each in found), names)
        told.append(f"Allocated {_units(found, names)} in {places}.")
    if waits:
        told.append(f"{_units(waits, names)} wait for stock.")
    return f"Looked for stock again. {' '.join(told)}".strip()


def _order_released(data: Data, names: Names) -> str:
    made = data.get("fulfillment_orders") or ()
    places = _locations((each["location_id"] for each in made), names)
    return (
        f"Released {_units(_moves(data), names)} to {places} ({_listed(['F' + str(each['number']) for each in made])})."
    )


def _units_picked(data: Data, names: Names) -> str:
    place = names.location(data.get("location_id"))
    picked, short = _moves(data, "picked"), _moves(data, "open")
    told = [f"Picked {_units(picked, names)} in {place}."] if picked else []
    if short:
        told.append(f"{_units(short, names)} not found in {place}: written off, looked for elsewhere.")
    if data.get("shelf_empty") or data.get("shortages"):
        gone = _listed([f"{each['quantity']} × {names.sku(each['sku_id'])}" for each in data.get("shelf_empty") or ()])
        told.append(f"The shelf is empty: {gone} that seemed free written off as well.{_short(data)}")
    return " ".join(told) or f"Nothing picked in {place}."


def _parcel_packed(data: Data, names: Names) -> str:
    weight = f", {data['weight_grams']} g" if data.get("weight_grams") else ""
    carton = f" in carton {data['carton']}" if data.get("carton") else ""
    return f"Packed parcel P{data['parcel']}{carton}{weight}: {_units(_moves(data), names)}."


def _parcel_unpacked(data: Data, names: Names) -> str:
    return f"Parcel P{data['parcel']} unpacked again: {_units(_moves(data), names)}."


def _parcel_shipped(data: Data, names: Names) -> str:
    tracking = f", tracking number {data['tracking_number']}" if data.get("tracking_number") else ""
    carrier = data.get("carrier") or "its carrier"
    return f"Parcel P{data['parcel']} handed to {carrier}{tracking}: {_units(_moves(data), names)}."


_TRACKED = {
    "in_transit": "is on its way",
    "out_for_delivery": "is out for delivery",
    "failed_attempt": "could not be delivered; the carrier tries again",
    "delivered": "was delivered",
    "lost": "is lost",
    "returned_to_sender": "comes back to its sender",
}


def _parcel_tracked(data: Data, names: Names) -> str:
    said = _TRACKED.get(data["status"], _word(data["status"]))
    late = "" if data.get("changed", True) else " (the carrier's word came late and changes nothing)"
    awaited = sorted({each["return"] for each in data.get("announced") or ()})
    as_return = f"; return {_listed([f'R{number}' for number in awaited])} awaits it" if awaited else ""
    return f"Parcel P{data['parcel']} {said}{late}{as_return}."


def _return_name(data: Data) -> str:
    return f"R{data.get('return', '?')}"


def _return_requested(data: Data, names: Names) -> str:
    return f"Return {_return_name(data)} requested: {_units(data.get('lines') or (), names)}.{_reason(data)}"


def _return_received(data: Data, names: Names) -> str:
    back = " back from the carrier" if data.get("reason") == "returned_to_sender" else ""
    return (
        f"Return {_return_name(data)}: {_units(data.get('lines') or (), names)} received{back}"
        f" in {names.location(data.get('location_id'))}; somebody has to look at them."
    )


_DISPOSED = {"restock": "back on the shelf", "damaged": "kept as damaged", "scrapped": "scrapped"}


def _return_disposed(data: Data, names: Names) -> str:
    by: dict[str, list[Data]] = {}
    for line in data.get("lines") or ():
        by.setdefault(line.get("disposition", ""), []).append(line)
    told = [
        f"{_units(lines, names)} {_DISPOSED.get(disposition, _word(disposition))}" for disposition, lines in by.items()
    ]
    return f"Return {_return_name(data)}: {_listed(told)}."


def _refunded(data: Data) -> int:
    return sum(refund["amount_minor"] for refund in data.get("refunds") or ())


def _return_refunded(data: Data, names: Names) -> str:
    return (
        f"Return {_return_name(data)}: {_amount(_refunded(data), data.get('currency') or names.currency)} refunded"
        f"{as_credit(data, names)} for {_units(data.get('lines') or (), names)}."
    )


def _return_cancelled(data: Data, names: Names) -> str:
    return f"Return {_return_name(data)}: {_units(data.get('lines') or (), names)} will not come back after all."


def _return_recorded(data: Data, names: Names) -> str:
    what = _units(data.get("lines") or (), names) if data.get("lines") else "charges only"
    amount = _amount(_refunded(data), data.get("currency") or names.currency)
    return f"Return {_return_name(data)} recorded from the past: {what}, {amount} refunded.{_reason(data)}"


def _stock_received(data: Data, names: Names) -> str:
    return f"Received {data['quantity']} × {data['sku']} in {names.location(data['location_id'])} ({_why(data)})."


def _availability_crossed(data: Data, names: Names) -> str:
    told = [f"fewer than {level}" for level in data["fell_below"]] + [f"{level} again" for level in data["reached"]]
    return f"{data['available']} can be promised: {_listed(told)}."


_ADJUSTED = {
    "found": "found",
    "lost": "lost",
    "scrapped": "scrapped",
    "damaged": "set aside as damaged",
    "repaired": "repaired",
}


def _stock_adjusted(data: Data, names: Names) -> str:
    done = _ADJUSTED.get(data["kind"], _word(data["kind"]))
    place = names.location(data["location_id"])
    return f"{data['quantity']} × {data['sku']} {done} in {place} ({_why(data)}).{_short(data)}"


_INSTEAD = {"elsewhere": "looked for elsewhere", "wait": "waiting for stock", "cancel": "cancelled"}


def _instead(line: Data, names: Names) -> str:
    """What happens to units that are missing."""
    if line["instead"] == "substitute":
        return f"{names.sku(line['sku_id'])} is sent in their place, at the same price"
    return _INSTEAD[line["instead"]]


def _shortage_settled(data: Data, names: Names) -> str:
    told = [
        f"{_units([line], names)} held in {names.location(line['location_id'])} and not there: {_instead(line, names)}."
        for line in data["lines"]
    ]
    return " ".join(told)


def _shortage_covered(data: Data, names: Names) -> str:
    place = names.location(data["location_id"])
    return f"{data['quantity']} × {data['sku']} that were free in {place} make up for what was short there."


def _places(lines: Iterable[Data], names: Names) -> str:
    """2 × MUG-BLUE in HAM: the units of each product at each location; without one they may lie anywhere."""
    counted: dict[tuple[str, str], int] = {}
    for line in lines:
        key = (
            names.sku(line["sku_id"]),
            f"in {names.location(line['location_id'])}" if line["location_id"] else "somewhere",
        )
        counted[key] = counted.get(key, 0) + line["quantity"]
    return _listed([f"{quantity} × {code} {place}" for (code, place), quantity in counted.items()])


def _stock_reserved(data: Data, names: Names) -> str:
    whose = f" for {data['reference']}" if data.get("reference") else ""
    return f"Kept {_places(data['lines'], names)}{whose} until {_time(data['expires_at'])}."


def _time(moment: str) -> str:
    """2026-11-23 09:15 UTC"""
    return f"{moment[:10]} {moment[11:16]} UTC"


def _reservation_extended(data: Data, names: Names) -> str:
    return f"Kept until {_time(data['expires_at'])} now."


def _reservation_ended(how: str) -> Sentence:
    def told(data: Data, names: Names) -> str:
        return f"{how}: {_places(data['lines'], names)} can be promised to others."

    return told


def _lot_swapped(data: Data, names: Names) -> str:
    units = sum(move["quantity"] for move in data["moves"] if move["to"] == "open")
    return f"{units} × {names.line(data['line'])} of lot {data['lot']} swapped for lot {data['to_lot']}.{_reason(data)}"


def _stock_corrected(data: Data, names: Names) -> str:
    return (
        f"{data['quantity']} × {data['sku']} of event {data['position']} taken back in"
        f" {names.location(data['location_id'])} ({_why(data)})."
    )


def _lot(what: str) -> Sentence:
    def told(data: Data, names: Names) -> str:
        return f"Lot {data['lot']} of {data['sku']} {what} ({_why(data)})."

    return told


def _stock_moved(data: Data, names: Names) -> str:
    ends = f"from {_word(data['from'])} to {_word(data['to'])}"
    return f"{data['quantity']} × {data['sku']} moved {ends} in {names.location(data['location_id'])} ({_why(data)})."


def _saved(what: str, code: str) -> Sentence:
    def told(data: Data, names: Names) -> str:
        renamed = f", renamed from {data['renamed_from']}" if data.get("renamed_from") else ""
        if data.get("version") == 1:
            return f"{what} {data[code]} created."
        return f"{what} {data[code]} changed{renamed} (version {data['version']})."

    return told


def _work_order_opened(data: Data, names: Names) -> str:
    made = "shall be made" if data["kind"] == "assemble" else "shall be taken apart"
    inputs = [line for line in data["lines"] if line["role"] == "input"]
    counted: dict[str, int] = {}
    for line in inputs:
        counted[line["sku"]] = counted.get(line["sku"], 0) + line["quantity"]
    aside = _listed([f"{quantity} × {code}" for code, quantity in counted.items()])
    place = names.location(data["location_id"])
    return f"Work order {data['work_order']}: {data['quantity']} × {data['sku']} {made} in {place}; {aside} set aside."


def _work_order_completed(data: Data, names: Names) -> str:
    made = "made" if data["kind"] == "assemble" else "taken apart"
    rest = f"; {data['left']} left" if data["left"] else ""
    place = names.location(data["location_id"])
    return f"Work order {data['work_order']}: {data['quantity']} × {data['sku']} {made} in {place}{rest}."


def _work_order_cancelled(data: Data, names: Names) -> str:
    made = "made" if data["kind"] == "assemble" else "taken apart"
    return f"Work order {data['work_order']}: {data['quantity']} × {data['sku']} not {made}.{_reason(data)}"


def _kit_saved(data: Data, names: Names) -> str:
    if data["kit"] == "none":
        return f"{data['sku']} is no kit any more."
    made = _listed([f"{each['per_kit']} × {names.sku(each['sku_id'])}" for each in data["components"]])
    how = "made ahead and sold from stock" if data["kit"] == "stocked" else "put together for each order"
    return f"Kit {data['sku']}: {made}, {how}."


def _substitutes_saved(data: Data, names: Names) -> str:
    if not data["substitutes"]:
        return f"Nothing may be sent in place of {data['sku']} any more."
    return f"In place of {data['sku']} may be sent: {_listed([each['sku'] for each in data['substitutes']])}."


def _policy_set(data: Data, names: Names) -> str:
    value = data.get("value")
    scope = _policy_scope(data, names)
    name = data.get("name", "?")
    shown = msgspec.json.encode(value).decode()
    return f"Policy {name} withdrawn{scope}." if value is None else f"Policy {name} set to {shown}{scope}."


def _policy_scope(data: Data, names: Names) -> str:
    kind, id_ = data.get("scope_kind"), data.get("scope_id")
    shown = {"channel": names.channel, "location": names.location, "sku": names.sku}.get(kind or "")
    return f" for {kind} {shown(id_)}" if shown else ""


def _unmatched_return_kept(data: Data, names: Names) -> str:
    return f"{data['quantity']} × {data['sku']} kept: no order explains it.{_reason(data)}"


def _moved(data: Data, target: str, *, damaged: bool | None = None) -> str:
    """The steps of a transfer's units to one counter: 2 × MUG-BLUE and 1 × TEE-M; empty where there are none."""
    counted: dict[str, int] = {}
    for step in data.get("steps") or ():
        if step["to"] == target and damaged in (None, step["damaged"]):
            counted[step["sku"]] = counted.get(step["sku"], 0) + step["quantity"]
    return _listed([f"{quantity} × {code}" for code, quantity in counted.items()]) if counted else ""


def _way(data: Data, names: Names) -> str:
    return f"from {names.location(data['from_location_id'])} to {names.location(data['to_location_id'])}"


def _transfer_created(data: Data, names: Names) -> str:
    units = _listed([f"{line['quantity']} × {line['sku']}" for line in data["lines"]])
    return f"Transfer {data['transfer']} drafted {_way(data, names)}: {units}."


def _transfer_readied(data: Data, names: Names) -> str:
    place = names.location(data["from_location_id"])
    return f"{_moved(data, 'ready')} set aside in {place} for transfer {data['transfer']}."


def _transfer_shipped(data: Data, names: Names) -> str:
    left = _moved(data, "cancelled")
    behind = f" {left} stayed behind." if left else ""
    return f"Transfer {data['transfer']} left {_way(data, names)}: {_moved(data, 'in_transit') or 'nothing'}.{behind}"


def _transfer_received(data: Data, names: Names) -> str:
    place = names.location(data["to_location_id"])
    broken = _moved(data, "received", damaged=True)
    damaged = f"; {broken} damaged" if broken else ""
    rest = "" if data.get("closed") else " The rest is still on its way."
    whole = _moved(data, "received", damaged=False) or "nothing sound"
    return f"Transfer {data['transfer']}: {whole} received in {place}{damaged}.{rest}"


def _settled(data: Data, names: Names) -> str:
    """What became of units that do not arrive."""
    told = [("came_home", f"came home to {names.location(data['from_location_id'])}"), ("lost", "written off as lost")]
    return "".join(f" {units} {said}." for counter, said in told if (units := _moved(data, counter)))


def _transfer_cancelled(data: Data, names: Names) -> str:
    return f"Transfer {data['transfer']} cancelled.{_settled(data, names)}{_reason(data)}"


def _transfer_closed(data: Data, names: Names) -> str:
    return f"Transfer {data['transfer']} closed: nothing more will arrive.{_settled(data, names)}{_reason(data)}"


def _promise_moved(data: Data, names: Names) -> str:
    told = [
        f"{each['quantity']} × {names.line(each['line'])} from {_day(each['before'])} to {_day(each['promised_at'])}"
        for each in data["promises"]
    ]
    return f"Promise moved: {_listed(told)}."


def _count_opened(data: Data, names: Names) -> str:
    products = len(data["lines"])
    blind = ", blind" if data.get("blind") else ""
    what = (
        _listed([line["sku"] for line in data["lines"]]) if products <= SHOWN_MAX else f"{products} products and lots"
    )
    return f"Count {data['count']} opened in {names.location(data['location_id'])}{blind}: {what}."


def _count_recorded(data: Data, names: Names) -> str:
    units = _listed([f"{line['counted']} × {line['sku']}" for line in data["lines"]])
    return f"Count {data['count']} in {names.location(data['location_id'])}: {units} counted."


def _recount_asked(data: Data, names: Names) -> str:
    return f"Count {data['count']}: {_listed([line['sku'] for line in data['lines']])} to be counted once more."


def _count_approved(data: Data, names: Names) -> str:
    differing = [f"{line['variance']:+} × {line['sku']}" for line in data["lines"] if line["variance"]]
    found = f"{_listed(differing)} in {names.location(data['location_id'])}" if differing else "the book was right"
    return f"Count {data['count']} approved: {found}.{_short(data)}{_reason(data)}"


def _short(data: Data) -> str:
    """Units that orders and reservations hold in vain."""
    units = sum(shortage["quantity"] for shortage in data.get("shortages") or ())
    return f" {units} units that orders or reservations hold are short." if units else ""


def _count_cancelled(data: Data, names: Names) -> str:
    return f"Count {data['count']} cancelled.{_reason(data)}"


SENTENCES: Mapping[str, Sentence] = {
    "order_placed": _order_placed,
    "order_recorded": _order_recorded,
    "lines_cancelled": unless_parted(_lines_cancelled),
    "order_sourced": _order_sourced,
    "order_released": _order_released,
    "units_picked": _units_picked,
    "parcel_packed": _parcel_packed,
    "parcel_unpacked": _parcel_unpacked,
    "parcel_shipped": _parcel_shipped,
    "parcel_tracked": _parcel_tracked,
    "return_requested": _return_requested,
    "return_received": _return_received,
    "return_disposed": _return_disposed,
    "return_refunded": _return_refunded,
    "return_cancelled": _return_cancelled,
    "return_recorded": _return_recorded,
    **PAID,
    "stock_received": _stock_received,
    "availability_crossed": _availability_crossed,
    "stock_adjusted": _stock_adjusted,
    "shortage_settled": _shortage_settled,
    "shortage_covered": _shortage_covered,
    "stock_reserved": _stock_reserved,
    "reservation_extended": _reservation_extended,
    "claims_shortened": limit_sentences.claims_shortened,
    "reservation_pinned": lambda data, names: f"Pinned: {_places(data['lines'], names)}.",
    "reservation_released": _reservation_ended("Reservation released"),
    "reservation_expired": _reservation_ended("Reservation expired"),
    "stock_moved": _stock_moved,
    "lot_swapped": _lot_swapped,
    "stock_corrected": _stock_corrected,
    "lot_held": _lot("held"),
    "lot_recalled": _lot("recalled"),
    "lot_released": _lot("released"),
    "product_saved": _saved("Product", "sku"),
    "kit_saved": _kit_saved,
    "substitutes_saved": _substitutes_saved,
    "work_order_opened": _work_order_opened,
    "work_order_completed": _work_order_completed,
    "work_order_cancelled": _work_order_cancelled,
    "location_saved": _saved("Location", "code"),
    "location_group_saved": _saved("Location group", "code"),
    "channel_saved": _saved("Channel", "code"),
    "attribute_defined": _saved("Attribute", "code"),
    "carton_saved": _saved("Carton", "code"),
    **PRINTED,
    "parcel_rate_saved": _saved("Parcel rate", "code"),
    "company_saved": _saved("Company", "code"),
    "price_list_saved": _saved("Price list", "code"),
    "policy_set": _policy_set,
    "sourcing_rules_saved": sourcing_sentences.sourcing_rules_saved,
    "postal_codes_saved": sourcing_sentences.postal_codes_saved,
    "sourcing_preview_made": sourcing_sentences.sourcing_preview_made,
    "order_resourced": sourcing_sentences.order_resourced,
    "pool_set": limit_sentences.pool_set,
    "pool_removed": limit_sentences.pool_removed,
    "unmatched_return_kept": _unmatched_return_kept,
    **BOUGHT,
    **CHANGED,
    **DRAFTED,
    **FULFILLED,
    **SET,
    **WAVES,
    "invoices_issued": invoice_sentences.invoices_issued,
    "tax_record_answered": invoice_sentences.tax_record_answered,
    "tax_record_repeated": invoice_sentences.tax_record_repeated,
    "legal_entity_saved": invoice_sentences.legal_entity_saved,
    "tax_rate_saved": invoice_sentences.tax_rate_saved,
    "exchange_rate_saved": invoice_sentences.exchange_rate_saved,
    "promise_moved": _promise_moved,
    "transfer_created": _transfer_created,
    "transfer_readied": _transfer_readied,
    "transfer_shipped": _transfer_shipped,
    "transfer_received": _transfer_received,
    "transfer_cancelled": _transfer_cancelled,
    "transfer_closed": _transfer_closed,
    "count_opened": _count_opened,
    "count_recorded": _count_recorded,
    "recount_asked": _recount_asked,
    "count_approved": _count_approved,
    "count_cancelled": _count_cancelled,
}
"""By kind of event."""
