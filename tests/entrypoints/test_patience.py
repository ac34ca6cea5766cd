"""A web process that starts while its database is being started again waits for it."""

from __future__ import annotations

import pytest

from lading.database.pool import Database
from lading.entrypoints.web import open_patiently


class Away(Database):
    """A database that refuses the first connections."""

    refusals = 2

    async def open(self) -> None:
        """As the real one, from the third time on."""
        if self.refusals:
            self.refusals -= 1
            raise ConnectionRefusedError
        await super().open()


async def test_it_opens_once_the_database_is_back(database_dsn: str) -> None:
    database = Away(database_dsn)
    await open_patiently(database)
    try:
        async with database.outside() as connection:
            assert await connection.fetchval("SELECT 1") == 1
    finally:
        await database.close()


async def test_patience_ends(database_dsn: str) -> None:
    with pytest.raises(ConnectionRefusedError):
        await open_patiently(Away(database_dsn), patience_seconds=-1.0)
