"""Transfers between locations: drafted, set aside, shipped, received with a scanner in hand, and called off."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from starlette.responses import Response

from lading.entrypoints.api.problems import explain
from lading.entrypoints.console import forms, listing, preview
from lading.entrypoints.console.context import Context, NotThere, decode, form_id
from lading.entrypoints.console.fields import Field
from lading.entrypoints.console.forms import Cell, Row, Simple, Table
from lading.entrypoints.console.preview import Told
from lading.entrypoints.console.stock import moment
from lading.entrypoints.console.words import N_
from lading.journal.types import Decision
from lading.transfers.commands import CreateTransfer
from lading.views import NotFound
from lading.views import transfers as views
from lading.views.lots import SerialsQuery, serials
from lading.views.names import read_names
from lading.views.timeline import latest_of
from lading.views.transfers import TransferLineView, TransferView

STORY = 20
NEW_LINES_MAX = 200
NAMES_MAX = 200
"""Serial numbers of a line that are shown to be ticked or scanned."""
USUAL_DAYS = 2
STATUSES: Final = ("open", "draft", "ready", "in_transit", "partially_received", "received", "cancelled")
STANDINGS: Final = ("planned", "ready", "in_transit", "received", "damaged", "came_home", "lost", "cancelled")


async def show_list(context: Context) -> Response:
    """Transfers, the newest first."""
    asked = {name: context.query(name) for name in ("status", "from_location", "to_location")}
    shown = await listing.find(context, views.transfers, views.TransfersQuery, asked)
    return context.render("transfers.html", **shown, statuses=STATUSES, standing=standing)


def standing(lines: Sequence[TransferLineView]) -> list[tuple[str, int]]:
    """Units by where they are; those that arrived damaged stand apart."""
    sums = {name: sum(getattr(line, name) for line in lines) for name in STANDINGS}
    sums["received"] -= sums["damaged"]
    return [(name, units) for name, units in sums.items() if units]


async def show_one(context: Context) -> Response:
    """A transfer line by line, what can be done with it, and what happened."""
    found = await _find(context)
    async with context.database.read(context.merchant.id) as tx:
        names = dict((await read_names(tx)).locations.values())
        story = await latest_of(tx, found.id, STORY)
    acts = [
        act for act in ACTS.values() if found.status in act.statuses and context.may_do(f"transfers.{act.verb}")
    ]  # fmt: skip
    return context.render(
        "transfer.html", transfer=found, names=names, acts=acts, standing=standing, story=story,
        total=sum(line.quantity for line in found.lines),
    )  # fmt: skip


async def _find(context: Context) -> TransferView:
    async with context.database.read(context.merchant.id) as tx:
        try:
            return await views.transfer(tx, views.TransferQuery(str(context.request.path_params["ref"])[:64]))
        except NotFound as error:
            raise NotThere from error


@dataclass(frozen=True, slots=True)
class Act:
    """What can be done with a transfer: with which of its units, and what is asked of them."""

    verb: str
    word: str
    icon: str
    statuses: tuple[str, ...]
    counter: str
    """Where the units stand that it is about."""
    most: str
    """The head of the column that tells how many those are."""
    cells: tuple[tuple[str, str], ...]
    """What is asked of each line: (name, head)."""
    note: str
    done: str
    filled: bool = False
    """Whether all units are named beforehand."""
    whole: str = ""
    """The word on the button that names all units at once."""
    alone: bool = False
    """A page of its own, where a scanner may be used."""
    danger: bool = False


_SETTLED = (("came_home", N_("Came home")), ("lost", N_("Lost")))
ACTS: Final = {
    act.verb: act
    for act in (
        Act("ready", N_("Set aside"), "lock", ("draft",), "planned", N_("Planned"), (("units", N_("Set aside")),),
            N_("These units are kept at the sender: nobody else is promised them."), N_("The units of %(what)s are set aside."),
            filled=True),
        Act("ship", N_("Ship"), "truck", ("ready",), "ready", N_("Set aside"), (("units", N_("Leave")),),
            N_("What stays behind goes back on the shelf and is no longer planned."), N_("%(what)s is on its way."), filled=True,
            alone=True),
        Act("receive", N_("Receive"), "package-import", ("in_transit", "partially_received"), "in_transit", N_("On its way"),
            (("good", N_("Good")), ("damaged", N_("Damaged"))), N_("What is missing may still arrive later."),
            N_("What arrived of %(what)s is booked."), whole=N_("All arrived well"), alone=True),
        Act("close", N_("Close the transfer"), "checklist", ("partially_received",), "in_transit", N_("On its way"), _SETTLED,
            N_("Nothing more will arrive. Units that no number tells of are lost."), N_("%(what)s is closed."), danger=True),
        Act("cancel", N_("Cancel the transfer"), "ban", ("draft", "ready", "in_transit"), "in_transit", N_("On its way"), _SETTLED,
            N_("What was set aside goes back on the shelf. Of units on their way say to the last one what became of them."),
            N_("%(what)s is cancelled."), danger=True),
    )
}  # fmt: skip
"""In the order in which a page offers them."""


@dataclass(slots=True)
class Asked:
    """A line that a form asks about."""

    line: TransferLineView
    rows: list[tuple[str, Row]] = field(default_factory=list)
    """Its rows: one, or one for each of its units with a name."""


async def show_act(context: Context) -> Response:
    """The form for what can be done."""
    act = _act(context)
    found = await _find(context)
    return forms.show(context, _form(context, act, found, await _asked(context, act, found)))


async def do(context: Context) -> Response:
    """Do it."""
    act = _act(context)
    found = await _find(context)
    asked = await _asked(context, act, found)
    form = _form(context, act, found, asked)
    if form.scans and context.sent("code"):
        forms.refill(context, form)
        return forms.show(context, form, forms.scan(context, form))
    try:
        lines = [told for each in asked if (told := _told(context, act, each))]
        if not lines and not act.danger:
            raise ValueError(context._("Say which units: all are zero."))
    except ValueError as error:
        forms.refill(context, form)
        return forms.show(context, form, str(error))
    payload: dict[str, Any] = {"transfer": found.transfer, "lines": lines}
    if act.danger:
        payload["reason"] = context.sent("reason")
    if (version := context.sent("version")).isdecimal() and len(version) < 10:
        payload["expected_version"] = int(version)

    async def tell(decision: Decision) -> Told:
        return await preview.tell(context, decision, {})

    said = context._(act.done, what=found.transfer)
    back = f"/transfers/{found.transfer}"
    return await forms.submit(context, f"transfers.{act.verb}", form, payload, back, said, tell if act.danger else None)


def _act(context: Context) -> Act:
    act = ACTS.get(str(context.request.path_params["verb"]))
    if act is None:
        raise NotThere
    context.need("stock:write")
    return act


async def _asked(context: Context, act: Act, found: TransferView) -> list[Asked]:
    """The lines with units there, each with what is asked of it."""
    asked = []
    for line in found.lines:
        if getattr(line, act.counter):
            asked.append(Asked(line, list(_rows(context, act, line, await _names(context, act, found, line)))))
    return asked


async def _names(context: Context, act: Act, found: TransferView, line: TransferLineView) -> list[str]:
    """Units that can be named: on their way, or on the sender's shelf."""
    if line.tracking != "serial" or act.verb == "ready":
        return []
    if act.verb != "ship":
        return line.serials
    query = SerialsQuery(sku=line.sku, location=found.from_location, place="on_shelf", limit=NAMES_MAX)
    async with context.database.read(context.merchant.id) as tx:
        there = [unit.serial for unit in (await serials(tx, query)).items if unit.lot == line.lot]
    return list(dict.fromkeys([*line.serials, *there]))


