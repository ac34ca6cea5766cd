"""`lading merchants`, `lading keys`, `lading logins`: who works here."""

from __future__ import annotations

import getpass
import json as json_module
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any, TypeVar

import asyncpg
import cyclopts
import msgspec
import uvloop
from cyclopts import Parameter

from lading import app
from lading.access import store as access
from lading.catalog.schedule import is_zone
from lading.database.migrate import migrate
from lading.database.pool import Database
from lading.kernel import money
from lading.kernel.trouble import Trouble
from lading.kernel.wording import must_be
from lading.settings import load_settings
from lading.terms.fields import Name

T = TypeVar("T")
Json = Annotated[bool, Parameter(name="--json", negative="", help="Print JSON for programs.")]
MerchantSlug = Annotated[
    str | None, Parameter(name="--merchant", help="The merchant's slug; needed where there are several.")
]

merchants = cyclopts.App(name="merchants", result_action="return_value")
keys = cyclopts.App(name="keys", result_action="return_value")
logins = cyclopts.App(name="logins", result_action="return_value")


def with_database(work: Callable[[Database], Awaitable[T]]) -> T:
    """Run the work on the installation's database, which is started and migrated if need be."""

    async def run(dsn: str) -> T:
        await migrate(dsn)
        database = await Database.connect(dsn)
        try:
            return await work(database)
        finally:
            await database.close()

    with app.database(load_settings()) as (dsn, _):
        return uvloop.run(run(dsn))


async def choose_merchant(database: Database, slug: str | None) -> access.Merchant:
    """The merchant of that slug, or that of the settings, or the only one. Raises Trouble that names them all."""
    slug = slug or load_settings().merchant
    known = await access.merchants(database)
    found = [merchant for merchant in known if slug in (None, merchant.slug)]
    if len(found) == 1:
        return found[0]
    names = ", ".join(merchant.slug for merchant in known) or "none yet: `lading merchants create SLUG` makes one"
    raise Trouble(
        f"There is no merchant {slug}; there are: {names}."
        if slug
        else f"Say which merchant with --merchant, or for all commands with LADING_MERCHANT; there are: {names}."
    )


def _check_name(what: str, value: str) -> None:
    """Raise Trouble unless it is a line of text."""
    try:
        msgspec.convert(value, Name)
    except msgspec.ValidationError:
        raise Trouble(f"{what} {must_be(Name, value)}.") from None


def _check_scopes(wanted: Sequence[str]) -> None:
    """Raise Trouble for a scope that would allow nothing."""
    from lading.entrypoints.api.openapi import scopes  # knows every verb, question and paper

    known = scopes()
    for scope in wanted:
        if scope not in known:
            raise Trouble(f"There is no scope {scope!a}; there are: {', '.join(known)}.")


def show(value: Any, told: str, as_json: bool) -> None:
    """Data for programs, or a sentence for people."""
    print(json_module.dumps(value, default=str) if as_json else told)


@merchants.command
def create(
    slug: str, *, name: str | None = None, time_zone: str = "UTC", currency: str = "EUR", json: Json = False
) -> None:
    """Create a merchant with an empty journal, and its first API key, which is shown this once.

    Parameters
    ----------
    slug
        Short name: small letters, digits and dashes.
    name
        What people read.
    time_zone
        IANA zone of its reports.
    currency
        ISO 4217 code of its reports.
    """

    _check_name("The slug", slug)
    _check_name("The name", name or slug)
    if money.exponent(currency) is None:
        raise Trouble(f"There is no currency {currency!a}: give an ISO 4217 code such as EUR.")
    if not is_zone(time_zone):
        raise Trouble(f"There is no time zone {time_zone!a}: give an IANA name such as Europe/Berlin.")

    async def work(database: Database) -> tuple[int, str]:
        try:
            merchant_id = await access.create_merchant(database, slug, name or slug, time_zone, currency)
        except asyncpg.UniqueViolationError:
            raise Trouble(f"There is a merchant {slug} already.") from None
        except asyncpg.CheckViolationError:
            raise Trouble(f"The slug {slug!a} does not fit: a slug is small letters, digits and dashes.") from None
        return merchant_id, await access.create_key(database, merchant_id, "first key")

    merchant_id, key = with_database(work)
    show(
        {"merchant_id": merchant_id, "api_key": key},
        f"Merchant {slug} is made. Its API key (shown this once):\n{key}",
        json,
    )


@merchants.command(name="list")
def list_merchants(*, json: Json = False) -> None:
    """All merchants of this installation."""
    found = with_database(access.merchants)
    rows = [
        {"id": each.id, "slug": each.slug, "name": each.name, "time_zone": each.time_zone, "currency": each.currency}
        for each in found
    ]
    show(rows, "\n".join(f"{each.slug}\t{each.name}\t{each.currency}\t{each.time_zone}" for each in found), json)


@keys.command(name="create")
def create_key(name: str, *, scope: list[str] | None = None, merchant: MerchantSlug = None, json: Json = False) -> None:
    """Create an API key; it is shown this once.

    Parameters
    ----------
    name
        Who will use it.
    scope
        What it may do, such as orders:write or *:read; everything if left out. May be given several times.
    """

    _check_name("The name", name)
    _check_scopes(scope or ())

    async def work(database: Database) -> str:
        found = await choose_merchant(database, merchant)
        return await access.create_key(database, found.id, name, scope or access.ALL_SCOPES)

    key = with_database(work)
    show({"api_key": key}, key, json)


@keys.command(name="revoke")
def revoke_key(prefix: str, *, merchant: MerchantSlug = None) -> None:
    """Revoke the key whose visible part (`lad_1_PREFIX_...`) is given; processes notice within ten seconds."""

    async def work(database: Database) -> bool:
        return await access.revoke_key(database, (await choose_merchant(database, merchant)).id, prefix)

    if not with_database(work):
        raise Trouble(f"There is no active key {prefix}.")
    print(f"Key {prefix} is revoked.")


@logins.command(name="create")
def create_login(email: str, name: str, *, merchant: MerchantSlug = None) -> None:
    """Let a person log in to the console; the password is asked for (or read from standard input)."""
    password = getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    if len(password) < 10:
        raise Trouble("A password has at least 10 characters.")

    _check_name("The name", name)
    _check_name("The e-mail address", email)

    async def work(database: Database) -> None:
        found = await choose_merchant(database, merchant)
        try:
            await access.create_login(database, found.id, email, name, password)
        except asyncpg.UniqueViolationError:
            raise Trouble(f"{email} has a login already.") from None

    with_database(work)
    print(f"{name} can log in with {email}.")
