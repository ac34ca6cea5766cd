"""The sentence of each kind of event: what a timeline says.

One pure function per kind, of the event's data and the names at hand. Each sentence stands without its subject
("Picked 2 × MUG-BLUE in HAM."), for the order or product is named above the timeline.
"""

from collections.abc import Callable, Mapping

import msgspec

from lading.kernel import money
from lading.terms.money import Money
from lading.views import invoice_sentences, limit_sentences, sourcing_sentences
from lading.views.change_sentences import CHANGED, parted, unless_parted
from lading.views.count_sentences import COUNTED
from lading.views.draft_sentences import DRAFTED
from lading.views.fulfillment_sentences import FULFILLED
from lading.views.inbound_sentences import BOUGHT
from lading.views.kept_sentences import KEPT
from lading.views.names import Names
from lading.views.payment_sentences import PAID, as_credit
from lading.views.phrases import Data, noted, said, say
from lading.views.phrases import day as _day
from lading.views.phrases import listed as _listed
from lading.views.phrases import locations as _locations
from lading.views.phrases import reason as _reason
from lading.views.phrases import short as _short
from lading.views.phrases import turned_up as _turned_up
from lading.views.phrases import units_of as _units
from lading.views.phrases import word as _word
from lading.views.print_sentences import PRINTED
from lading.views.stock_sentences import SET
from lading.views.transfer_sentences import TRANSFERRED
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
        return say("%(minor)s minor units", minor=minor)
    told = Money.of_minor(minor, currency)
    return f"{told.amount} {told.currency}"


def _order_placed(data: Data, names: Names) -> str:
    told = [say("From draft D%(number)s.", number=data["draft"]["number"])] if data.get("draft") else []
    told += [say("Split from %(other)s.", other=other) for other in parted(data, "split_from")]
    told.append(
        say(
            "Placed on channel %(channel)s: %(ordered)s for %(amount)s.",
            channel=names.channel(data["channel_id"]),
            ordered=_ordered(data, names),
            amount=_amount(data["charged_minor"], data["currency"]),
        )
    )
    told.append(_sourced(data.get("sourcing") or {}, names))
    dates = sorted(each["promised_at"] for each in data.get("promises") or () if each["promised_at"])
    if dates:
        told.append(say("What waits is promised by %(day)s.", day=_day(dates[-1])))
    if asked := data.get("asked"):
        promised = _listed([_amount(each["amount_minor"], data["currency"]) for each in asked])
        told.append(say("A provider is asked to authorise %(promised)s.", promised=promised))
    if data.get("holds"):
        told.append(say("Held: %(list)s.", list=_listed([_word(kind) for kind in data["holds"]])))
    return " ".join(part for part in told if part)


def _ordered(data: Data, names: Names) -> str:
    sold = (line for line in data["lines"] if not line.get("part_of"))
    return _listed([f"{line['quantity']} × {names.sku(line['sku_id'])}" for line in sold])


def _sourced(sourcing: Data, names: Names) -> str:
    """takes are (line, location, lot, quantity)."""
    takes = sourcing.get("takes") or ()
    places = _locations((take[1] for take in takes), names) if takes else ""
    told = say("Allocated %(sum)s in %(places)s.", sum=sum(take[3] for take in takes), places=places) if takes else ""
    reason = sourcing.get("reason")
    if reason == "short":
        return say("%(told)s The rest waits for stock.", told=told).strip()
    if reason == "preorder":
        return say("%(told)s The rest is sold ahead.", told=told).strip()
    if reason == "ship_complete":
        return say("%(told)s It goes out whole: it takes nothing before all is there.", told=told).strip()
    if reason == "split_not_allowed":
        return say("%(told)s No single location has all of it, and it may not be split.", told=told).strip()
    return told


def _order_recorded(data: Data, names: Names) -> str:
    return say(
        "Recorded from the past: %(ordered)s for %(amount)s, delivered from %(place)s.",
        ordered=_ordered(data, names),
        amount=_amount(data["charged_minor"], data["currency"]),
        place=names.location(data.get("location_id")),
    )


def _lines_cancelled(data: Data, names: Names) -> str:
    told = say("Cancelled %(units)s.%(reason)s", units=_units(data.get("lines") or (), names), reason=_reason(data))
    off_shelf = [move for move in _moves(data, "cancelled") if move["from"] in ("picked", "packed")]
    if data.get("parcels"):
        told += say(" Taken apart: %(list)s.", list=_listed([f"P{number}" for number in data["parcels"]]))
    return say("%(told)s To put back: %(units)s.", told=told, units=_units(off_shelf, names)) if off_shelf else told


