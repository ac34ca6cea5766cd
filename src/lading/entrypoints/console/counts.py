"""Counts: opened, counted on a phone with a scanner in hand, looked through, approved."""

import re
from typing import Any
from urllib.parse import quote

import msgspec
from starlette.responses import Response

from lading.catalog import store as catalog
from lading.counts.rules import gone_from_zone
from lading.entrypoints.console import forms, listing, preview
from lading.entrypoints.console.context import Context, NotThere, decode, form_id
from lading.entrypoints.console.fields import Field
from lading.entrypoints.console.forms import Simple
from lading.entrypoints.console.preview import Told
from lading.entrypoints.console.words import N_
from lading.journal.types import Decision
from lading.kernel.outcomes import Refusal
from lading.operations.approve_counts import CountApproved, Variance
from lading.views import NotFound
from lading.views import counts as views
from lading.views.counts import CountLineView, CountView
from lading.views.lots import products_of_serial
from lading.views.names import read_names

LINES_SHOWN = 400
LATEST = 12
TO_COUNT_SHOWN = 60
NAMES_TICKED = 60
"""Where more units of a zone were not seen, those that are gone are typed or scanned."""
CAMERA = "camera=(self), geolocation=(), microphone=()"
REASONS = (
    ("cycle_count", N_("regular count")),
    ("inventory", N_("inventory of the year")),
    ("damage", N_("damage")),
    ("theft", N_("theft")),
    ("wrong_booking", N_("wrong booking")),
    ("other", N_("something else")),
)
STATUSES = ("open", "approved", "cancelled")


async def show_list(context: Context) -> Response:
    """All counts, or those of one place or state."""
    asked = {name: context.query(name) for name in ("status", "location")}
    shown = await listing.find(context, views.counts, views.CountsQuery, asked)
    return context.render("counts.html", **shown, statuses=STATUSES)


async def show_open(context: Context) -> Response:
    """The form for a new count."""
    context.need("counts:write")
    return forms.show(context, await _open_form(context))


async def open_count(context: Context) -> Response:
    """Open it."""
    form = await _open_form(context)
    payload = forms.payload_of(context, [each for each in form.fields if each.name != "skus"])
    if skus := [part for part in re.split(r"\s*[\r\n,;]+\s*", context.sent("skus")) if part]:
        payload["skus"] = skus
    forms.refill(context, form)
    try:
        answer = await context.submit("counts.open", payload)
    except msgspec.ValidationError as error:
        return forms.show(context, form, preview.plain(str(error)))
    if not answer.accepted:
        return forms.show(context, form, context.why_not(answer))
    name = decode(answer)["count"]
    return context.go(f"/counts/{name}", context._("%(count)s is open: go and count.", count=name))


async def _open_form(context: Context) -> Simple:
    async with context.database.read(context.merchant.id) as tx:
        names = await read_names(tx)
    fields = [
        Field(
            "location", context._("Location"), "select", sorted(names.locations.values()), required=True,
            value=context.query("location"),
        ),
        Field("zone", context._("Zone"), hint=context._("Bins whose code begins so, such as A-03")),
        Field(
            "skus", context._("Products"), "area", value=context.query("sku"), wide=True,
            hint=context._("One code in a line, typed or scanned. Without zone and products all that lies there is counted."),
        ),
        Field(
            "blind", context._("Blind: whoever counts is not told what the book says"), "check", value="yes", wide=True
        ),
        Field("reference", context._("Your number"), hint=context._("Optional, unique")),
    ]  # fmt: skip
    note = context._("The book is noted as it stands; orders may go on meanwhile, what moves is taken into account.")
    word = context._("Open count")
    return Simple(context._("New count"), "/counts/open", fields, word, "/counts", note, "checklist")


