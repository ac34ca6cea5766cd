"""Orders come from where the merchant's rules say, and the decision is told."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec

from lading.entrypoints import trying
from lading.operations.registry import verbs
from lading.terms.money import Money
from lading.views import sourcing
from lading.views.availability import AvailabilityQuery, CurveQuery, availability, promise_curve
from lading.views.sourcing import RulesQuery, SourcingExplained, SourcingQuery
from tests.operations.conftest import Shop

COSTS: dict[str, Any] = {
    "currency": "EUR", "per_order": "1.00", "per_split": "0.50", "grams": 1_000,
    "zones": [{"zone": "near", "locations": ["MUC", "LEJ"]}, {"zone": "far"}],
    "rates": [
        {"zone": "near", "up_to_grams": 5_000, "amount": "3.00"}, {"zone": "near", "up_to_grams": 31_500, "amount": "9.00"},
        {"zone": "far", "up_to_grams": 2_000, "amount": "4.50"}, {"zone": "far", "up_to_grams": 31_500, "amount": "12.00"},
    ],
}  # fmt: skip
HAMBURG = {"name": "Ada Meyer", "city": "Hamburg", "country": "DE", "postal_code": "20457"}


async def save(shop: Shop, **rules: Any) -> dict[str, Any]:
    return await shop.do("sourcing-rules.save", **rules)


async def taken(shop: Shop, number: str) -> dict[str, int]:
    """Units allocated by location."""
    rows = await shop.fetch(
        "SELECT l.code, sum(a.allocated)::int AS units FROM allocation a JOIN location l ON l.merchant_id = $1 AND l.id = a.location_id"
        " JOIN orders o ON o.merchant_id = $1 AND o.id = a.order_id WHERE a.merchant_id = $1 AND o.number = $2 GROUP BY 1",
        int(number),
    )
    return {row["code"]: row["units"] for row in rows if row["units"]}


async def explained(shop: Shop, number: str) -> SourcingExplained:
    async with shop.database.read(shop.merchant_id) as tx:
        return await sourcing.explain(tx, SourcingQuery(number))


async def test_the_cheapest_way_is_taken_and_told(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=9, TEE_HAM=9, MUG_MUC=9, TEE_LEJ=9)
    by_priority = await shop.place({"MUG": 2, "TEE": 2})
    assert await taken(shop, by_priority) == {"HAM": 4}
    await save(shop, strategies=[{"name": "least cost", "take": "cheapest"}], costs=COSTS)
    number = await shop.place({"MUG": 2, "TEE": 2})
    assert await taken(shop, number) == {"MUC": 2, "LEJ": 2}
    (decision,) = (await explained(shop, number)).decisions
    assert decision.reason == "two_locations" and decision.strategy == "least cost" and decision.at_least is None
    assert decision.cost and (decision.cost.total.amount, decision.cost.splitting.amount) == ("8.50", "0.50")
    lost = {
        each.location: (each.reason, each.alone and each.alone.amount)
        for each in decision.candidates
        if not each.chosen
    }
    assert lost == {"HAM": ("dearer", "10.00")}
    (before,) = (await explained(shop, by_priority)).decisions
    told = {each.location: (each.reason, each.units) for each in before.candidates}
    assert before.rules_version is None and told == {
        "HAM": ("chosen", 4),
        "MUC": ("has_part", 2),
        "LEJ": ("has_part", 2),
    }
    await shop.check_books()


async def test_who_gave_units_back_is_told_apart_from_who_was_taken_instead(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=9, MUG_MUC=9, MUG_LEJ=9)
    number = await shop.place({"MUG": 2})
    await shop.do("orders.release", order=number)
    lost = [("MUC", "chosen"), ("LEJ", "priority"), ("HAM", "gave_back")], [("LEJ", "chosen"), ("HAM", "gave_back")]
    for reject, reasons in zip(("F1", "F2"), lost, strict=True):
        await shop.do("fulfillment-orders.reject", fulfillment_order=f"{number}-{reject}", reason="no_staff")
        told = [(each.location, each.reason) for each in (await explained(shop, number)).decisions[0].candidates]
        assert told[: len(reasons)] == reasons
    assert ("MUC", "gave_back") in told


async def test_near_ones_come_first_where_postal_codes_are_on_the_map(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=9, MUG_MUC=9, MUG_LEJ=9)
    place = {"name": "x", "kind": "warehouse", "country": "DE", "time_zone": "Europe/Berlin"}
    await shop.batch(
        "locations.save",
        {**place, "code": "MUC", "priority": 2, "address": {"postal_code": "80331"}},
        {**place, "code": "LEJ", "priority": 3, "address": {"latitude": 51.34, "longitude": 12.37}},
    )
    await shop.do("postal-codes.save", country="DE", areas=[
        {"postal_code": "80331", "latitude": 48.13, "longitude": 11.57}, {"postal_code": "041", "latitude": 51.3, "longitude": 12.4},
    ])  # fmt: skip
    await save(
        shop, rules=[{"name": "near", "by": "nearest"}], filters=[{"name": "not too far", "by": "distance", "km": 300}]
    )
    number = await shop.place({"MUG": 1}, ship_to={**HAMBURG, "postal_code": "04109"})
    assert await taken(shop, number) == {"LEJ": 1}
    (decision,) = (await explained(shop, number)).decisions
    told = {each.location: (each.reason, each.rule, each.km) for each in decision.candidates}
    assert told["MUC"][:2] == ("filtered", "not too far") and told["HAM"] == ("ranked", "near", None)
    assert told["LEJ"][2] == 5 and decision.rules == ["near"]
    unknown = await shop.place({"MUG": 1}, ship_to={**HAMBURG, "postal_code": "99999"})
    assert await taken(shop, unknown) == {"HAM": 1}, "nothing is near an address that is nowhere: the rule abstains"
    await shop.check_books()


async def test_rules_are_about_channels_regions_and_products(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=9, MUG_MUC=9, TEE_HAM=9, TEE_MUC=9, ACID_HAM=9, ACID_MUC=9)
    await shop.do("channels.save", code="market", name="Market")
    await shop.do("policies.set", name="hazardous", sku="ACID", value=True)
    await shop.do(
        "locations.save", code="MUC", name="MUC", kind="store", country="DE", time_zone="Europe/Berlin", priority=2,
        capabilities=["ship", "hazardous"],
    )  # fmt: skip
    await save(
        shop,
        rules=[
            {"name": "south", "by": "listed", "locations": ["MUC"],
             "when": {"regions": [{"country": "DE", "postal_codes": ["8"]}]}},
            {"name": "tees", "by": "listed", "locations": ["MUC"], "when": {"products": ["TEE"]}},
        ],
        filters=[
            {"name": "dangerous", "by": "capability", "capability": "hazardous"},
            {"name": "no stores", "by": "never", "kinds": ["store"], "when": {"channels": ["market"]}},
        ],
    )  # fmt: skip
    assert await taken(shop, await shop.place({"MUG": 1})) == {"HAM": 1}
    assert await taken(shop, await shop.place({"TEE": 1})) == {"MUC": 1}
    assert await taken(shop, await shop.place({"MUG": 1}, ship_to={**HAMBURG, "postal_code": "80331"})) == {"MUC": 1}
    assert await taken(shop, await shop.place({"TEE": 1}, channel="market")) == {"HAM": 1}
    assert await taken(shop, await shop.place({"ACID": 1})) == {"MUC": 1}
    refused = await shop.refusal("orders.place", **shop.order({"ACID": 1}, channel="market"))
    assert refused["name"] == "insufficient_stock"
    await shop.check_books()


async def test_an_order_may_say_itself_whether_it_is_split(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=9, TEE_MUC=9, CUP_HAM=2, CUP_MUC=2)
    refused = await shop.refusal("orders.place", **shop.order({"MUG": 1, "TEE": 1}, may_split=False))
    assert refused["name"] == "insufficient_stock"
    assert (await shop.refusal("orders.place", **shop.order({"CUP": 3}, whole_lines=[1])))[
        "name"
    ] == "insufficient_stock"
    await shop.do("policies.set", name="may_split", value=False)
    number = await shop.place({"MUG": 1, "TEE": 1}, may_split=True)
    assert await taken(shop, number) == {"HAM": 1, "MUC": 1}
    await shop.do("policies.set", name="may_split", value=None)
    await shop.do("policies.set", name="may_split", sku="CUP", value=False)
    assert (await shop.refusal("orders.place", **shop.order({"CUP": 3})))["name"] == "insufficient_stock"
    assert await taken(shop, await shop.place({"CUP": 2, "MUG": 1})) == {"HAM": 3}
    await shop.check_books()


async def test_wishes_hold_when_it_is_sourced_again(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=0, MUG_MUC=0)
    await shop.do("policies.set", name="may_backorder", value=True)
    number = await shop.place({"MUG": 4}, whole_lines=[1])
    for place in ("HAM", "MUC"):
        await shop.do("stock.receive", sku="MUG", location=place, quantity=3, reason="x")
    assert (await shop.do("orders.source", order=number))["allocated"] == 0
    await shop.do("stock.receive", sku="MUG", location="MUC", quantity=1, reason="x")
    assert (await shop.do("orders.source", order=number))["allocated"] == 4
    assert await taken(shop, number) == {"MUC": 4}
    await shop.check_books()


async def test_rules_are_versions_and_name_what_there_is(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=1)
    assert (await shop.refusal("sourcing-rules.save", rules=[{"name": "x", "by": "listed", "locations": ["NIX"]}]))[
        "name"
    ] == "unknown_location"
    when = {"channels": ["nix"]}
    assert (await shop.refusal("sourcing-rules.save", rules=[{"name": "x", "by": "nearest", "when": when}]))[
        "name"
    ] == "unknown_channel"
    first = await save(shop, rules=[{"name": "x", "by": "nearest", "when": {"products": ["MUG"]}}])
    again = await shop.refusal("sourcing-rules.save", expected_version=first["version"] - 1)
    assert again["name"] == "version_conflict"
    async with shop.database.read(shop.merchant_id) as tx:
        kept = await sourcing.rules(tx, RulesQuery())
    assert kept.version == first["version"] and kept.rules.rules[0].when.products == ["MUG"]
    refused = await shop.refusal("policies.set", name="sourcing_rules", value={})
    assert refused["name"] == "unknown_policy"
    await save(shop, **msgspec.to_builtins(kept.rules))
    await save(shop)
    assert await taken(shop, await shop.place({"MUG": 1})) == {"HAM": 1}
    await shop.check_books()


async def test_a_batch_under_rules_takes_as_many_statements_as_one_order(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=999, TEE_MUC=999)
    await save(
        shop, rules=[{"name": "near", "by": "nearest"}, {"name": "idle", "by": "lowest_workload"}],
        strategies=[{"name": "least cost", "take": "cheapest"}], costs=COSTS,
    )  # fmt: skip
    orders = [
        shop.order({"MUG": 1, "TEE": 1}, ship_to=HAMBURG, external_reference=f"R{number}") for number in range(40)
    ]
    await shop.batch("orders.place", shop.order({"MUG": 1}, ship_to=HAMBURG))  # the address is known from here on
    assert await shop.statements("orders.place", *orders[1:]) == await shop.statements("orders.place", orders[0])


async def test_a_batch_under_rules_equals_its_orders_one_by_one(shop: Shop) -> None:
    """Workload counts what earlier orders of the batch took."""
    await shop.stock_up(MUG_HAM=99, MUG_MUC=99, MUG_LEJ=99)
    await save(shop, rules=[{"name": "idle", "by": "lowest_workload"}])
    outcomes = await shop.batch("orders.place", *[shop.order({"MUG": 1})] * 4)
    places = [await taken(shop, outcome["number"]) for outcome in outcomes]
    assert places == [{"HAM": 1}, {"MUC": 1}, {"LEJ": 1}, {"HAM": 1}]
    await shop.check_books()


async def preview(shop: Shop, **fields: Any) -> dict[str, Any]:
    return await shop.do("sourcing-previews.make", **fields)


async def test_what_is_not_released_is_sourced_again_where_that_saves(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=9, TEE_HAM=9, MUG_LEJ=9, TEE_LEJ=5)
    numbers = [await shop.place({"MUG": 2, "TEE": 2}) for _ in range(3)]
    await shop.do("orders.release", order=numbers[2])
    await save(shop, strategies=[{"name": "least cost", "take": "cheapest"}], costs=COSTS)
    made = await preview(shop)
    assert made["looked_at"] == 2 and made["saves"] == {"amount": "12.00", "currency": "EUR"}
    told = [(each["order"], each["before"], each["after"], each["saves"]["amount"]) for each in made["orders"]]
    assert told == [(number, ["HAM"], ["LEJ"], "6.00") for number in numbers[:2]]
    assert await taken(shop, numbers[0]) == {"HAM": 4}, "a preview moves nothing"
    done = await shop.batch(
        "orders.resource", *({"order": number, "preview": made["preview"]} for number in numbers[:2])
    )
    assert [each["moved"] for each in done] == [4, 4] and done[0]["saved"]["amount"] == "6.00"
    assert await taken(shop, numbers[1]) == {"LEJ": 4}
    (latest, *_) = (await explained(shop, numbers[0])).decisions
    assert latest.event == "order_resourced" and latest.strategy == "least cost"
    assert (await preview(shop))["orders"] == []
    await shop.check_books()


async def test_a_preview_is_carried_out_as_it_stands_or_not_at_all(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=9, MUG_LEJ=4)
    one, two, three = [await shop.place({"MUG": 2}) for _ in range(3)]
    await save(shop, strategies=[{"name": "least cost", "take": "cheapest"}], costs=COSTS)
    made = (await preview(shop))["preview"]
    assert (await shop.refusal("orders.resource", order=three, preview=made))["name"] == "not_in_preview"
    await shop.do(
        "orders.edit",
        order=two,
        reason="x",
        add=[{"sku": "MUG", "quantity": 1, "unit_price": {"amount": "1", "currency": "EUR"}}],
    )
    assert (await shop.refusal("orders.resource", order=two, preview=made))["name"] == "changed_since_preview"
    await shop.do("stock.adjust", sku="MUG", location="LEJ", quantity=2, kind="damaged", reason="wet")
    assert (await shop.refusal("orders.resource", order=one, preview=made))["name"] == "changed_since_preview"
    assert await taken(shop, one) == {"HAM": 2}
    await save(shop)
    assert (await shop.refusal("orders.resource", order=one, preview=made))["name"] == "changed_since_preview"
    await shop.check_books()


async def test_without_rules_fewer_places_are_what_is_saved(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=2, TEE_MUC=2)
    number = await shop.place({"MUG": 2, "TEE": 2})
    await shop.do("stock.receive", sku="TEE", location="HAM", quantity=2, reason="x")
    made = await preview(shop, channel="web")
    assert [(each["before"], each["after"], each["saves"]) for each in made["orders"]] == [
        (["HAM", "MUC"], ["HAM"], None)
    ]
    done = await shop.do("orders.resource", order=number, preview=made["preview"])
    assert done["moved"] == 2 and await taken(shop, number) == {"HAM": 4}
    rows = await shop.fetch(
        "SELECT l.code, s.sku_id, s.available FROM stock s JOIN location l ON l.merchant_id = $1 AND l.id = s.location_id"
        " WHERE s.merchant_id = $1 AND s.available > 0"
    )
    assert [(row["code"], row["available"]) for row in rows] == [("MUC", 2)]
    await shop.check_books()


async def test_days_of_locations_follow_what_is_sourced_again(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=4, TEE_MUC=4)
    for code in ("HAM", "MUC"):
        place = {"code": code, "name": code, "kind": "store", "country": "DE", "time_zone": "Europe/Berlin"}
        await shop.do("locations.save", **place, schedule={"capacity": {"per_day": 10, "counts": "units"}})
    number = await shop.place({"MUG": 2, "TEE": 2})
    await shop.do("stock.receive", sku="TEE", location="HAM", quantity=2, reason="x")
    made = await preview(shop)
    done = await shop.do("orders.resource", order=number, preview=made["preview"])
    assert done["ship_on"]
    await shop.check_books()


async def ask(shop: Shop, **fields: Any) -> trying.WhatIf:
    async with shop.database.read(shop.merchant_id) as tx:
        return await trying.what_if(tx, msgspec.convert(fields, trying.WhatIfQuery))


async def findings(shop: Shop, **fields: Any) -> set[tuple[str, str, str]]:
    async with shop.database.read(shop.merchant_id) as tx:
        linted = await trying.lint(tx, msgspec.convert(fields, trying.LintQuery))
    return {(each.kind, each.name, each.finding) for each in linted.findings}


async def test_what_if_another_strategy_more_stock_or_a_location_less(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=9, TEE_HAM=9, MUG_LEJ=9, TEE_LEJ=1)
    number = await shop.place({"MUG": 2, "TEE": 2})
    await save(shop, rules=[{"name": "x", "by": "priority"}], costs=COSTS)
    as_is = await ask(shop, order=number)
    assert (
        [(each.location, each.units) for each in as_is.then] == [("HAM", 4)] and as_is.saves and as_is.saves.minor == 0
    )
    cheapest = await ask(shop, order=number, take="cheapest")
    assert [(each.location, each.units) for each in cheapest.then] == [("HAM", 4)]
    more = [{"sku": "TEE", "location": "LEJ", "quantity": 1}]
    with_more = await ask(shop, order=number, take="cheapest", more=more)
    assert [(each.location, each.units) for each in with_more.then] == [("LEJ", 4)]
    assert with_more.saves == Money("6.00", "EUR") and with_more.decision.strategy == "what if"
    without = await ask(shop, order=number, without=["HAM"])
    assert without.missing == 1 and without.saves is None
    rules = {"rules": [{"name": "list", "by": "listed", "locations": ["LEJ"], "when": {"products": ["MUG"]}}]}
    await shop.do("orders.release", order=number)
    other = await ask(shop, order=number, rules=rules, more=more)
    assert [(each.location, each.units) for each in other.then] == [("LEJ", 4)], "released units have not left yet"
    assert await taken(shop, number) == {}, "nothing moved: they are released where they were"


async def test_rules_are_linted_at_a_glance_and_over_recent_orders(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=9, MUG_MUC=9, TEE_HAM=9)
    await shop.do("channels.save", code="market", name="Market")
    for wanted in ({"MUG": 1}, {"TEE": 1}):
        await shop.place(wanted)
    rules = [
        {"name": "list", "by": "listed", "locations": ["MUC"]},
        {"name": "again", "by": "listed", "locations": ["MUC"], "when": {"products": ["MUG"]}},
        {"name": "poland", "by": "nearest", "when": {"regions": [{"country": "PL"}]}},
        {"name": "blind", "by": "nearest"},
    ]
    strategies = [
        {"name": "tees", "take": "earliest", "when": {"products": ["TEE"]}},
        {"name": "german tees", "take": "cheapest", "when": {"products": ["TEE"], "regions": [{"country": "DE"}]}},
    ]
    filters = [{"name": "market", "by": "never", "locations": ["HAM"], "when": {"channels": ["market"]}}]
    costs = {**COSTS, "zones": [{"zone": "far"}, {"zone": "near", "locations": ["MUC"]}]}
    saved = await save(shop, rules=rules, strategies=strategies, filters=filters, costs=costs)
    glance = {(each["name"], each["finding"]) for each in saved["findings"]}
    assert glance == {("again", "same_as_before"), ("german tees", "never_reached"), ("near", "never_reached")}
    assert await findings(shop) == {
        ("rules", "again", "same_as_before"), ("rules", "poland", "never_fired"), ("rules", "blind", "never_fired"),
        ("filters", "market", "never_fired"), ("strategies", "german tees", "never_reached"),
        ("zones", "near", "never_reached"), ("strategies", "", "orders_without"),
    }  # fmt: skip
    sound = {"rules": [{"name": "list", "by": "listed", "locations": ["MUC"]}]}
    assert await findings(shop, rules=sound) == set()


async def test_what_customers_collect_is_never_offered_elsewhere(shop: Shop) -> None:
    """hotwax/bopis#251: a pickup goes to no other site, however cheap."""
    await shop.stock_up(MUG_HAM=9, MUG_LEJ=9)
    place = {"code": "HAM", "name": "HAM", "kind": "store", "country": "DE", "time_zone": "Europe/Berlin"}
    await shop.do("locations.save", **place, capabilities=["ship", "pickup"])
    wanted = shop.order({"MUG": 2})
    wanted["lines"][0]["pickup"] = "HAM"
    number = (await shop.do("orders.place", **wanted))["number"]
    await save(shop, strategies=[{"name": "least cost", "take": "cheapest"}], costs=COSTS)
    assert (await preview(shop))["orders"] == []
    tried = await ask(shop, order=number, take="cheapest")
    assert [(each.location, each.units) for each in tried.then] == [("HAM", 2)]
    await shop.check_books()


