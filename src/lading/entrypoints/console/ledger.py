"""The money ledger by day: what each account got and gave, and the penny trail of one day."""

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

import msgspec
from starlette.responses import Response

from lading.entrypoints.console import listing
from lading.entrypoints.console.context import Context, NotThere
from lading.views import ledger_days as views
from lading.views.ledger_days import DayOfAccount
from lading.views.pages import LIMIT_MAX

DAYS = 7
"""Shown at first."""
DAYS_MAX = 31
ACCOUNTS_MAX = 1_000
"""Lines of one page of days."""


async def show_days(context: Context) -> Response:
    """A week by day and account, the newest day first; or the days that were asked for."""
    today = context.now.astimezone(ZoneInfo(context.merchant.time_zone)).date()
    until = _day(context.query("until")) or today
    since = _day(context.query("since")) or until - timedelta(days=DAYS - 1)
    since = min(max(since, until - timedelta(days=DAYS_MAX)), until)
    found: list[DayOfAccount] = []
    after: str | None = None
    async with context.database.read(context.merchant.id) as tx:
        while len(found) < ACCOUNTS_MAX:
            page = await views.ledger_days(
                tx, views.LedgerDaysQuery(since=since, until=until, limit=LIMIT_MAX, after=after)
            )
            found += page.items
            if (after := page.next) is None:
                break
    days = [
        (day, [(currency, list(rows)) for currency, rows in groupby(lines, key=lambda each: each.currency)])
        for day, lines in _newest(found)
    ]
    return context.render("ledger.html", days=days, since=since, until=until, cut=after is not None)


def _newest(found: Iterable[DayOfAccount]) -> list[tuple[date, list[DayOfAccount]]]:
    return [(day, list(lines)) for day, lines in groupby(found, key=lambda each: each.day)][::-1]


async def show_day(context: Context) -> Response:
    """Every entry of a day, in the order of the journal."""
    day = _day(context.request.path_params["day"])
    if day is None:
        raise NotThere
    asked = {name: context.query(name) for name in ("account", "currency")}
    raw = {"day": msgspec.to_builtins(day), **{name: value for name, value in asked.items() if value}}
    shown = await listing.find(context, views.ledger_entries, views.LedgerEntriesQuery, asked, raw)
    async with context.database.read(context.merchant.id) as tx:
        sums = await views.ledger_days(tx, views.LedgerDaysQuery(since=day, until=day, limit=LIMIT_MAX))
    return context.render(
        "ledger_day.html",
        **shown,
        day_shown=day,
        before=day - timedelta(days=1),
        after_it=day + timedelta(days=1),
        sums=sums.items,
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
