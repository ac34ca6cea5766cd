"""The merchant's rules of sourcing, line by line in their order, beside what looks wrong with them.

What is changed is a draft until it is saved: it travels in the form, as the JSON that the API takes, and every button sends all of it.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec
from starlette.responses import Response

from lading.entrypoints import trying
from lading.entrypoints.console.context import Context, decode, form_id
from lading.entrypoints.console.fields import Field
from lading.entrypoints.console.words import N_
from lading.entrypoints.trying import LintQuery
from lading.sourcing.commands import CostsInput, FilterRule, RankingRule, SaveSourcingRules, Strategy
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


class Draft(msgspec.Struct, frozen=True):
    """Rules as they stand in the form: each line is one that can be, all of them together perhaps not yet."""

    filters: list[FilterRule] = []
    rules: list[RankingRule] = []
    strategies: list[Strategy] = []
    costs: CostsInput | None = None


class Editing(NamedTuple):
    """The line whose fields are open."""

    kind: str
    """filters, rules, strategies, costs"""
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
    kind, at = (of[0], int(of[1])) if len(of) == 2 and of[1].isdecimal() and of[0] in (*LISTS, "costs") else ("", 0)
    if kind == "costs" and step == "drop":
        raw["costs"] = None
    elif kind in LISTS and step in ("up", "down", "drop"):
        _move(raw.setdefault(kind, []), at, step)
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
    lines = [raw.get("costs") or {}] if kind == "costs" else raw.setdefault(kind, [])
    kept = lines[at] if at < len(lines) else BLANK[kind]
    async with context.database.read(context.merchant.id) as tx:
        names = await read_names(tx)
    if not taken:
        fields = _cost_fields(context, kept) if kind == "costs" else _fields(context, kind, kept, names)
        return await render(context, raw, Editing(kind, at, fields))
    line: dict[str, Any] = {}
    try:
        line = _typed_costs(context) if kind == "costs" else _typed(context, kind)
        types = {"filters": FilterRule, "rules": RankingRule, "strategies": Strategy, "costs": CostsInput}
        msgspec.convert(line, types[kind])
    except ValueError as error:
        fields = _cost_fields(context, {}) if kind == "costs" else _fields(context, kind, {}, names)
        fields = [
            each.with_value("\n".join(map(str, context.form.getlist(each.name))) if each.kind == "checks" else context.sent(each.name))
            for each in fields
        ]  # fmt: skip
        return await render(context, raw, Editing(kind, at, fields, str(error)))
    if kind == "costs":
        raw["costs"] = line
    else:
        lines[at : at + 1] = [line]
    return await render(context, raw)


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
    hint = _("A country in a line, with what postal codes begin with: DE 8 9")
    return [
        *fields,
        Field("channels", _("Only orders of these channels"), "checks", channels, value="\n".join(when.get("channels", ()))),
        Field("regions", _("Only orders to"), "names", value=_written(when.get("regions", ())), hint=hint),
        Field("products", _("Only orders with one of"), "names", value=products, hint=_("Product codes, one in a line")),
    ]  # fmt: skip


def _written(regions: Sequence[Mapping[str, Any]]) -> str:
    """DE 8 9, one region in a line."""
    return "\n".join(" ".join([each["country"], *each.get("postal_codes", ())]) for each in regions)


def _regions(text: str, between: str = "\n") -> list[dict[str, Any]]:
    """As `_written`."""
    lines = [line.replace(",", " ").split() for line in text.split(between)]
    return [{"country": line[0].upper(), **({"postal_codes": line[1:]} if line[1:] else {})} for line in lines if line]


def _typed(context: Context, kind: str) -> dict[str, Any]:
    """The line as it was typed, with what belongs to it only."""

    def lines(name: str) -> list[str]:
        return context.sent(name).replace(",", " ").split()

    def ticked(name: str) -> list[str]:
        return [str(value) for value in context.form.getlist(name)]

    when = {"channels": ticked("channels"), "regions": _regions(context.sent("regions")), "products": lines("products")}
    line: dict[str, Any] = {"name": context.sent("name")}
    if kind == "strategies":
        line["take"] = context.sent("take")
        if split := context.sent("may_split"):
            line["may_split"] = split == "yes"
    else:
        by = line["by"] = context.sent("by")
        if by in _NUMBERS:
            number = context.sent(_NUMBERS[by])
            line[_NUMBERS[by]] = int(number) if number.isdecimal() and len(number) < 10 else None
        elif by == "capability":
            line["capability"] = context.sent("capability")
        elif by in ("listed", "only", "never"):
            line["locations"] = lines("locations")
        if by in ("only", "never"):
            line |= {"kinds": ticked("kinds"), "groups": lines("groups")}
    if when := {name: given for name, given in when.items() if given}:
        line["when"] = when
    return line


def _cost_fields(context: Context, kept: Mapping[str, Any]) -> list[Field]:
    """The table of costs: zones and rates are written one in a line."""
    _ = context._
    zones = [
        " | ".join([
            each["zone"], " ".join(each.get("locations", ())), _written(each.get("regions", ())).replace("\n", ", "),
            str(each.get("up_to_km") or ""),
        ]).rstrip(" |")
        for each in kept.get("zones", ())
    ]  # fmt: skip
    rates: dict[str, list[str]] = {}
    for each in kept.get("rates", ()):
        rates.setdefault(each["zone"], []).append(f"{each['up_to_grams']} = {each['amount']}")
    handling = [
        f"{each['location']}: {each.get('per_order', '0')} {each.get('per_unit', '0')}"
        for each in kept.get("handling", ())
    ]

    def text(name: str, label: str, default: str = "0") -> Field:
        return Field(name, label, value=str(kept.get(name, default)))

    hints = (
        _(
            "The first that fits counts. Zone | from locations | to countries | up to km: near | HAM MUC | DE 2, DE 8 | 300"
        ),
        _("What a parcel of up to so many grams costs, a zone in a line: near: 5000 = 4.10; 31500 = 8.90"),
        _("For an order and for a unit, a location in a line: MUC: 0.90 0.10"),
    )
    written = "\n".join(f"{zone}: {'; '.join(each)}" for zone, each in rates.items())
    return [
        text("currency", _("Currency"), context.merchant.currency), text("per_order", _("Handling of an order")),
        text("per_unit", _("Handling of a unit")), text("per_split", _("Each further location")),
        Field("grams", _("Grams where a weight is unknown"), "number", value=str(kept.get("grams", 500))),
        Field("zones", _("Zones"), "names", value="\n".join(zones), wide=True, hint=hints[0]),
        Field("rates", _("Rates"), "names", value=written, wide=True, hint=hints[1]),
        Field("handling", _("Handling elsewhere"), "names", value="\n".join(handling), wide=True, hint=hints[2]),
    ]  # fmt: skip


def _typed_costs(context: Context) -> dict[str, Any]:
    """As `_cost_fields` writes it. Raises ValueError for a line that cannot be read."""
    zones, rates, handling = list[dict[str, Any]](), list[dict[str, Any]](), list[dict[str, Any]]()
    for line in filter(None, map(str.strip, context.sent("zones").splitlines())):
        zone, places, to, km = ([each.strip() for each in line.split("|")] + ["", "", ""])[:4]
        given = {"locations": places.split(), "regions": _regions(to, ","), "up_to_km": _whole(context, km, line)}
        zones.append({"zone": zone, **{name: value for name, value in given.items() if value}})
    for line in filter(None, map(str.strip, context.sent("rates").splitlines())):
        zone, _colon, steps = line.partition(":")
        for step in filter(None, map(str.strip, steps.split(";"))):
            grams, _equals, amount = step.partition("=")
            rates.append({"zone": zone.strip(), "up_to_grams": _whole(context, grams, line), "amount": amount.strip()})
    for line in filter(None, map(str.strip, context.sent("handling").splitlines())):
        place, _colon, amounts = line.partition(":")
        handling.append(
            dict(zip(("location", "per_order", "per_unit"), [place.strip(), *amounts.split()], strict=False))
        )
    names = ("currency", "per_order", "per_unit", "per_split")
    line_ = {name: context.sent(name) or "0" for name in names} | {"zones": zones, "rates": rates, "handling": handling}
    return line_ | {"grams": _whole(context, context.sent("grams"), "") or 0}


def _whole(context: Context, text: str, line: str) -> int | None:
    if text.strip() and not (text.strip().isdecimal() and len(text.strip()) < 10):
        raise ValueError(context._("%(line)s: a whole number was expected.", line=line or text))
    return int(text) if text.strip() else None


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
            incomplete = str(error)
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