async def test_a_dry_run_says_what_the_rules_would_take(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=9, MUG_LEJ=9)
    await save(shop, rules=[{"name": "list", "by": "listed", "locations": ["LEJ"]}])
    fields = shop.order({"MUG": 2})
    decisions = await shop.executor.preview(
        shop.merchant_id, verbs()["orders.place"], [shop.envelope("orders.place", fields)]
    )
    (decision,) = decisions
    assert decision.event and decision.event.data["sourcing"]["why"]["rules"] == ["list"]
    assert await taken(shop, await shop.place({"MUG": 2})) == {"LEJ": 2}
    held = await shop.do("reservations.reserve", lines=[{"sku": "MUG", "quantity": 1}], channel="web")
    assert [each["location"] for each in held["lines"]] == ["LEJ"], "carts are kept where orders will come from"
    assert held["lines"][0]["quantity"] == 1
    there = await shop.do("reservations.reserve", lines=[{"sku": "MUG", "quantity": 1}], location="HAM")
    assert [each["location"] for each in there["lines"]] == ["HAM"], "who names a location gets it"
    anywhere = {"lines": [{"sku": "MUG", "quantity": 1}], "anywhere": True}
    for named, place in (({}, "LEJ"), ({"location": "HAM"}, "HAM")):
        claimed = await shop.do("reservations.reserve", **anywhere)
        pinned = await shop.do("reservations.pin", reservation=claimed["reservation"], **named)
        assert [each["location"] for each in pinned["lines"]] == [place], "a claim gets its place by the same rules"
    await shop.check_books()