def _rows(context: Context, act: Act, line: TransferLineView, names: Sequence[str]) -> Iterator[tuple[str, Row]]:
    heads = [(kind, context._(head)) for kind, head in act.cells]
    for name in names:
        value = "1" if act.filled and name in line.serials else ""
        cells = [
            Cell(f"{kind}-{line.line}-{name}", f"{head}, {line.sku} {name}", value, 1, head) for kind, head in heads
        ]
        yield name, Row(f"{line.sku} · {name}", line.name, 1, cells, name)
    if not names:
        most = getattr(line, act.counter)
        value, codes = (str(most), "") if act.filled else ("", "\n".join(filter(None, (line.sku, line.gtin))))
        lot = f" · {context._('lot')} {line.lot}" if line.lot else ""
        cells = [Cell(f"{kind}-{line.line}", f"{head}, {line.sku}", value, most, head) for kind, head in heads]
        yield "", Row(line.sku, f"{line.name}{lot}", most, cells, codes)


def _form(context: Context, act: Act, found: TransferView, asked: Sequence[Asked]) -> Simple:
    word = context._(act.word)
    rows = [row for each in asked for _, row in each.rows]
    fields = [Field("reason", context._("Reason"), required=True)] if act.danger else []
    return Simple(
        f"{word} · {found.transfer}", f"/transfers/{found.transfer}/do/{act.verb}", fields, word, f"/transfers/{found.transfer}",
        f"{found.from_location} → {found.to_location}. {context._(act.note)}", act.icon,
        hidden={"version": context.sent("version") or str(found.version)},
        table=Table(context._(act.most), [context._(head) for _, head in act.cells], rows) if rows else None,
        danger=act.danger, scans=act.alone and any(row.codes for row in rows), whole=context._(act.whole) if act.whole else "",
    )  # fmt: skip