def _lines_written_off(data: Data, names: Names) -> str:
    units = _units(data.get("lines") or (), names)
    amount = _amount(-data["adjusted_minor"], data.get("currency") or names.currency)
    return say("Written off what its carrier lost: %(units)s; %(amount)s are owed back.", units=units, amount=amount)


def _order_sourced(data: Data, names: Names) -> str:
    """Nothing found and nothing new to wait for leaves no event."""
    found, waits = data.get("allocations") or (), data.get("backordered") or ()
    told = []
    if found:
        places = _locations((each["location_id"] for each in found), names)
        told.append(say("Allocated %(units)s in %(places)s.", units=_units(found, names), places=places))
    if waits:
        told.append(say("%(units)s wait for stock.", units=_units(waits, names)))
    return say("Looked for stock again. %(join)s", join=" ".join(told)).strip()


def _order_released(data: Data, names: Names) -> str:
    made = data.get("fulfillment_orders") or ()
    places = _locations((each["location_id"] for each in made), names)
    return say(
        "Released %(units)s to %(places)s (%(list)s).",
        units=_units(_moves(data), names),
        places=places,
        list=_listed(["F" + str(each["number"]) for each in made]),
    )


def _units_picked(data: Data, names: Names) -> str:
    place = names.location(data.get("location_id"))
    picked, short = _moves(data, "picked"), _moves(data, "open")
    taken = say("Picked %(units)s in %(place)s.", units=_units(picked, names), place=place) if picked else ""
    told = [taken + _turned_up(data)] if picked else []
    if short:
        told.append(
            say(
                "%(units)s not found in %(place)s: written off, looked for elsewhere.",
                units=_units(short, names),
                place=place,
            )
        )
    if data.get("shelf_empty") or data.get("shortages"):
        gone = _listed([f"{each['quantity']} × {names.sku(each['sku_id'])}" for each in data.get("shelf_empty") or ()])
        told.append(
            say(
                "The shelf is empty: %(gone)s that seemed free written off as well.%(short)s",
                gone=gone,
                short=_short(data),
            )
        )
    return " ".join(told) or say("Nothing picked in %(place)s.", place=place)


def _parcel_packed(data: Data, names: Names) -> str:
    weight = f", {data['weight_grams']} g" if data.get("weight_grams") else ""
    carton = say(" in carton %(carton)s", carton=data["carton"]) if data.get("carton") else ""
    return say(
        "Packed parcel P%(parcel)s%(carton)s%(weight)s: %(units)s.",
        parcel=data["parcel"],
        carton=carton,
        weight=weight,
        units=_units(_moves(data), names),
    )


def _parcel_unpacked(data: Data, names: Names) -> str:
    return say(
        "Parcel P%(parcel)s unpacked again: %(units)s.", parcel=data["parcel"], units=_units(_moves(data), names)
    )


def _parcel_shipped(data: Data, names: Names) -> str:
    tracking = (
        say(", tracking number %(tracking_number)s", tracking_number=data["tracking_number"])
        if data.get("tracking_number")
        else ""
    )
    carrier = data.get("carrier") or say("its carrier")
    return say(
        "Parcel P%(parcel)s handed to %(carrier)s%(tracking)s: %(units)s.",
        parcel=data["parcel"],
        carrier=carrier,
        tracking=tracking,
        units=_units(_moves(data), names),
    )


_TRACKED = {
    "in_transit": noted("is on its way"),
    "out_for_delivery": noted("is out for delivery"),
    "failed_attempt": noted("could not be delivered; the carrier tries again"),
    "delivered": noted("was delivered"),
    "lost": noted("is lost"),
    "returned_to_sender": noted("comes back to its sender"),
}


def _parcel_tracked(data: Data, names: Names) -> str:
    what = said(_TRACKED, data["status"])
    late = "" if data.get("changed", True) else say(" (the carrier's word came late and changes nothing)")
    awaited = sorted({each["return"] for each in data.get("announced") or ()})
    as_return = (
        say("; return %(list)s awaits it", list=_listed([f"R{number}" for number in awaited])) if awaited else ""
    )
    return say(
        "Parcel P%(parcel)s %(said)s%(late)s%(as_return)s.",
        parcel=data["parcel"],
        said=what,
        late=late,
        as_return=as_return,
    )


