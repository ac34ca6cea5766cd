"""Merchants, logins, sessions and API keys.

A key is `lad_<merchant>_<prefix>_<secret>`: the visible part names its merchant, the secret is 256 random bits, shown once and
stored as SHA-256. Passwords are argon2id, checked off the event loop.
"""

import asyncio
import hashlib
import hmac
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from lading.database import queries
from lading.database.pool import Database
from lading.kernel.ids import new_id

sql = queries.load(__file__)

ALL_SCOPES = ("*",)
SESSION_DAYS = 14
_CACHE_SECONDS = 10.0
_hasher = PasswordHasher()


@dataclass(slots=True, frozen=True)
class Caller:
    """Whoever is asking: a person or an integration, with what it may do."""

    merchant_id: int
    id: UUID
    actor: str
    """As events name it: user:..., key:..., cli, import."""
    name: str
    scopes: frozenset[str]

    def may(self, scope: str) -> bool:
        """Whether a scope such as orders:write is granted; `*` grants all, `*:read` all reading."""
        return bool(self.scopes & {"*", scope, "*:" + scope.partition(":")[2]})


@dataclass(slots=True, frozen=True)
class Merchant:
    """A merchant of this installation."""

    id: int
    slug: str
    name: str
    time_zone: str
    currency: str


async def merchants(database: Database) -> list[Merchant]:
    """All of them, the oldest first."""
    async with database.outside() as connection:
        return [Merchant(*row) for row in await connection.fetch(sql.merchants)]


async def create_merchant(
    database: Database, slug: str, name: str, time_zone: str, currency: str, created_at: datetime | None = None
) -> int:
    """A new merchant with an empty journal, which begins now or (for a simulation) at `created_at`; its id.

    Raises asyncpg.UniqueViolationError where the slug is taken.
    """
    async with database.outside() as connection, connection.transaction():
        now = created_at or datetime.now(UTC)
        id_: int = await connection.fetchval(sql.create_merchant, slug, name, time_zone, currency, now)
        await connection.execute(f"SET LOCAL lading.merchant_id = '{id_}'")
        await connection.execute(sql.create_head, id_, now)
        return id_


async def create_key(database: Database, merchant_id: int, name: str, scopes: Sequence[str] = ALL_SCOPES) -> str:
    """A new API key, shown this once."""
    prefix, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
    key = f"lad_{merchant_id}_{prefix}_{secret}"
    async with database.write(merchant_id) as tx:
        await tx.execute(
            sql.create_key, new_id(), prefix, _digest(key), name, new_id(), list(scopes), datetime.now(UTC)
        )
    return key


async def revoke_key(database: Database, merchant_id: int, prefix: str) -> bool:
    """Whether a key of that prefix was there to revoke. Other processes notice within ten seconds."""
    async with database.write(merchant_id) as tx:
        return await tx.execute(sql.revoke_key, prefix, datetime.now(UTC)) == 1


async def create_login(
    database: Database, merchant_id: int, email: str, name: str, password: str, scopes: Sequence[str] = ALL_SCOPES
) -> None:
    """A person who may log in. Raises asyncpg.UniqueViolationError where the address has a login."""
    hashed = await asyncio.to_thread(_hasher.hash, password)
    async with database.write(merchant_id) as tx:
        await tx.execute(
            sql.create_login, new_id(), email.strip().casefold(), name, hashed, list(scopes), datetime.now(UTC)
        )


class Keys:
    """API keys of requests, remembered for ten seconds per process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[bytes, tuple[float, Caller]] = {}

    async def caller(self, key: str) -> Caller | None:
        """Whose key it is, or None."""
        digest = _digest(key)
        known = self._known.get(digest)
        if known and known[0] > time.monotonic():
            return known[1]
        caller = await self._look_up(key, digest)
        if caller:
            if len(self._known) > 10_000:
                self._known.clear()
            self._known[digest] = (time.monotonic() + _CACHE_SECONDS, caller)
        return caller

    async def _look_up(self, key: str, digest: bytes) -> Caller | None:
        parts = key.split("_", 3)
        if len(parts) != 4 or parts[0] != "lad" or not parts[1].isdecimal() or len(parts[1]) > 9 or "\0" in key:
            return None
        merchant_id = int(parts[1])
        async with self._database.read(merchant_id) as tx:
            row = await tx.fetchrow(sql.find_key, parts[2])
        if row is None or not hmac.compare_digest(row["sha256"], digest):
            return None
        return Caller(merchant_id, row["caller_id"], f"key:{parts[2]}", row["name"], frozenset(row["scopes"]))


async def log_in(database: Database, email: str, password: str) -> str | None:
    """The token of a new session (it names its merchant), or None where address or password are wrong."""
    async with database.outside() as connection:
        row = await connection.fetchrow(sql.find_login, email.strip().casefold())
    hashed = row["password_hash"] if row else _hasher.hash("no such login")
    if not await asyncio.to_thread(_matches, hashed, password) or row is None:
        return None
    token = f"{row['merchant_id']}.{secrets.token_urlsafe(32)}"
    async with database.write(row["merchant_id"]) as tx:
        await tx.execute(sql.start_session, _digest(token), row["id"], datetime.now(UTC) + timedelta(days=SESSION_DAYS))
    return token


async def session_caller(database: Database, token: str) -> Caller | None:
    """Who is logged in with this token, or None."""
    merchant = token.partition(".")[0]
    if not merchant.isdecimal() or len(merchant) > 9:
        return None
    async with database.read(int(merchant)) as tx:
        row = await tx.fetchrow(sql.find_session, _digest(token), datetime.now(UTC))
    return Caller(int(merchant), row["id"], f"user:{row['id']}", row["name"], frozenset(row["scopes"])) if row else None


async def log_out(database: Database, token: str) -> None:
    """End the session."""
    async with database.write(int(token.partition(".")[0])) as tx:
        await tx.execute(sql.end_session, _digest(token))


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _matches(hashed: str, password: str) -> bool:
    try:
        return _hasher.verify(hashed, password)
    except VerifyMismatchError:
        return False
