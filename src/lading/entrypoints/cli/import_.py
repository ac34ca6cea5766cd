"""`lading import`: what other systems wrote down, loaded into the books."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import cyclopts
import msgspec
from cyclopts import Parameter
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from lading.adapters.channels.online_retail import render
from lading.database.pool import Database
from lading.entrypoints.cli.access import MerchantSlug, choose_merchant, with_database
from lading.entrypoints.cli.bars import Bars
from lading.entrypoints.importing.online_retail import CHANNEL, Account, Tell, import_file, render_proof
from lading.kernel.trouble import Trouble

imports = cyclopts.App(name="import", result_action="return_value")


@imports.command(name="online-retail")
def online_retail(
    file: Path,
    *,
    time_zone: str = "Europe/London",
    merchant: MerchantSlug = None,
    channel: str = CHANNEL,
    location: str | None = None,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Load invoice lines (CSV, plain or gzipped) as orders of the past, and account for every line.

    Running it twice changes nothing; a run that was killed is completed by running it again.

    Parameters
    ----------
    file
        InvoiceNo, StockCode, Description, Quantity, InvoiceDate, UnitPrice, CustomerID, Country.
    time_zone
        The zone of the file's times (IANA name).
    channel
        The channel that the orders belong to; it is made if it is new.
    location
        The location that the goods left; without it a location of the import's own.
    json
        Print the account as JSON.
    """
    zone = _zone(time_zone)

    async def work(database: Database, tell: Tell) -> Account:
        chosen = await choose_merchant(database, merchant)
        return await import_file(database, chosen.id, file, zone, channel, location, tell)

    with Progress(
        TextColumn("{task.description:<10}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn(),
        console=Console(stderr=True), transient=True,
    ) as progress:  # fmt: skip
        bars = Bars(progress)
        account = with_database(lambda database: work(database, bars.tell))
    print(told_as_json(account) if json else render(account.reconciliation) + render_proof(account.database), end="")


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Trouble(f"{name!r} is no time zone: give an IANA name such as Europe/London.") from error


def told_as_json(account: Account) -> str:
    """One object: the reconciliation and what the database holds; amounts in pounds are strings."""
    return msgspec.json.format(msgspec.json.Encoder(decimal_format="string").encode(account)).decode() + "\n"
