"""What each verb on a fulfillment order, or on a parcel that is collected, asks for."""

from collections.abc import Mapping
from typing import Any

from lading.entrypoints.console.context import Context
from lading.entrypoints.console.fields import Field
from lading.entrypoints.console.steps import Action, Form, Row, Subject, moment
from lading.entrypoints.console.words import N_
from lading.views.order_work import FulfillmentOrder

REJECTED = (
    ("no_staff", N_("no staff")),
    ("not_found", N_("not found")),
    ("damaged", N_("damaged")),
    ("closed", N_("the location is closed")),
    ("other", N_("something else")),
)
FOUND = (("there", N_("they are there")), ("missing", N_("they are missing")), ("damaged", N_("they are damaged")))
MOVED = (("nearer", N_("nearer to the customer")), ("no_staff", N_("no staff")), ("other", N_("something else")))
HELD = (
    ("manual", N_("somebody has to decide")),
    ("customer_request", N_("the customer asks for it")),
    ("other", N_("something else")),
)
CLOSED = (
    ("not_found", N_("not found")),
    ("customer_request", N_("the customer asks for it")),
    ("damaged", N_("damaged")),
    ("other", N_("something else")),
)
STOPPED = (
    ("customer_request", N_("the customer asks for it")),
    ("mistake", N_("mistake")),
    ("other", N_("something else")),
)


def _meant(subject: Subject) -> FulfillmentOrder | None:
    return next((each for each in subject.order.fulfillment_orders if each.name == subject.document), None)


def _rows(subject: Subject, *stages: str, sent: str = "") -> list[Row]:
    most: dict[int, int] = {}
    for each in subject.allocated_to:
        units = sum(each.units.get(stage, 0) for stage in stages)
        most[each.line] = most.get(each.line, 0) + units
    return [
        Row(line.number, line.sku, line.name, most[line.number], sent)
        for line in subject.order.lines
        if most.get(line.number, 0) > 0
    ]


def _parts(context: Context, rows: list[Row]) -> list[dict[str, int]]:
    """Units that were named; nothing where all of them were. Raises ValueError where none was."""
    named = []
    for row in rows:
        text = context.sent(f"line-{row.line}") or "0"
        if not text.isdecimal() or len(text) > 9:
            raise ValueError(context._("Units of %(sku)s must be a whole number.", sku=row.sku))
        if int(text):
            named.append({"line": row.line, "quantity": int(text)})
    if not named:
        raise ValueError(context._("Name at least one unit."))
    return [] if [each["quantity"] for each in named] == [row.most for row in rows] else named


def _document(subject: Subject) -> dict[str, Any]:
    return {"fulfillment_order": subject.document}


def _plain(_: Context, subject: Subject) -> dict[str, Any]:
    return _document(subject)


def _nothing(_: Context, __: Subject) -> Form:
    return Form()


def _loose_form(_: Context, subject: Subject) -> Form:
    return Form(_rows(subject, "released", "picked"))


def _accept(context: Context, subject: Subject) -> dict[str, Any]:
    return {**_document(subject), "lines": _parts(context, _rows(subject, "released", "picked"))}


def _reject_form(context: Context, subject: Subject) -> Form:
    return Form(
        _rows(subject, "released", "picked"),
        [
            Field("reason", context._("Why"), "select", options=[(name, context._(word)) for name, word in REJECTED]),
            Field("found", context._("The units"), "select", options=[(name, context._(word)) for name, word in FOUND]),
        ],
        context._("Other stock is looked for at once, at other locations. This one is not asked again for this order."),
    )


def _reject(context: Context, subject: Subject) -> dict[str, Any]:
    lines = _parts(context, _rows(subject, "released", "picked"))
    return {
        **_document(subject), "lines": lines, "reason": context.sent("reason") or "other", "found": context.sent("found") or "there",
    }  # fmt: skip


def _close_form(context: Context, subject: Subject) -> Form:
    return Form(
        _rows(subject, "released", "picked"),
        [Field("reason", context._("Why"), "select", options=[(name, context._(word)) for name, word in CLOSED])],
        context._(
            "Nothing more of it is sent. These units are cancelled; what is not named is looked for at other locations."
        ),
    )