def _told(context: Context, act: Act, asked: Asked) -> dict[str, Any]:
    """What the form says of a line, as the command wants it; empty where it says nothing. Raises ValueError."""
    sums, names = dict[str, int](), dict[str, list[str]]()
    for name, row in asked.rows:
        for (kind, _), cell in zip(act.cells, row.cells, strict=True):
            units = forms.units_of(context, row, cell)
            sums[kind] = sums.get(kind, 0) + units
            names.setdefault(kind, []).extend([name] * bool(name and units))
    if not any(sums.values()):
        return {}
    if act.danger:
        told: dict[str, Any] = {"came_home": sums["came_home"], "lost": sums["lost"]}
        named = {"lost_serials": names["lost"]}
    elif act.verb == "receive":
        told = {"quantity": sums["good"] + sums["damaged"], "damaged": sums["damaged"]}
        named = {"serials": names["good"] + names["damaged"], "damaged_serials": names["damaged"]}
    else:
        told, named = {"quantity": sums["units"]}, {"serials": names["units"]}
    return {"line": asked.line.line, **told, **{key: value for key, value in named.items() if value}}


Rows = list[dict[str, str]]
_COLUMNS = ("sku", "quantity", "lot")


async def show_new(context: Context) -> Response:
    """The form of a new one."""
    context.need("stock:write")
    row = {"sku": context.query("sku"), "quantity": context.query("quantity"), "lot": context.query("lot")}
    zone = ZoneInfo(context.merchant.time_zone)
    due = (context.now.astimezone(zone) + timedelta(days=USUAL_DAYS)).date().isoformat()
    sent = {"from_location": context.query("from"), "to_location": context.query("to"), "due": due}
    return await _new_form(context, [row], sent, "")


async def create(context: Context) -> Response:
    """Make the draft."""
    sent = {name: context.sent(name) for name in ("from_location", "to_location", "due", "reference")}
    lists = [[str(value).strip() for value in context.form.getlist(name)][:NEW_LINES_MAX] for name in _COLUMNS]
    rows = [dict(zip(_COLUMNS, cells, strict=True)) for cells in zip(*lists, strict=False)]
    rows = [row for row in rows if row["sku"]] or rows[:1]
    payload: dict[str, Any] = {
        "from_location": sent["from_location"], "to_location": sent["to_location"],
        "due_at": moment(context, f"{sent['due']}T12:00"),
        "lines": [{"sku": row["sku"], "quantity": forms.whole_number(row["quantity"]), "lot": row["lot"]} for row in rows],
    }  # fmt: skip
    if sent["reference"]:
        payload["reference"] = sent["reference"]
    if errors := explain(CreateTransfer, payload):
        said = forms.all_wrong(errors)
        return await _new_form(context, rows, sent, said)
    answer = await context.submit("transfers.create", payload)
    if not answer.accepted:
        return await _new_form(context, rows, sent, context.why_not(answer))
    name = decode(answer)["transfer"]
    return context.go(f"/transfers/{name}", context._("%(what)s is drafted; nothing moves yet.", what=name))


async def _new_form(context: Context, rows: Rows, sent: dict[str, str], error: str) -> Response:
    async with context.database.read(context.merchant.id) as tx:
        names = await read_names(tx)
    return context.render(
        "transfer_new.html", 409 if error else 200, rows=rows, sent=sent, error=error, once=form_id(),
        locations=sorted(names.locations.values()),
    )  # fmt: skip
