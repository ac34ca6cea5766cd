"""Locations over HTTP: schedules that do not fit are told by the field; the days and groups are answered."""

from __future__ import annotations

from typing import Any

import pytest

from tests.entrypoints.house import Merchant
from tests.entrypoints.test_bad_input import refused

PLACE = {"code": "HAM", "name": "Hamburg", "kind": "warehouse", "time_zone": "Europe/Berlin", "country": "DE"}


@pytest.mark.parametrize(
    ("fields", "pointer", "words"),
    [
        ({"schedule": {"cut_off": "25:00"}}, "/schedule/cut_off", "local time of day"),
        ({"schedule": {"cut_off": "9:00"}}, "/schedule/cut_off", "local time of day"),
        ({"schedule": {"holidays": "de"}}, "/schedule/holidays", "whose public holidays"),
        ({"schedule": {"week": [{"weekday": "funday"}]}}, "/schedule/week/0/weekday", "one of friday, monday"),
        ({"schedule": {"week": "monday"}}, "/schedule/week", "a list"),
        ({"schedule": {"special_days": [{"date": "24.12.2026"}]}}, "/schedule/special_days/0/date", "a date"),
        ({"schedule": {"capacity": {"per_day": -1}}}, "/schedule/capacity/per_day", "a whole number"),
        ({"schedule": {"horizon_days": 0}}, "/schedule/horizon_days", "from 1 to 365"),
        ({"schedule": 5}, "/schedule", "an object"),
        ({"schedule": {"opens": "09:00"}}, "/schedule/opens", ""),
        ({"capabilities": ["fly"]}, "/capabilities/0", "one of"),
        ({"capabilities": None}, "/capabilities", "a list"),
        ({"address": {"street": "x"}}, "/address/street", ""),
        ({"group": ""}, "/group", "of 1 to 64 characters"),
    ],
)
def test_a_field_that_does_not_fit_is_named(shop: Merchant, fields: dict[str, Any], pointer: str, words: str) -> None:
    reply = refused(shop.post("/v1/locations/save", PLACE | fields), 422, "malformed")
    assert list(reply.wrong) == [pointer], reply.wrong
    assert words in reply.wrong[pointer]


def test_refusals_name_their_field(shop: Merchant) -> None:
    holidays = shop.post("/v1/locations/save", PLACE | {"schedule": {"holidays": "XX"}})
    assert list(refused(holidays, 404, "unknown_holidays").wrong) == ["/schedule/holidays"]
    days = [{"date": "2026-12-24"}, {"date": "2026-12-24"}]
    twice = shop.post("/v1/locations/save", PLACE | {"schedule": {"special_days": days}})
    assert list(refused(twice, 409, "day_twice").wrong) == ["/schedule/special_days/0"]
    assert list(refused(shop.post("/v1/locations/save", PLACE | {"group": "X"}), 404, "unknown_group").wrong) == [
        "/group"
    ]


def test_days_and_groups_are_answered(shop: Merchant) -> None:
    shop.done("/v1/location-groups/save", {"code": "NORTH", "name": "North"})
    shop.done("/v1/locations/save", PLACE | {"group": "NORTH", "schedule": {"capacity": {"per_day": 1}}})
    shop.place()
    days = shop.get("/v1/locations/HAM/days?days=2").json
    assert [day["orders"] for day in days["items"]] == [1, 0] and days["ships_next"] == days["items"][1]["date"]
    assert shop.get("/v1/location-groups").json["items"][0]["locations"] == ["HAM"]
    assert shop.get("/v1/locations/NOPE/days").status == 404
    refused(shop.get("/v1/locations/HAM/days?since=9999-12-31"), 422, "malformed")
    refused(shop.get("/v1/locations/HAM/days?days=400"), 422, "malformed")