def _close(context: Context, subject: Subject) -> dict[str, Any]:
    """All units named: all is cancelled; none: all is looked for."""
    rows = _rows(subject, "released", "picked")
    told = {**_document(subject), "reason": context.sent("reason") or "other"}
    if not any((context.sent(f"line-{row.line}") or "0") != "0" for row in rows):
        return {**told, "rest": "source"}
    lines = _parts(context, rows)
    return {**told, "rest": "source", "cancel": lines} if lines else {**told, "rest": "cancel"}


def _move_form(context: Context, subject: Subject) -> Form:
    here = work.location if (work := _meant(subject)) else ""
    places = [place for place in subject.locations if place[0] != here]
    return Form(
        _rows(subject, "released"),
        [
            Field("to_location", context._("Where to"), "select", places, required=True),
            Field("reason", context._("Why"), "select", options=[(name, context._(word)) for name, word in MOVED]),
        ],
    )


def _move(context: Context, subject: Subject) -> dict[str, Any]:
    lines = _parts(context, _rows(subject, "released"))
    return {
        **_document(subject), "lines": lines, "to_location": context.sent("to_location"), "reason": context.sent("reason") or "other",
    }  # fmt: skip


def _split_form(context: Context, subject: Subject) -> Form:
    note = context._("These units become a fulfillment order of their own, at the same location.")
    return Form(_rows(subject, "released", "picked", sent="0"), note=note)


def _split(context: Context, subject: Subject) -> dict[str, Any]:
    rows = _rows(subject, "released", "picked")
    all_of_them = [{"line": row.line, "quantity": row.most} for row in rows]
    return {**_document(subject), "lines": _parts(context, rows) or all_of_them}


def _merge_form(context: Context, subject: Subject) -> Form:
    here = _meant(subject)
    others = [
        (each.name, each.name)
        for each in subject.order.fulfillment_orders
        if here and each.name != here.name and each.location == here.location and each.state not in ("closed", "cancelled")
    ]  # fmt: skip
    return Form(fields=[Field("other", context._("With"), "select", others, required=True)])


def _merge(context: Context, subject: Subject) -> dict[str, Any]:
    return {"into": subject.document, "others": [context.sent("other")]}


def _hold_form(context: Context, subject: Subject) -> Form:
    kinds = [(name, context._(word)) for name, word in HELD]
    return Form(
        _rows(subject, "released", "picked"),
        [Field("kind", context._("Why"), "select", options=kinds), Field("note", context._("Note"), "area")],
        context._("Units that are not held go on in a fulfillment order of their own."),
    )


def _hold(context: Context, subject: Subject) -> dict[str, Any]:
    rows = _rows(subject, "released", "picked")
    note = {"note": context.sent("note")} if context.sent("note") else {}
    lines = _parts(context, rows) if rows else []
    return {**_document(subject), "kind": context.sent("kind") or "manual", "lines": lines, **note}


def _schedule_form(context: Context, _: Subject) -> Form:
    hint = context._("Leave it empty to open it now.")
    return Form(fields=[Field("at", context._("Not before"), "moment", hint=f"{context.merchant.time_zone}. {hint}")])


def _schedule(context: Context, subject: Subject) -> dict[str, Any]:
    return {**_document(subject), **({"at": moment(context, "at")} if context.sent("at") else {})}


def _submit_form(context: Context, _: Subject) -> Form:
    return Form(fields=[Field("minutes", context._("Minutes to answer"), "number", value="60", low=1)])


def _submit(context: Context, subject: Subject) -> dict[str, Any]:
    text = context.sent("minutes") or "60"
    if not text.isdecimal() or len(text) > 6:
        raise ValueError(context._("Minutes are a whole number."))
    return {**_document(subject), "minutes": int(text)}


def _cancel_form(context: Context, _: Subject) -> Form:
    return Form(
        fields=[
            Field("reason", context._("Why"), "select", options=[(name, context._(word)) for name, word in STOPPED])
        ],
        note=context._("What nobody has picked waits for a release again. A location that accepted it is asked."),
    )


def _cancel(context: Context, subject: Subject) -> dict[str, Any]:
    return {**_document(subject), "reason": context.sent("reason") or "other"}


def _answer_form(context: Context, _: Subject) -> Form:
    answers = [("yes", context._("it stops")), ("no", context._("it sends it all the same"))]
    return Form(fields=[Field("accepted", context._("The location"), "select", options=answers)])


def _answer(context: Context, subject: Subject) -> dict[str, Any]:
    return {**_document(subject), "accepted": context.sent("accepted") == "yes"}


