"""What `lading up` does before it opens: make a merchant where there is none, and say where to look."""

from __future__ import annotations

import os
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

from lading.access import store as access
from lading.database import queries
from lading.database.pool import Database
from lading.entrypoints import seed
from lading.entrypoints.files import Files
from lading.entrypoints.seed import wares
from lading.entrypoints.seed.simulation import simulate
from lading.entrypoints.seed.wishes import DAYS
from lading.settings import Settings

LOGIN_EMAIL = "operations@example.com"
LOGIN_FILE = "first-login.txt"
"""Under LADING_HOME, readable by its owner only."""

sql = queries.load(seed.__file__)


async def prepare(settings: Settings, dsn: str) -> list[str]:
    """Seed an installation without a merchant (or go on where a first start was cut off); the lines to print."""
    database = await Database.connect(dsn, writers=2, readers=2)
    try:
        merchant_id = await _to_seed(database)
        if merchant_id is None:
            return _again(settings)
        print(f"Simulating {DAYS} days of a small shop to look at ...", flush=True)
        await simulate(database, Files(settings.files, database), merchant_id, await _beginning(database, merchant_id))
        return await _open_door(settings, database, merchant_id)
    finally:
        await database.close()


async def _to_seed(database: Database) -> int | None:
    """The merchant to be seeded: a new one, or ours that has no login yet (it gets one last); None where others are."""
    merchants = await access.merchants(database)
    if not merchants:
        start = datetime.now(UTC).replace(microsecond=0) - timedelta(days=DAYS)
        return await access.create_merchant(
            database, wares.SLUG, wares.NAME, wares.TIME_ZONE, wares.CURRENCY, created_at=start
        )
    if len(merchants) == 1 and (merchants[0].slug, merchants[0].name) == (wares.SLUG, wares.NAME):
        async with database.read(merchants[0].id) as tx:
            return None if await tx.fetchval(sql.has_login) else merchants[0].id
    return None


async def _beginning(database: Database, merchant_id: int) -> datetime:
    async with database.read(merchant_id) as tx:
        found: datetime = await tx.fetchval(sql.beginning)
    return found


async def _open_door(settings: Settings, database: Database, merchant_id: int) -> list[str]:
    """Login and key, first in the file, then in force: a start that is cut off here is made good by the next."""
    password, key = secrets.token_urlsafe(12), await access.create_key(database, merchant_id, "first key")
    path = settings.home / LOGIN_FILE
    _write_privately(
        path,
        f"Console    {address(settings)}\nLogin      {LOGIN_EMAIL}\nPassword   {password}\nAPI key    {key}\n",
    )
    await access.create_login(database, merchant_id, LOGIN_EMAIL, "Operations", password)
    return [
        "",
        f"Lading is at {address(settings)}",
        f"  log in with {LOGIN_EMAIL} and the password {password}",
        f"  (kept in {path} together with an API key; a merchant with {DAYS} days of orders is there to look at)",
        *_to_try(settings, key),
    ]


def _again(settings: Settings) -> list[str]:
    """What a later start says."""
    path = settings.home / LOGIN_FILE
    where = f"the first login is in {path}" if path.exists() else "`lading logins create` makes a login"
    return ["", f"Lading is at {address(settings)} ({where}).", "Ctrl-C stops it.", ""]


def _to_try(settings: Settings, key: str) -> list[str]:
    to_pick = f"{address(settings)}v1/orders?stage=to_pick"
    return [
        "",
        "Three things to try:",
        f"  an order with its story   {address(settings)}orders",
        f"  what waits to be picked   curl -H 'Authorization: Bearer {key}' '{to_pick}'",
        "  the same in a terminal    lading orders list --stage to_pick",
        "",
        "Ctrl-C stops everything; the next start keeps what is there.",
        "",
    ]


def address(settings: Settings) -> str:
    """Where a browser on this machine finds the console."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}/"


def _write_privately(path: Path, text: str) -> None:
    """Write the file so that nobody but its owner can ever read it, not even for a moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    new.replace(path)
