"""`lading audit`."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Annotated

import asyncpg
import msgspec
from cyclopts import Parameter

from lading.access import store as access
from lading.app import database
from lading.audit import NAMES, Difference
from lading.audit import audit as audit_merchant
from lading.database.migrate import check_schema
from lading.database.pool import Database
from lading.kernel.trouble import Trouble
from lading.settings import load_settings

Found = dict[str, list[Difference]]
"""Differences by the merchant's slug; a merchant without any has an empty list."""


def audit(
    *,
    merchant: str | None = None,
    check: tuple[str, ...] = (),
    json: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Rebuild every counter and status from the journal and print what differs. Changes nothing.

    Exit code 0 and "no difference" where everything adds up, 1 otherwise.

    Parameters
    ----------
    merchant
        The slug of one merchant; without it all merchants of the installation.
    check
        The name of one check, such as stock, as a difference of it in JSON tells; several times for several. Without it all are made.
    json
        Print one JSON object, {merchant: [difference, ...]}.
    """
    if unknown := sorted(set(check) - set(NAMES)):
        raise Trouble(f"There is no check {unknown[0]!r}; known are {', '.join(sorted(NAMES))}.")
    with database(load_settings()) as (dsn, _):
        found = asyncio.run(audit_installation(dsn, merchant, check or NAMES))
    print(msgspec.json.format(msgspec.json.encode(as_json(found))).decode() if json else as_text(found))
    return 1 if any(found.values()) else 0


async def audit_installation(dsn: str, slug: str | None = None, only: Collection[str] = NAMES) -> Found:
    """All merchants, or the one of that slug; one merchant a transaction; all checks, or some.

    Raises Trouble for a slug nobody has, and where the schema is missing or another one.
    """
    connection = await asyncpg.connect(dsn)
    try:
        await check_schema(connection)
    finally:
        await connection.close()
    connected = await Database.connect(dsn, writers=1, readers=1)
    try:
        merchants = [each for each in await access.merchants(connected) if slug in (None, each.slug)]
        if slug is not None and not merchants:
            raise Trouble(f"There is no merchant {slug!r} in this installation.")
        found: Found = {}
        for each in merchants:
            async with connected.read(each.id) as tx:
                found[each.slug] = await audit_merchant(tx, only)
        return found
    finally:
        await connected.close()


def as_text(found: Found) -> str:
    """A sentence for each difference, the merchant's name before it where there are several; or "no difference"."""
    lines = [
        f"{slug}: {each.sentence}" if len(found) > 1 else each.sentence for slug, some in found.items() for each in some
    ]
    if not lines:
        return "no difference"
    return "\n".join([*lines, f"{len(lines)} difference{'s' if len(lines) > 1 else ''}"])


def as_json(found: Found) -> dict[str, list[dict[str, object]]]:
    """As text, for programs."""
    return {
        slug: [
            {
                "check": each.check, "subject": each.subject, "field": each.field, "kept": each.kept, "told": each.told,
                "sentence": each.sentence,
            }
            for each in some
        ]
        for slug, some in found.items()
    }  # fmt: skip