async def test_what_is_kept_names_those_who_lost_as_the_dry_run_did(shop: Shop) -> None:
    """Under the locks only chosen rows are seen; the decision and its reason are those of all that could be chosen from."""
    await shop.allow_backorders()
    await shop.stock_up(MUG_HAM=9, MUG_LEJ=9, MUG_MUC=9, TEE_HAM=1)
    await shop.do("products.save", sku="PAINT", name="Paint", tracking="lot")
    for lot, units in (("A", 2), ("B", 5)):
        await shop.do(
            "stock.receive",
            sku="PAINT",
            location="HAM",
            quantity=units,
            reason="opening",
            lot=lot,
            expires_on=f"299{units}-01-01",
        )
    await save(
        shop,
        rules=[{"name": "list", "by": "listed", "locations": ["LEJ", "MUC"]}],
        filters=[
            {"name": "no tees", "by": "never", "locations": ["HAM"], "when": {"products": ["TEE"]}},
            {"name": "last ones", "by": "stock", "units": 4, "when": {"products": ["PAINT"]}},
        ],
    )
    number = await shop.place({"MUG": 2})
    more = [
        {"sku": sku, "quantity": 1, "unit_price": {"amount": "1", "currency": "EUR"}} for sku in ("MUG", "TEE", "PAINT")
    ]
    assert await told_alike(shop, "orders.edit", order=number, reason="x", add=more[2:]) == {"HAM"}
    assert (await taken(shop, number))["HAM"] == 1, "seven are enough, though only two are locked"
    assert await told_alike(shop, "orders.edit", order=number, reason="x", add=more[:2]) == {"LEJ", "MUC", "HAM"}
    assert await told_alike(shop, "orders.edit", order=number, reason="x", add=more[1:2]) == {"HAM"}, "it was filtered"
    await shop.do("stock.receive", sku="TEE", location="MUC", quantity=1, reason="x")
    assert await told_alike(shop, "orders.source", order=number) == {"HAM", "MUC"}
    await shop.stock_up(CUP_HAM=1, CUP_MUC=1)
    cup = {"order": number, "reason": "x", "add": [{**more[0], "sku": "CUP"}]}
    lines = [each["lines"][0]["line"] for each in await shop.batch("orders.edit", cup, cup)]
    rows = await shop.fetch(
        "SELECT a.line_number, l.code FROM allocation a JOIN location l ON l.merchant_id = $1 AND l.id = a.location_id"
        " WHERE a.merchant_id = $1"
    )
    places = {row["line_number"]: row["code"] for row in rows}
    assert [places[line] for line in lines] == ["MUC", "HAM"], "who edits first gets the best, also in one batch"
    await shop.do("orders.release", order=number)
    name = f"{number}-F1"
    assert await told_alike(shop, "fulfillment-orders.reject", fulfillment_order=name, reason="x") >= {"HAM", "MUC"}
    await shop.check_books()