async def show_one(context: Context) -> Response:
    """A count line by line; whoever may approve it sees what the book says."""
    found = await _read(context)
    every = found.lines
    asked = context.query("show") or ("all" if len(every) <= LINES_SHOWN else "differing")
    kept = {
        "differing": [line for line in every if line.variance],
        "uncounted": [line for line in every if line.counted is None],
    }.get(asked, every)
    return context.render(
        "count.html", count=found.head, lines=kept[:LINES_SHOWN], left=len(kept) - LINES_SHOWN, asked=asked, once=form_id(),
        differing=sum(1 for line in every if line.variance), uncounted=found.head.lines - found.head.counted,
        told=any(line.snapshot is not None for line in every), mine=_above_limit(context, found), every=len(every),
        place=await _place(context, found.head.location),
        reasons=dict(REASONS),
    )  # fmt: skip


def _above_limit(context: Context, found: CountView) -> list[CountLineView]:
    """Lines that the person counted and may not approve."""
    return [line for line in found.lines if is_above(line) and line.passes[-1].actor == context.caller.actor]


def is_above(line: CountLineView) -> bool:
    """Whether somebody else than who counted approves it."""
    return line.limit is not None and abs(line.variance or 0) > line.limit


async def show_counting(context: Context) -> Response:
    """The page of whoever stands at the shelf."""
    context.need("counts:write")
    found = await _read(context, blind=True)
    number = context.query("line")
    now = next((line for line in found.lines if str(line.line) == number), None)
    return await _counting(context, found, now)


async def record(context: Context) -> Response:
    """One scan, or a number that was typed."""
    ref = context.request.path_params["ref"]
    code, quantity = context.sent("code"), context.sent("quantity")
    units: dict[str, Any] = {"barcode": code} if code else {"sku": context.sent("sku")}
    at: CountLineView | None = None
    if code and not quantity:
        found = await _read(context, blind=True)
        at, unit = await _by_name(context, found, code)
        if at and not unit:
            return await _counting(context, found, at, code=code, asks=True)
        units = unit or units
    if lot := context.sent("lot") or (context.sent("at_lot") if code and context.sent("at_code") == code else ""):
        units["lot"] = lot
    if "serials" in units:
        units |= {"quantity": 1, "add": True}
    elif quantity:
        units["quantity"] = int(quantity) if quantity.isdecimal() and len(quantity) < 12 else quantity
    else:
        units |= {"quantity": 1, "add": True}
    try:
        answer = await context.submit("counts.record", {"count": ref, "lines": [units]})
    except msgspec.ValidationError as error:
        return await _wrong(context, preview.plain(str(error)), code)
    if answer.failed:
        return await _wrong(context, context.why_not(answer), code, again=True)
    if not answer.accepted:
        refusal = decode(answer)
        needs_lot = refusal["name"] == "lot_needed"
        sku = str(refusal.get("facts", {}).get("sku", "")) if needs_lot else ""
        return await _wrong(context, str(refusal["message"]), code, lots_of=sku, at=at)
    told = decode(answer)["lines"][0]
    if not context.by_htmx:
        return context.go(f"/counts/{ref}/scan?line={told['line']}")
    found = await _read(context, blind=True)
    return await _counting(context, found, next(line for line in found.lines if line.line == told["line"]), code=code)


async def _by_name(context: Context, found: CountView, code: str) -> tuple[CountLineView | None, dict[str, Any] | None]:
    """The line whose units are scanned by name, and the unit that was scanned; without one its product was scanned, and the
    page asks for names. (None, None) where it is none of these."""
    lines = {(line.sku, line.lot): line for line in found.lines if line.tracking == "serial"}
    if not lines:
        return None, None
    async with context.database.read(context.merchant.id) as tx:
        product = (await catalog.read_skus_scanned(tx, [code])).get(code)
        known = await products_of_serial(tx, code, sorted({sku for sku, _ in lines}))
    if product:
        return next((line for (sku, _), line in lines.items() if sku == product.code), None), None
    sku, lot = known[0] if len(known) == 1 else (context.sent("at_serial"), context.sent("at_serial_lot"))
    line = lines.get((sku, lot)) or next((line for (other, _), line in lines.items() if other == sku), None)
    if line is None:
        return None, None
    return line, {"sku": line.sku, "lot": line.lot, "serials": [code]}


