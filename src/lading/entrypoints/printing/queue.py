"""The file of a print job: made when a station asks for it, and kept, so that a reprint is the same."""

from collections.abc import AsyncIterator
from uuid import UUID

import msgspec

from lading.database import queries
from lading.database.pool import Database
from lading.entrypoints.files import Files
from lading.entrypoints.printing.making import TYPES, Paper, PaperQuery, make
from lading.views import NotFound
from lading.views import print_jobs as views

sql = queries.load(views.__file__)


async def paper_of(database: Database, files: Files, merchant_id: int, job: UUID) -> tuple[Paper, str]:
    """The paper and its SHA-256; what was printed before is given as it was. Raises NotFound."""
    async with database.read(merchant_id) as tx:
        row = await tx.fetchrow(sql.print_job, job)
        if row is None:
            raise NotFound(f"There is no print job {job}.")
        name = f"{row['kind']}-{row['of']}.{row['format']}"
        if row["sha256"] and (kept := files.path(row["sha256"])).exists():
            return Paper(kept.read_bytes(), TYPES[row["format"]], name), row["sha256"].hex()
        wanted = {key: row[key] for key in ("kind", "of", "format", "language", "paper")}
        try:
            query = msgspec.convert(wanted, PaperQuery)
        except msgspec.ValidationError as error:
            raise NotFound(f"{name} cannot be made: {error}.") from error
        found = await make(tx, query)
    kept_file = await files.keep(merchant_id, _once(found.content), found.type)
    return found, kept_file.sha256


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content
