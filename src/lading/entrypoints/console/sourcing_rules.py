"""The merchant's rules of sourcing, line by line in their order, beside what looks wrong with them.

What is changed is a draft until it is saved: it travels in the form, as the JSON that the API takes, and every button sends all of it.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec
from starlette.responses import Response

from lading.entrypoints import trying
from lading.entrypoints.console import forms, preview, regions
from lading.entrypoints.console.context import Context, decode, form_id
from lading.entrypoints.console.fields import Field
from lading.entrypoints.console.forms import whole_number
from lading.entrypoints.console.words import N_
from lading.entrypoints.trying import LintQuery
from lading.sourcing.commands import (
    Amount,
    FilterRule,
    HandlingInput,
    RankingRule,
    RateInput,
    SaveSourcingRules,
    Strategy,
    ZoneInput,
)  # fmt: skip
from lading.terms.money import CurrencyCode
from lading.views import sourcing as views
from lading.views.names import Names, read_names

SAVE: Final = "sourcing-rules.save"
TAKES: Final = {
    "all_from_one": N_("all from one"),
    "fewest_parcels": N_("fewest parcels"),
    "cheapest": N_("the cheapest"),
    "earliest": N_("the earliest"),
}
FINDINGS: Final = {
    "never_reached": N_("can never fire"),
    "same_as_before": N_("says what was said before"),
    "names_nothing": N_("is not used"),
    "never_fired": N_("did not fire"),
    "orders_without": N_("orders fit none"),
}
KINDS: Final = {
    "filters": N_("Filter"),
    "rules": N_("Rule"),
    "strategies": N_("Strategy"),
    "zones": N_("Zone"),
}
LISTS: Final = {
    "filters": N_("Filters: who may send it"),
    "rules": N_("Rules: who comes first"),
    "strategies": N_("Strategies: what is taken"),
}
"""In the order in which they act."""
NEW: Final = {"filters": N_("New filter"), "rules": N_("New rule"), "strategies": N_("New strategy")}
BY: Final = {
    "listed": N_("in this order: %(what)s"),
    "priority": N_("by priority"),
    "nearest": N_("the nearest first"),
    "most_stock": N_("most stock first"),
    "oldest_stock": N_("oldest stock first"),
    "lowest_workload": N_("least work first"),
    "soonest": N_("who sends soonest first"),
    "stores_last": N_("stores last"),
    "stock": N_("not with fewer than %(what)s units"),
    "distance": N_("not beyond %(what)s km"),
    "capability": N_("only who can: %(what)s"),
    "cut_off": N_("only what leaves within %(what)s days"),
    "workload": N_("not with more than %(what)s orders to do"),
    "only": N_("only %(what)s"),
    "never": N_("not %(what)s"),
}
RANK_BY: Final = tuple(BY)[:8]
FILTER_BY: Final = tuple(BY)[8:]
CAPABILITIES: Final = {
    "hazardous": N_("dangerous goods"),
    "pickup": N_("pickup by customers"),
    "returns": N_("taking returns"),
}
PLACE_KINDS: Final = {
    "warehouse": N_("warehouse"),
    "store": N_("store"),
    "vendor": N_("vendor"),
    "virtual": N_("virtual"),
}
BLANK: Final[dict[str, dict[str, Any]]] = {
    "filters": {"by": "never"},
    "rules": {"by": "nearest"},
    "strategies": {"take": "fewest_parcels"},
}
_NUMBERS: Final = {"stock": "units", "distance": "km", "cut_off": "days", "workload": "orders"}


class Costs(msgspec.Struct, frozen=True):
    """As CostsInput, while its zones and rates are still being said."""

    currency: CurrencyCode
    zones: list[ZoneInput] = []
    rates: list[RateInput] = []
    handling: list[HandlingInput] = []
    per_order: Amount = "0"
    per_unit: Amount = "0"
    per_split: Amount = "0"
    grams: int = 500


class Draft(msgspec.Struct, frozen=True):
    """Rules as they stand in the form: each line is one that can be, all of them together perhaps not yet."""

    filters: list[FilterRule] = []
    rules: list[RankingRule] = []
    strategies: list[Strategy] = []
    costs: Costs | None = None


class Editing(NamedTuple):
    """The line whose fields are open."""

    kind: str
    """filters, rules, strategies, costs, zones"""
    at: int
    """Its position; that of the end for a new one."""
    fields: list[Field]
    problem: str = ""


def says(context: Context, rule: RankingRule | FilterRule) -> str:
    """What a rule or a filter does, in a few words."""
    names = [*rule.locations]
    if isinstance(rule, FilterRule):
        names += [*rule.groups, *(context._(PLACE_KINDS[kind]) for kind in rule.kinds)]
        names += [str(each) for each in (rule.units, rule.km, rule.days, rule.orders) if each is not None]
        names += [context._(CAPABILITIES[rule.capability])] if rule.capability else []
    between = " › " if isinstance(rule, RankingRule) else ", "
    return context._(BY[rule.by], what=between.join(names))


async def show(context: Context) -> Response:
    """The rules in force, and what looks wrong with them."""
    return await render(context)


async def change(context: Context) -> Response:
    """One step with the draft: a line up, down, away, open or taken over; all of it checked or saved. What is refused stays."""
    step, *of = context.sent("do").split() or ["check"]
    text = context.sent("rules") or "{}"
    try:
        raw = msgspec.json.decode(text, type=dict[str, Any])
        msgspec.convert(raw, Draft)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        return await render(context, text=text, problem=str(error))
    if step == "save":
        return await _save(context, raw)
    kind, at = (of[0], int(of[1])) if len(of) == 2 and of[1].isdecimal() else ("", 0)
    if kind not in (*LISTS, "costs", *(("zones",) if raw.get("costs") else ())):
        kind = ""
    if kind == "costs" and step == "drop":
        raw["costs"] = None
    elif kind and step in ("up", "down", "drop"):
        _move(_lines(raw, kind), at, step)
        _keep_rates(raw)
    elif kind and step in ("open", "put"):
        return await _line(context, raw, kind, at, taken=step == "put")
    return await render(context, raw)


def _move(lines: list[Any], at: int, step: str) -> None:
    """One line up, down or away; where it cannot go it stays."""
    if at >= len(lines):
        return
    line = lines.pop(at)
    if step != "drop":
        lines.insert(max(0, at - 1) if step == "up" else at + 1, line)


def _lines(raw: dict[str, Any], kind: str) -> list[Any]:
    """The lines of one kind, as they are in the draft."""
    if kind == "costs":
        return [raw.get("costs") or {}]
    of: dict[str, Any] = (raw.get("costs") or {}) if kind == "zones" else raw
    lines: list[Any] = of.setdefault(kind, [])
    return lines


def _keep_rates(raw: dict[str, Any]) -> None:
    """The rates of zones that there are."""
    if costs := raw.get("costs"):
        zones = {each["zone"] for each in costs.get("zones", ())}
        costs["rates"] = [each for each in costs.get("rates", ()) if each["zone"] in zones]


async def _save(context: Context, raw: dict[str, Any]) -> Response:
    context.need("policies:write")
    version = context.sent("version")
    if version.isdecimal() and len(version) < 10:
        raw = {**raw, "expected_version": int(version)}
    try:
        answer = await context.submit(SAVE, raw)
    except msgspec.ValidationError as error:
        return await render(context, raw, problem=str(error))
    if not answer.accepted:
        return await render(context, raw, problem=context.why_not(answer))
    return context.go(
        "/sourcing", context._("The rules are saved, as version %(version)s.", version=decode(answer)["version"])
    )


async def _line(context: Context, raw: dict[str, Any], kind: str, at: int, *, taken: bool) -> Response:
    """The fields of one line; or what was typed into them, taken over into the draft."""
    lines = _lines(raw, kind)
    kept = lines[at] if at < len(lines) else BLANK.get(kind, {})
    async with context.database.read(context.merchant.id) as tx:
        names = await read_names(tx)
    if kind == "zones":
        rates = [each for each in raw["costs"].get("rates", ()) if each["zone"] == kept.get("zone")] if kept else []
        fields = _zone_fields(context, kept, rates, names)
    else:
        fields = _cost_fields(context, kept, names) if kind == "costs" else _fields(context, kind, kept, names)
    if not taken:
        return await render(context, raw, Editing(kind, at, fields))
    try:
        _take_over(context, raw, kind, at, fields)
    except ValueError as error:
        return await render(context, raw, Editing(kind, at, forms.filled(context, fields), preview.plain(str(error))))
    return await render(context, raw)


def _take_over(context: Context, raw: dict[str, Any], kind: str, at: int, fields: Sequence[Field]) -> None:
    """What was typed as a line of the draft. Raises ValueError for what cannot be one."""
    lines, line = _lines(raw, kind), _typed(context, kind, fields)
    if kind == "costs":
        msgspec.convert(line, Costs)
        raw["costs"] = {**lines[0], **line}
        return
    if kind == "zones":
        rates = [{"zone": line["zone"], **each} for each in line.pop("rates")]
        msgspec.convert(rates, list[RateInput])
        before = lines[at]["zone"] if at < len(lines) else line["zone"]
        others = [each for each in raw["costs"].get("rates", ()) if each["zone"] not in (before, line["zone"])]
        raw["costs"]["rates"] = [*others, *rates]
    types = {"filters": FilterRule, "rules": RankingRule, "strategies": Strategy, "zones": ZoneInput}
    msgspec.convert(line, types[kind])
    lines[at : at + 1] = [line]
    _keep_rates(raw)


def _words(context: Context, words: Mapping[str, str], **values: str) -> list[tuple[str, str]]:
    return [(key, context._(word, **values)) for key, word in words.items()]


def _fields(context: Context, kind: str, kept: Mapping[str, Any], names: Names) -> list[Field]:
    """What can be said of a line; what does not belong to what it is `by` is hidden."""
    _, when = context._, kept.get("when") or {}
    fields = [Field("name", _("Name"), required=True, value=str(kept.get("name", "")), wide=True)]
    if kind == "strategies":
        split = {True: "yes", False: "no"}.get(kept.get("may_split"), "")  # type: ignore[arg-type]
        choice = [("", _("as the policy says")), ("yes", _("may be split")), ("no", _("never split"))]
        fields += [
            Field("take", _("What is taken"), "select", _words(context, TAKES), value=str(kept.get("take", ""))),
            Field("may_split", _("Splitting"), "select", choice, value=split),
        ]
    else:
        by = RANK_BY if kind == "rules" else FILTER_BY
        options = [(name, _(BY[name], what="…")) for name in by]
        fields.append(Field("by", _("Says"), "select", options, value=str(kept.get("by", "")), wide=True))
        places = "\n".join(kept.get("locations", ()))
        hint = _("Codes, one in a line; the first is the best") if kind == "rules" else _("Codes, one in a line")
        fields.append(Field("locations", _("Locations"), "names", value=places, hint=hint))
    if kind == "filters":
        numbers = {"units": _("Units"), "km": "km", "days": _("Days"), "orders": _("Orders to do")}
        fields += [
            Field(name, word, "number", value="" if kept.get(name) is None else str(kept[name]))
            for name, word in numbers.items()
        ]
        fields += [
            Field("capability", _("Capability"), "select", _words(context, CAPABILITIES), value=kept.get("capability") or ""),
            Field("kinds", _("Kinds"), "checks", _words(context, PLACE_KINDS), value="\n".join(kept.get("kinds", ()))),
            Field("groups", _("Groups"), "names", value="\n".join(kept.get("groups", ())), hint=_("Codes, one in a line")),
        ]  # fmt: skip
    channels, products = sorted(names.channels.values()), "\n".join(when.get("products", ()))
    return [
        *fields,
        Field("channels", _("Only orders of these channels"), "checks", channels, value="\n".join(when.get("channels", ()))),
        regions.field(context, _("Only orders to"), when.get("regions", ())),
        Field("products", _("Only orders with one of"), "names", value=products, hint=_("Product codes, one in a line")),
    ]  # fmt: skip


def _typed(context: Context, kind: str, fields: Sequence[Field]) -> dict[str, Any]:
    """The line as it was typed, with what belongs to it only. Raises ValueError."""
    sent = forms.payload_of(context, fields)
    if kind == "costs":
        return _typed_costs(sent)
    if kind == "zones":
        return _typed_zone(context, sent)

    def lines(name: str) -> list[str]:
        return context.sent(name).replace(",", " ").split()

    when = {
        "channels": sent.get("channels"), "regions": regions.typed(context, sent.get("regions", ())), "products": lines("products"),
    }  # fmt: skip
    line: dict[str, Any] = {"name": context.sent("name")}
    if kind == "strategies":
        line["take"] = context.sent("take")
        if split := context.sent("may_split"):
            line["may_split"] = split == "yes"
    else:
        by = line["by"] = context.sent("by")
        if by in _NUMBERS:
            line[_NUMBERS[by]] = sent.get(_NUMBERS[by])
        elif by == "capability":
            line["capability"] = context.sent("capability")
        elif by in ("listed", "only", "never"):
            line["locations"] = lines("locations")
        if by in ("only", "never"):
            line |= {"kinds": sent.get("kinds", []), "groups": lines("groups")}
    if when := {name: given for name, given in when.items() if given}:
        line["when"] = when
    return line


def _zone_fields(
    context: Context, kept: Mapping[str, Any], rates: Sequence[Mapping[str, Any]], names: Names
) -> list[Field]:
    """One zone with its rates."""
    _ = context._
    columns = [Field("up_to_grams", _("Up to, grams"), "number", low=1), Field("amount", _("Costs"))]
    places = [(code, code) for code, _name in sorted(names.locations.values())]
    return [
        Field("zone", _("Zone"), required=True, value=str(kept.get("zone", ""))),
        Field("up_to_km", _("Up to, km"), "number", value=str(kept.get("up_to_km") or ""), hint=_("Empty: however far")),
        Field("locations", _("From these locations; none: from all"), "checks", places, wide=True,
              value="\n".join(kept.get("locations", ()))),
        regions.field(context, _("To"), kept.get("regions", ()), wide=True),
        Field("rates", _("What a parcel costs"), "rows", columns=columns, required=True,
              rows=[(str(each["up_to_grams"]), each["amount"]) for each in rates], wide=True),
    ]  # fmt: skip


def _typed_zone(context: Context, sent: Mapping[str, Any]) -> dict[str, Any]:
    to = regions.typed(context, sent.get("regions", ()))
    rates = [
        {"up_to_grams": whole_number(grams), "amount": amount.replace(",", ".")}
        for grams, amount in sent.get("rates", ())
    ]
    if not rates:
        raise ValueError(context._("Say what a parcel of some weight costs in this zone."))
    given = {"locations": sent.get("locations"), "regions": to, "up_to_km": sent.get("up_to_km")}
    return {"zone": sent.get("zone", ""), "rates": rates, **{name: value for name, value in given.items() if value}}


def _cost_fields(context: Context, kept: Mapping[str, Any], names: Names) -> list[Field]:
    """What is counted beside the postage of the zones."""
    _ = context._

    def text(name: str, label: str, default: str = "0") -> Field:
        return Field(name, label, value=str(kept.get(name, default)))

    places = [("", ""), *((code, code) for code, _name in sorted(names.locations.values()))]
    columns = [
        Field("location", _("Location"), "select", places), Field("per_order", _("For an order")), Field("per_unit", _("For a unit")),
    ]  # fmt: skip
    elsewhere = [
        (each["location"], each.get("per_order", "0"), each.get("per_unit", "0")) for each in kept.get("handling", ())
    ]
    return [
        text("currency", _("Currency"), context.merchant.currency), text("per_order", _("Handling of an order")),
        text("per_unit", _("Handling of a unit")), text("per_split", _("Each further location")),
        Field("grams", _("Grams where a weight is unknown"), "number", value=str(kept.get("grams", 500))),
        Field("handling", _("Handling elsewhere"), "rows", columns=columns, rows=elsewhere, wide=True),
    ]  # fmt: skip


def _typed_costs(sent: Mapping[str, Any]) -> dict[str, Any]:
    names = ("currency", "per_order", "per_unit", "per_split")
    handling = [
        {"location": place, "per_order": (order or "0").replace(",", "."), "per_unit": (unit or "0").replace(",", ".")}
        for place, order, unit in sent.get("handling", ())
    ]
    amounts = {name: sent.get(name, "0").replace(",", ".") for name in names}
    return {**amounts, "grams": sent.get("grams", 0), "handling": handling}


async def render(
    context: Context,
    raw: dict[str, Any] | None = None,
    editing: Editing | None = None,
    *,
    text: str | None = None,
    problem: str = "",
) -> Response:
    """The page: the draft (None: the rules in force), or text that is no draft and stays as it was typed."""
    async with context.database.read(context.merchant.id) as tx:
        kept = await views.rules(tx, views.RulesQuery())
        in_force = _slim(msgspec.to_builtins(kept.rules))
        draft = msgspec.convert(in_force if raw is None else raw, Draft)
        linted, incomplete = None, ""
        try:
            shown = msgspec.convert(in_force if raw is None else raw, SaveSourcingRules)
            linted = await trying.lint(tx, LintQuery(rules=shown)) if not shown.empty else None
        except msgspec.ValidationError as error:
            no_zone = draft.costs is not None and not draft.costs.zones
            incomplete = context._("The costs lack a zone with what a parcel costs there.") if no_zone else str(error)
        latest = await views.previews(tx, views.PreviewsQuery())
    if text is None:
        text = msgspec.json.format(msgspec.json.encode(in_force if raw is None else _slim(raw)), indent=2).decode()
    return context.render(
        "sourcing.html",
        422 if problem or (editing and editing.problem) else 200,
        kept=kept,
        version=context.sent("version") or str(kept.version),
        draft=draft,
        changed=raw is not None and _slim(raw) != in_force,
        editing=editing,
        text=text,
        problem=problem or incomplete,
        linted=linted,
        lists=LISTS,
        new=NEW,
        takes=TAKES,
        says=lambda rule: says(context, rule),
        findings=FINDINGS,
        kinds=KINDS,
        previews=latest.items,
        once=form_id(),
    )


def _slim(value: Any) -> Any:
    """Without what is empty or as it is by default, for people to read."""
    if isinstance(value, dict):
        slim = {name: _slim(each) for name, each in value.items()}
        return {name: each for name, each in slim.items() if each not in (None, [], {}, "0")}
    return [_slim(each) for each in value] if isinstance(value, list) else value
