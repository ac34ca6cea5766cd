"""One location: where it is, what it can do, when it works and how much it does in a day; and how its next days look."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

import msgspec
from starlette.responses import Response

from lading.catalog.commands import SaveLocation
from lading.catalog.schedule import WEEKDAYS, OpeningDay, Schedule, SpecialDay, is_zone
from lading.entrypoints.api.problems import explain
from lading.entrypoints.console import forms, preview
from lading.entrypoints.console.context import Context, NotThere, form_id
from lading.entrypoints.console.words import N_
from lading.views.network import DaysQuery, GroupsQuery, LocationDays, location_days, location_groups
from lading.views.products import Location, LocationsQuery, locations

KINDS: Final = (
    ("warehouse", N_("warehouse")),
    ("store", N_("store")),
    ("vendor", N_("vendor, ships for us")),
    ("virtual", N_("virtual")),
)
DAYS_SHOWN = 14
SPECIAL_ROWS = 200
"""Dates to come that are shown; those after them, and those that are over, stay as they are."""
DAY_NAMES: Final = {
    "monday": N_("Monday"), "tuesday": N_("Tuesday"), "wednesday": N_("Wednesday"), "thursday": N_("Thursday"),
    "friday": N_("Friday"), "saturday": N_("Saturday"), "sunday": N_("Sunday"),
}  # fmt: skip
CAPABILITIES: Final = (
    ("ship", N_("sends orders")),
    ("pickup", N_("hands them to customers")),
    ("returns", N_("takes returns back")),
    ("hazardous", N_("may hold dangerous goods")),
)
LABELS: Final = {
    "name": N_("Name"), "kind": N_("Kind"), "country": N_("Country"), "time_zone": N_("Time zone"), "priority": N_("Priority"),
    "group": N_("Group"), "line1": N_("Street"), "line2": N_("Building, floor"), "city": N_("City"), "region": N_("Region"),
    "postal_code": N_("Postal code"), "opens": N_("Opens"), "closes": N_("Closes"), "cut_off": N_("Cut-off"),
    "capacity": N_("Capacity"), "per_day": N_("Capacity of a day"), "holidays": N_("Public holidays of"),
    "processing_days": N_("Processing days"), "horizon_days": N_("Looks ahead, days"), "date": N_("Date"),
}  # fmt: skip
_BASIC = ("name", "kind", "country", "time_zone", "group")
_ADDRESS = ("line1", "line2", "city", "region", "postal_code")
_HOURS = ("opens", "closes", "cut_off", "capacity")
_SPECIAL = ("date", "open", "name", *_HOURS)
_USUAL_HORIZON = Schedule().horizon_days


@dataclass(slots=True)
class Sheet:
    """What stands in the form, as text."""

    values: dict[str, str] = field(default_factory=dict)
    capabilities: list[str] = field(default_factory=list)
    week: dict[str, dict[str, str]] = field(default_factory=dict)
    """Of each day on which it works."""
    special: list[dict[str, str]] = field(default_factory=list)


async def show(context: Context) -> Response:
    """The location and its next days."""
    found = await _find(context)
    return await _render(context, found, _sheet(found, _today(context, found)), "")


async def save(context: Context) -> Response:
    """Save all of it."""
    context.need("catalog:write")
    found = await _find(context)
    sheet = _typed(context)
    try:
        payload = _payload(context, found, sheet)
        answer = await context.submit("locations.save", payload)
    except ValueError as error:
        return await _render(context, found, sheet, str(error))
    if not answer.accepted:
        said = context.why_not(answer)
        return await _render(context, found, sheet, said)
    return context.go(address(found.code), context._("%(code)s is saved.", code=found.code))


def address(code: str) -> str:
    """The page of a location."""
    return f"/locations/of/{quote(code, safe='')}"


async def _find(context: Context) -> Location:
    """Raises NotThere."""
    code = str(context.request.path_params["code"])
    async with context.database.read(context.merchant.id) as tx:
        every = (await locations(tx, LocationsQuery())).items
    found = next((each for each in every if each.code == code), None)
    if found is None:
        raise NotThere
    return found


async def _render(context: Context, found: Location, sheet: Sheet, error: str) -> Response:
    async with context.database.read(context.merchant.id) as tx:
        groups = (await location_groups(tx, GroupsQuery())).items
        days: LocationDays = await location_days(tx, DaysQuery(found.code, days=DAYS_SHOWN))
    return context.render(
        "location.html",
        409 if error else 200,
        item=found,
        sheet=sheet,
        error=error,
        days=days,
        groups=groups,
        here=address(found.code),
        kinds=KINDS,
        capabilities=CAPABILITIES,
        day_names=DAY_NAMES,
        hours=_HOURS,
        labels=LABELS,
        blank=dict.fromkeys(_SPECIAL, ""),
        once=form_id(),
        may_save=context.may_do("locations.save"),
    )


def _today(context: Context, found: Location) -> date:
    return context.now.astimezone(ZoneInfo(found.time_zone)).date()


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _sheet(found: Location, today: date) -> Sheet:
    """The form as the location is."""
    schedule = found.schedule or Schedule()
    capacity = schedule.capacity
    values = {name: _text(getattr(found, name)) for name in (*_BASIC, "priority")}
    values |= {name: _text(getattr(found.address, name, None)) for name in _ADDRESS}
    values |= {
        name: _text(getattr(schedule, name)) for name in ("holidays", "cut_off", "processing_days", "horizon_days")
    }
    values |= {"active": "yes" if found.active else "", "counted": "yes" if found.schedule else ""}
    values |= {"per_day": _text(capacity and capacity.per_day), "counts": capacity.counts if capacity else "orders"}
    week: dict[str, dict[str, str]] = {each.weekday: _hours(each) for each in schedule.week}
    week = week or {day: dict.fromkeys(_HOURS, "") for day in WEEKDAYS}
    shown, _ = _special_days(schedule, today)
    special = [
        {"date": each.date.isoformat(), "open": "yes" if each.open else "", "name": each.name, **_hours(each)}
        for each in shown
    ]
    return Sheet(values, list(found.capabilities), week, special)


def _hours(each: OpeningDay | SpecialDay) -> dict[str, str]:
    return {name: _text(getattr(each, name)) for name in _HOURS}


def _special_days(schedule: Schedule, today: date) -> tuple[list[SpecialDay], list[SpecialDay]]:
    """Those that the form shows, and those that it leaves as they are."""
    every = sorted(schedule.special_days, key=lambda each: each.date)
    to_come = [each for each in every if each.date >= today]
    shown = to_come[:SPECIAL_ROWS]
    return shown, [each for each in every if each.date < today] + to_come[SPECIAL_ROWS:]


def _typed(context: Context) -> Sheet:
    """The form as it was sent."""
    names = (*_BASIC, "priority", *_ADDRESS, "active", "counted", "holidays", "cut_off", "processing_days",
             "horizon_days", "per_day", "counts")  # fmt: skip
    week = {
        day: {name: context.sent(f"{day}.{name}") for name in _HOURS}
        for day in WEEKDAYS
        if context.sent(f"{day}.works") == "yes"
    }
    lists = [[str(value).strip() for value in context.form.getlist(f"special.{name}")] for name in _SPECIAL]
    rows = [dict(zip(_SPECIAL, cells, strict=True)) for cells in zip(*lists, strict=False)]
    return Sheet(
        {name: context.sent(name) for name in names},
        [str(value) for value in context.form.getlist("capabilities")],
        week,
        [row for row in rows if any(row[name] for name in ("date", "name", *_HOURS))],
    )


def _payload(context: Context, found: Location, sheet: Sheet) -> dict[str, Any]:
    """The whole location as the command wants it. Raises ValueError with a sentence for people."""
    values = sheet.values
    if not is_zone(values["time_zone"]):
        raise ValueError(context._("There is no such time zone."))
    if values["counted"] and not sheet.week:
        raise ValueError(context._("It works on no day of the week. If it fills no orders for now, make it inactive."))
    payload: dict[str, Any] = {
        "code": found.code,
        **{name: values[name] for name in _BASIC if values[name]},
        "group": values["group"] or None,
        "priority": forms.whole_number(values["priority"] or "100"),
        "active": values["active"] == "yes",
        "address": _filled({name: values[name] for name in _ADDRESS}) or None,
        "capabilities": sheet.capabilities,
        "schedule": _schedule(found, sheet, _today(context, found)) if values["counted"] else None,
    }
    if wrong := explain(SaveLocation, payload):
        raise ValueError("; ".join(_blame(context, payload, each.pointer, each.detail) for each in wrong[:5]))
    return payload


def _schedule(found: Location, sheet: Sheet, today: date) -> dict[str, Any]:
    values = sheet.values
    week = [{"weekday": day, **_cells(hours)} for day, hours in sheet.week.items()]
    kept = _special_days(found.schedule, today)[1] if found.schedule else []
    special = [
        {**_filled({name: row[name] for name in ("date", "name")}), "open": row["open"] == "yes", **_cells(row)}
        for row in sheet.special
    ]
    schedule: dict[str, Any] = {
        "week": [] if len(week) == len(WEEKDAYS) and all(len(each) == 1 for each in week) else week,
        "special_days": [*msgspec.to_builtins(kept), *special],
        "processing_days": forms.whole_number(values["processing_days"] or "0"),
        "horizon_days": forms.whole_number(values["horizon_days"] or str(_USUAL_HORIZON)),
        **_filled({name: values[name] for name in ("holidays", "cut_off")}),
    }
    if values["per_day"]:
        schedule["capacity"] = {
            "per_day": forms.whole_number(values["per_day"]),
            "counts": values["counts"] or "orders",
        }
    return schedule


def _cells(typed: Mapping[str, str]) -> dict[str, Any]:
    """Opening hours and capacity that were typed."""
    cells: dict[str, Any] = _filled({name: typed[name] for name in _HOURS})
    return cells | ({"capacity": forms.whole_number(cells["capacity"])} if "capacity" in cells else {})


def _filled(texts: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in texts.items() if text}


def _blame(context: Context, payload: Mapping[str, Any], pointer: str, detail: str) -> str:
    """'Monday, Opens: ...' for /schedule/week/0/opens."""
    parts = pointer.strip("/").split("/")
    label = context._(LABELS[parts[-1]]) if parts[-1] in LABELS else parts[-1].replace("_", " ")
    said = preview.plain(detail)
    if len(parts) > 3 and parts[2].isdecimal():
        row: Mapping[str, Any] = payload[parts[0]][parts[1]][int(parts[2])]
        weekday = DAY_NAMES.get(row.get("weekday", ""))
        day = context._(weekday) if weekday else str(row.get("date", ""))
        return f"{day}, {label}: {said}".removeprefix(", ")
    return f"{label}: {said}"