async def _wrong(
    context: Context,
    message: str,
    code: str,
    *,
    lots_of: str = "",
    again: bool = False,
    at: CountLineView | None = None,
) -> Response:
    """What could not be counted, and why; whose names are being scanned stays at hand."""
    found = await _read(context, blind=True)
    lots = [line for line in found.lines if line.sku == lots_of and line.lot]
    now = next((line for line in found.lines if at and line.line == at.line), None)
    return await _counting(context, found, now, error=message, code=code, lots_of=lots_of, lots=lots, again=again)


async def _counting(
    context: Context,
    found: CountView,
    now: CountLineView | None,
    *,
    error: str = "",
    code: str = "",
    lots_of: str = "",
    lots: list[CountLineView] | None = None,
    again: bool = False,
    asks: bool = False,
) -> Response:
    done = [line for line in found.lines if line.counted is not None]
    done.sort(key=lambda line: line.passes[-1].counted_at, reverse=True)
    to_count = [line for line in found.lines if line.counted is None]
    place = "" if context.by_htmx else await _place(context, found.head.location)
    response = context.render(
        "part_counting.html" if context.by_htmx else "counting.html",
        409 if error and not context.by_htmx else 200,
        count=found.head, place=place, now=now, done=done[:LATEST], done_more=len(done) - LATEST, to_count=to_count[:TO_COUNT_SHOWN],
        to_count_more=len(to_count) - TO_COUNT_SHOWN, error=error, code=code, lots_of=lots_of, lots=lots or [],
        once=form_id(), address=f"/counts/{quote(found.head.count)}/record",
    )  # fmt: skip
    response.headers["permissions-policy"] = CAMERA
    response.headers["x-scan"] = "again" if again else "ask" if lots_of or asks else "wrong" if error else "right"
    return response


async def recount(context: Context) -> Response:
    """A second pass for what was ticked, or for all that differs."""
    ref = context.request.path_params["ref"]
    picked = [str(value) for value in context.form.getlist("line")]
    lines = [int(value) for value in picked if value.isdecimal() and len(value) < 6]
    answer = await context.submit("counts.recount", {"count": ref, "lines": lines})
    if not answer.accepted:
        return await _back_with(context, ref, context.why_not(answer))
    return context.go(f"/counts/{ref}", context._("Those lines shall be counted once more."))


async def _back_with(context: Context, ref: str, problem: str) -> Response:
    return forms.show(
        context,
        Simple(context._("Count again"), f"/counts/{ref}/recount", [], context._("Count again"), f"/counts/{ref}"),
        problem,
    )


async def show_approve(context: Context) -> Response:
    """The form for the approval."""
    context.need("count-approvals:write")
    return forms.show(context, _approve_form(context, await _read(context)))


async def approve(context: Context) -> Response:
    """Say what would be posted; then post it."""
    found = await _read(context)
    form = _approve_form(context, found)
    payload = forms.payload_of(context, form.fields) | {"count": found.head.count}
    payload.setdefault("leave_uncounted", False)
    told = [(line.line, payload.pop(_gone(line), [])) for line, _ in _unclear(found)]
    if gone := [{"line": line, "serials": names} for line, names in told if names]:
        payload["gone"] = gone
    if (version := context.sent("version")).isdecimal() and len(version) < 10:
        payload["expected_version"] = int(version)
    said = context._("%(count)s is approved: the book says what was counted.", count=found.head.count)

    async def tell(decision: Decision) -> Told:
        return _told(context, decision)

    return await forms.submit(context, "counts.approve", form, payload, f"/counts/{found.head.count}", said, tell)


