"""`lading export`: a whole table into a file, CSV or Parquet by its ending."""

from __future__ import annotations

from contextlib import aclosing
from pathlib import Path
from typing import Annotated, Literal, cast

import cyclopts
from cyclopts import Parameter

from lading.database.pool import Database
from lading.entrypoints.cli.access import MerchantSlug, choose_merchant, with_database
from lading.entrypoints.exporting import MEDIA_TYPES, Format, stream
from lading.kernel.trouble import Trouble
from lading.views.exports import EXPORTS, find_export

exports = cyclopts.App(name="export", result_action="return_value")


@exports.default
def write(
    what: Annotated[Literal[tuple(EXPORTS)], Parameter(help="Which table.")],  # type: ignore[valid-type]
    file: Path,
    *,
    merchant: MerchantSlug = None,
) -> None:
    """Write a table into FILE; its ending says how: .csv, .parquet (needs the extra `parquet`), or (money) .beancount."""
    format_ = file.suffix.removeprefix(".").lower()
    if format_ not in MEDIA_TYPES:
        raise Trouble(f"{file.name} ends in none of {', '.join('.' + known for known in MEDIA_TYPES)}.")
    size = with_database(lambda database: _write(database, merchant, what, file, cast(Format, format_)))
    print(f"{file}: {size:,} bytes.")


async def _write(database: Database, slug: str | None, what: str, path: Path, format_: Format) -> int:
    merchant = await choose_merchant(database, slug)
    size = 0
    async with aclosing(stream(database, merchant.id, find_export(what), format_)) as chunks:
        first = await anext(chunks)
        with path.open("wb") as file:
            size += file.write(first)
            async for chunk in chunks:
                size += file.write(chunk)
    return size