def _return_name(data: Data) -> str:
    return f"R{data.get('return', '?')}"


def _return_requested(data: Data, names: Names) -> str:
    return say(
        "Return %(return_name)s requested: %(units)s.%(reason)s",
        return_name=_return_name(data),
        units=_units(data.get("lines") or (), names),
        reason=_reason(data),
    )


def _return_received(data: Data, names: Names) -> str:
    back = say(" back from the carrier") if data.get("reason") == "returned_to_sender" else ""
    return say(
        "Return %(return_name)s: %(units)s received%(back)s in %(place)s; to be looked at.",
        return_name=_return_name(data),
        units=_units(data.get("lines") or (), names),
        back=back,
        place=names.location(data.get("location_id")),
    )


_DISPOSED = {"restock": noted("back on the shelf"), "damaged": noted("kept as damaged"), "scrapped": noted("scrapped")}


def _return_disposed(data: Data, names: Names) -> str:
    by: dict[str, list[Data]] = {}
    for line in data.get("lines") or ():
        by.setdefault(line.get("disposition", ""), []).append(line)
    told = [f"{_units(lines, names)} {said(_DISPOSED, disposition)}" for disposition, lines in by.items()]
    return say("Return %(return_name)s: %(list)s.", return_name=_return_name(data), list=_listed(told))


def _refunded(data: Data) -> int:
    return sum(refund["amount_minor"] for refund in data.get("refunds") or ())


def _return_refunded(data: Data, names: Names) -> str:
    return say(
        "Return %(return_name)s: %(amount)s refunded%(as_credit)s for %(units)s.",
        return_name=_return_name(data),
        amount=_amount(_refunded(data), data.get("currency") or names.currency),
        as_credit=as_credit(data, names),
        units=_units(data.get("lines") or (), names),
    )


def _return_cancelled(data: Data, names: Names) -> str:
    return say(
        "Return %(return_name)s: %(units)s will not come back after all.",
        return_name=_return_name(data),
        units=_units(data.get("lines") or (), names),
    )


def _return_recorded(data: Data, names: Names) -> str:
    what = _units(data.get("lines") or (), names) if data.get("lines") else say("charges only")
    amount = _amount(_refunded(data), data.get("currency") or names.currency)
    return say(
        "Return %(return_name)s recorded from the past: %(what)s, %(amount)s refunded.%(reason)s",
        return_name=_return_name(data),
        what=what,
        amount=amount,
        reason=_reason(data),
    )


def _saved(what: str, code: str) -> Sentence:
    def told(data: Data, names: Names) -> str:
        renamed = (
            say(", renamed from %(renamed_from)s", renamed_from=data["renamed_from"])
            if data.get("renamed_from")
            else ""
        )
        if data.get("version") == 1:
            return say("%(what)s %(code)s created.", what=say(what), code=data[code])
        return say(
            "%(what)s %(code)s changed%(renamed)s (version %(version)s).",
            what=say(what),
            code=data[code],
            renamed=renamed,
            version=data["version"],
        )

    return told


def _work_order_opened(data: Data, names: Names) -> str:
    made = say("shall be made") if data["kind"] == "assemble" else say("shall be taken apart")
    inputs = [line for line in data["lines"] if line["role"] == "input"]
    counted: dict[str, int] = {}
    for line in inputs:
        counted[line["sku"]] = counted.get(line["sku"], 0) + line["quantity"]
    aside = _listed([f"{quantity} × {code}" for code, quantity in counted.items()])
    place = names.location(data["location_id"])
    return say(
        "Work order %(work_order)s: %(quantity)s × %(sku)s %(made)s in %(place)s; %(aside)s set aside.",
        work_order=data["work_order"],
        quantity=data["quantity"],
        sku=data["sku"],
        made=made,
        place=place,
        aside=aside,
    )


def _work_order_completed(data: Data, names: Names) -> str:
    made = say("made") if data["kind"] == "assemble" else say("taken apart")
    rest = say("; %(left)s left", left=data["left"]) if data["left"] else ""
    place = names.location(data["location_id"])
    return say(
        "Work order %(work_order)s: %(quantity)s × %(sku)s %(made)s in %(place)s%(rest)s.",
        work_order=data["work_order"],
        quantity=data["quantity"],
        sku=data["sku"],
        made=made,
        place=place,
        rest=rest,
    )