async def test_what_filters_keep_is_not_promised(shop: Shop) -> None:
    await shop.allow_backorders()
    await shop.stock_up(MUG_HAM=1, MUG_MUC=9)
    await shop.do("postal-codes.save", country="DE", areas=[
        {"postal_code": "80331", "latitude": 48.13, "longitude": 11.57}, {"postal_code": "204", "latitude": 53.5, "longitude": 9.9},
    ])  # fmt: skip
    ham = {"code": "HAM", "name": "HAM", "kind": "warehouse", "country": "DE", "time_zone": "Europe/Berlin"}
    await shop.do("locations.save", **ham, address={"postal_code": "20457"})
    near = {"name": "near", "by": "distance", "km": 100, "when": {"regions": [{"country": "DE"}]}}
    await save(shop, filters=[{"name": "not Munich", "by": "never", "locations": ["MUC"]}, near])
    for place, due in (("MUC", "2990-01-03T00:00:00Z"), ("HAM", "2990-01-05T00:00:00Z")):
        line = {"sku": "MUG", "location": place, "quantity": 4, "due_at": due}
        await shop.do("purchase-orders.place", supplier="x", lines=[line])
    async with shop.database.read(shop.merchant_id) as tx:
        for where, now in (({}, 1), ({"country": "DE", "postal_code": "80331"}, 0), ({"country": "FR"}, 1)):
            assert (await availability(tx, AvailabilityQuery(skus=["MUG"], **where))).items[0].available == now
            steps = (await promise_curve(tx, CurveQuery(sku="MUG", **where))).steps
            assert [step.available for step in steps] == ([now, now + 4] if now else [0]), where
    assert (await shop.do("availability.check", sku="MUG"))["available"] == 1
    waits = await shop.do("orders.place", **shop.order({"MUG": 3}))
    assert [each["promised_at"][:10] for each in waits["promises"]] == ["2990-01-05"], (
        "what comes to Munich stays there"
    )
    await shop.check_books()