def _ship_form(context: Context, subject: Subject) -> Form:
    return Form(
        _rows(subject, "released", "picked"),
        [
            Field("carrier", context._("Carrier"), required=True),
            Field("tracking_number", context._("Tracking number")),
        ],
        context._("Picked, packed and shipped in one step: for vendors and partners."),
    )


def _ship(context: Context, subject: Subject) -> dict[str, Any]:
    tracking = {"tracking_number": context.sent("tracking_number")} if context.sent("tracking_number") else {}
    lines = _parts(context, _rows(subject, "released", "picked"))
    return {**_document(subject), "lines": lines, "carrier": context.sent("carrier"), **tracking}


def _parcel(_: Context, subject: Subject) -> dict[str, Any]:
    return {"parcel": subject.document}


def _hand_over_form(context: Context, _: Subject) -> Form:
    return Form(
        fields=[
            Field("code", context._("Code"), hint=context._("Six digits that the customer was told")),
            Field(
                "name",
                context._("Or the name"),
                hint=context._("As a document shows it. It is not kept in the journal."),
            ),
        ]
    )


def _hand_over(context: Context, subject: Subject) -> dict[str, Any]:
    said = {name: value for name in ("code", "name") if (value := context.sent(name))}
    if not said:
        raise ValueError(context._("Say the code, or the name that a document shows."))
    return {"parcel": subject.document, **said}


def _extend_form(context: Context, _: Subject) -> Form:
    return Form(
        fields=[Field("collect_by", context._("Until"), "moment", required=True, hint=context.merchant.time_zone)]
    )


def _extend(context: Context, subject: Subject) -> dict[str, Any]:
    return {"parcel": subject.document, "collect_by": moment(context, "collect_by")}


WORK_ACTIONS: Mapping[str, Action] = {
    "fulfillment-orders.release-hold": Action(N_("Lift its hold"), "lock-open", N_("%(what)s is no longer held."), _nothing, _plain),
    "fulfillment-orders.accept": Action(N_("Accept"), "check", N_("%(what)s is accepted."), _loose_form, _accept),
    "fulfillment-orders.answer-cancellation": Action(
        N_("Answer"), "question-mark", N_("%(what)s: the answer is noted."), _answer_form, _answer
    ),
    "fulfillment-orders.reject": Action(
        N_("Reject"), "ban", N_("%(what)s: units were given back."), _reject_form, _reject, True
    ),
    "fulfillment-orders.close": Action(
        N_("Close"), "circle-x", N_("%(what)s is closed."), _close_form, _close, True
    ),
    "fulfillment-orders.move": Action(N_("Move"), "route", N_("%(what)s: units were moved."), _move_form, _move, True),
    "fulfillment-orders.split": Action(N_("Split"), "arrows-split", N_("%(what)s was split."), _split_form, _split),
    "fulfillment-orders.merge": Action(N_("Put together"), "stack-2", N_("%(what)s: put together."), _merge_form, _merge),
    "fulfillment-orders.hold": Action(N_("Hold"), "hand-stop", N_("%(what)s is on hold."), _hold_form, _hold),
    "fulfillment-orders.schedule": Action(N_("Schedule"), "clock", N_("%(what)s is scheduled."), _schedule_form, _schedule),
    "fulfillment-orders.submit": Action(
        N_("Ask the location"), "question-mark", N_("%(what)s: its location is asked."), _submit_form, _submit
    ),
    "fulfillment-orders.cancel": Action(N_("Take back"), "arrow-back-up", N_("%(what)s: taken back."), _cancel_form, _cancel),
    "fulfillment-orders.ship": Action(N_("Sent"), "truck", N_("%(what)s was sent."), _ship_form, _ship),
    "pickups.ready": Action(N_("Ready"), "check", N_("%(what)s is ready; its customer is told."), _nothing, _parcel),
    "pickups.receive": Action(N_("It came"), "package-import", N_("%(what)s came, and is ready."), _nothing, _parcel),
    "pickups.hand-over": Action(N_("Hand over"), "package-export", N_("%(what)s was handed over."), _hand_over_form, _hand_over),
    "pickups.extend": Action(N_("Wait longer"), "clock", N_("%(what)s waits longer."), _extend_form, _extend),
    "pickups.expire": Action(N_("Nobody came"), "arrow-back-up", N_("%(what)s goes back to the shelf."), _nothing, _parcel, True),
}  # fmt: skip
"""Beside those of steps.ACTIONS."""