def _approve_form(context: Context, found: CountView) -> Simple:
    head = found.head
    fields = [Field("reason", context._("Reason"), "select", [(name, context._(word)) for name, word in REASONS])]
    if head.counted < head.lines:
        left = head.lines - head.counted
        text = context._("Leave as they are: lines that nobody counted (%(count)s)", count=left)
        fields.append(Field("leave_uncounted", text, "check", wide=True))
    for line, gone in _unclear(found):
        text = context._("%(sku)s: %(count)s missing, which?", sku=line.sku, count=gone)
        unseen = line.passes[-1].missing or []
        kind = "checks" if len(unseen) <= NAMES_TICKED else "names"
        fields.append(Field(_gone(line), text, kind, [(name, name) for name in unseen], required=True, wide=True))
    address = f"/counts/{head.count}/approve"
    title = context._("Approve %(count)s", count=head.count)
    note = context._(
        "What was counted becomes the truth. Units that orders hold and that are not there become shortages."
    )
    hidden = {"version": context.sent("version") or str(head.version)}
    return Simple(
        title, address, fields, context._("Approve"), f"/counts/{head.count}", note, "check", hidden=hidden, danger=True
    )  # fmt: skip


def _unclear(found: CountView) -> list[tuple[CountLineView, int]]:
    """Lines of a zone where more units were not seen than are missing, and how many are."""
    unclear = []
    for line in found.lines if found.head.zone else ():
        last = line.passes[-1] if line.passes else None
        if last and last.missing is not None:
            gone = gone_from_zone(last.variance or 0, len(last.strange or ()))
            if 0 < gone < len(last.missing):
                unclear.append((line, gone))
    return unclear


def _gone(line: CountLineView) -> str:
    """The field that takes the names."""
    return f"gone-{line.line}"


def _told(context: Context, decision: Decision) -> Told:
    """What the approval would post, line by line."""
    if isinstance(decision.outcome, Refusal):
        return Told(False, [decision.outcome.message])
    assert isinstance(decision.outcome, CountApproved)
    lines = [_line_told(context, each) for each in decision.outcome.variances[:40]]
    if (more := len(decision.outcome.variances) - 40) > 0:
        lines.append(context._("and %(count)s more", count=more))
    return Told(True, lines or [context._("Nothing differs: the book stays as it is.")])


def _line_told(context: Context, each: Variance) -> str:
    what = f"{each.sku} {each.lot}".strip()
    parts = [
        (each.found, context._("%(count)s found", count=each.found)),
        (each.lost, context._("%(count)s lost", count=each.lost)),
        (each.short, context._("%(count)s short: orders hold them", count=each.short)),
        (each.settled, context._("%(count)s of an earlier shortage turned up", count=each.settled)),
    ]
    said = ", ".join(text for units, text in parts if units)
    return f"{what}: {said or context._('as the book says')}"


async def show_cancel(context: Context) -> Response:
    """The form to drop it."""
    context.need("count-approvals:write")
    return forms.show(context, _cancel_form(context, await _read(context)))


async def cancel(context: Context) -> Response:
    """Drop it."""
    found = await _read(context)
    form = _cancel_form(context, found)
    payload = forms.payload_of(context, form.fields) | {"count": found.head.count}
    said = context._("%(count)s is cancelled; nothing was changed.", count=found.head.count)
    return await forms.submit(context, "counts.cancel", form, payload, f"/counts/{found.head.count}", said)


def _cancel_form(context: Context, found: CountView) -> Simple:
    name = found.head.count
    fields = [Field("reason", context._("Reason"), required=True, value="not_needed")]
    note = context._("What was counted is kept to be read, and changes nothing.")
    title, word = context._("Cancel %(count)s", count=name), context._("Cancel the count")
    return Simple(title, f"/counts/{name}/cancel", fields, word, f"/counts/{name}", note, "ban")


async def _read(context: Context, *, blind: bool = False) -> CountView:
    """The count; with what the book says where the person may know it and does not count just now."""
    query = views.CountQuery(str(context.request.path_params["ref"])[:64])
    may_know = context.caller.may("count-approvals:read") and not blind
    async with context.database.read(context.merchant.id) as tx:
        try:
            return await (views.review if may_know else views.count)(tx, query)
        except NotFound as error:
            raise NotThere from error


async def _place(context: Context, code: str) -> str:
    """The name of a location."""
    async with context.database.read(context.merchant.id) as tx:
        names = await read_names(tx)
    return dict(names.locations.values()).get(code, code)
