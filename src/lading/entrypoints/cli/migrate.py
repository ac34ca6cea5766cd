"""`lading migrate`."""

from __future__ import annotations

import asyncio
from typing import Annotated

import msgspec
from cyclopts import Parameter

from lading.app import database
from lading.database.migrate import migrate as apply_migrations
from lading.settings import load_settings


def migrate(*, json: Annotated[bool, Parameter(negative="")] = False) -> None:
    """Bring the database's schema up to this version of Lading; `lading up` does it too.

    Parameters
    ----------
    json
        Print the names of the applied migrations as a JSON list.
    """
    with database(load_settings()) as (dsn, _):
        applied = asyncio.run(apply_migrations(dsn))
    if json:
        print(msgspec.json.encode(applied).decode())
    else:
        print("\n".join(f"applied {name}" for name in applied) or "The schema is up to date.")
