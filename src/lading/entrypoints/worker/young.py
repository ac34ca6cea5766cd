"""Tables that nobody has analysed yet, as soon as there is something in them: autovacuum may take a minute to come by, and before 18
PostgreSQL knows nothing of such a table until then (ADR 0026)."""

import asyncpg

from lading.database import queries
from lading.database.migrate import OWNER
from lading.database.pool import Database

sql = queries.load(__file__)

PAGES = 10
"""Any plan will do for a table that is smaller."""


async def analyse(database: Database) -> list[str]:
    """Analyse them, which is the right of who owns them; which ones."""
    async with database.outside() as connection:
        young = [row["name"] for row in await connection.fetch(sql.young_tables, PAGES)]
    if young:
        owner = await asyncpg.connect(database.dsn, server_settings={"role": OWNER})
        try:
            await owner.execute(f"ANALYZE {', '.join(young)}")
        finally:
            await owner.close()
    return young