async def told_alike(shop: Shop, verb: str, **fields: Any) -> set[str]:
    """The locations that the reason of a decision names, in the event as it is kept; the dry run told the same."""
    (planned,) = await shop.executor.preview(shop.merchant_id, verbs()[verb], [shop.envelope(verb, fields)])
    assert planned.event
    await shop.do(verb, **fields)
    (kept,) = await shop.fetch("SELECT data FROM event WHERE merchant_id = $1 ORDER BY position DESC LIMIT 1")
    why = msgspec.json.decode(kept["data"])["why"]
    assert msgspec.json.decode(msgspec.json.encode(planned.event.data["why"])) == why
    codes = {str(row["id"]): row["code"] for row in await shop.fetch("SELECT * FROM location WHERE merchant_id = $1")}
    return {codes[each["location_id"]] for each in why["candidates"]}


async def test_two_who_save_rules_at_once_do_not_mix_them(shop: Shop) -> None:
    first = await save(shop, rules=[{"name": "a", "by": "nearest"}])
    both = [
        shop.envelope(
            "sourcing-rules.save", {"rules": [{"name": name, "by": "nearest"}], "expected_version": first["version"]}
        )
        for name in "bc"
    ]
    answers = await asyncio.gather(*(shop.run("sourcing-rules.save", [each]) for each in both))
    assert sorted(answer.accepted for (answer,) in answers) == [False, True]
    await shop.check_books()