def _work_order_cancelled(data: Data, names: Names) -> str:
    made = say("made") if data["kind"] == "assemble" else say("taken apart")
    return say(
        "Work order %(work_order)s: %(quantity)s × %(sku)s not %(made)s.%(reason)s",
        work_order=data["work_order"],
        quantity=data["quantity"],
        sku=data["sku"],
        made=made,
        reason=_reason(data),
    )


def _kit_saved(data: Data, names: Names) -> str:
    if data["kit"] == "none":
        return say("%(sku)s is no kit any more.", sku=data["sku"])
    made = _listed([f"{each['per_kit']} × {names.sku(each['sku_id'])}" for each in data["components"]])
    how = say("made ahead and sold from stock") if data["kit"] == "stocked" else say("put together for each order")
    return say("Kit %(sku)s: %(made)s, %(how)s.", sku=data["sku"], made=made, how=how)


def _substitutes_saved(data: Data, names: Names) -> str:
    if not data["substitutes"]:
        return say("Nothing may be sent in place of %(sku)s any more.", sku=data["sku"])
    return say(
        "In place of %(sku)s may be sent: %(list)s.",
        sku=data["sku"],
        list=_listed([each["sku"] for each in data["substitutes"]]),
    )


def _policy_set(data: Data, names: Names) -> str:
    value = data.get("value")
    scope = _policy_scope(data, names)
    name = data.get("name", "?")
    shown = msgspec.json.encode(value).decode()
    return (
        say("Policy %(name)s withdrawn%(scope)s.", name=name, scope=scope)
        if value is None
        else say("Policy %(name)s set to %(shown)s%(scope)s.", name=name, shown=shown, scope=scope)
    )


def _policy_scope(data: Data, names: Names) -> str:
    kind, id_ = data.get("scope_kind"), data.get("scope_id")
    shown = {"channel": names.channel, "location": names.location, "sku": names.sku}.get(kind or "")
    return say(" for %(kind)s %(shown)s", kind=kind, shown=shown(id_)) if shown else ""


def _unmatched_return_kept(data: Data, names: Names) -> str:
    return say(
        "%(quantity)s × %(sku)s kept: no order explains it.%(reason)s",
        quantity=data["quantity"],
        sku=data["sku"],
        reason=_reason(data),
    )


def _promise_moved(data: Data, names: Names) -> str:
    told = [
        say(
            "%(quantity)s × %(line)s from %(day)s to %(day2)s",
            quantity=each["quantity"],
            line=names.line(each["line"]),
            day=_day(each["before"]),
            day2=_day(each["promised_at"]),
        )
        for each in data["promises"]
    ]
    return say("Promise moved: %(list)s.", list=_listed(told))


SENTENCES: Mapping[str, Sentence] = {
    "order_placed": _order_placed,
    "order_recorded": _order_recorded,
    "lines_cancelled": unless_parted(_lines_cancelled),
    "lines_written_off": _lines_written_off,
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
    "claims_shortened": limit_sentences.claims_shortened,
    "product_saved": _saved(noted("Product"), "sku"),
    "kit_saved": _kit_saved,
    "substitutes_saved": _substitutes_saved,
    "work_order_opened": _work_order_opened,
    "work_order_completed": _work_order_completed,
    "work_order_cancelled": _work_order_cancelled,
    "location_saved": _saved(noted("Location"), "code"),
    "location_group_saved": _saved(noted("Location group"), "code"),
    "channel_saved": _saved(noted("Channel"), "code"),
    "attribute_defined": _saved(noted("Attribute"), "code"),
    "carton_saved": _saved(noted("Carton"), "code"),
    **PRINTED,
    "parcel_rate_saved": _saved(noted("Parcel rate"), "code"),
    "company_saved": _saved(noted("Company"), "code"),
    "price_list_saved": _saved(noted("Price list"), "code"),
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
    **KEPT,
    **TRANSFERRED,
    **COUNTED,
    **WAVES,
    "invoices_issued": invoice_sentences.invoices_issued,
    "tax_record_answered": invoice_sentences.tax_record_answered,
    "tax_record_repeated": invoice_sentences.tax_record_repeated,
    "legal_entity_saved": invoice_sentences.legal_entity_saved,
    "tax_rate_saved": invoice_sentences.tax_rate_saved,
    "exchange_rate_saved": invoice_sentences.exchange_rate_saved,
    "promise_moved": _promise_moved,
}
"""By kind of event."""
