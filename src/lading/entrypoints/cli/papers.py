"""`lading documents make`: a paper as a file."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import cyclopts
import msgspec
from cyclopts import Parameter

from lading.adapters.documents import fonts
from lading.database.pool import Database
from lading.entrypoints.cli.access import MerchantSlug, choose_merchant, with_database
from lading.entrypoints.printing.making import KINDS, PaperQuery, make
from lading.entrypoints.printing.texts import LANGUAGES
from lading.kernel.trouble import Trouble
from lading.settings import load_settings
from lading.views import NotFound

documents = cyclopts.App(name="documents", result_action="return_value")


@documents.command(name="make")
def write(
    kind: Annotated[Literal[tuple(KINDS)], Parameter(help="Which paper.")],  # type: ignore[valid-type]
    of: str,
    file: Path,
    *,
    language: Annotated[Literal[LANGUAGES] | None, Parameter(help="Left out: that of who reads it.")] = None,  # type: ignore[valid-type]
    paper: Literal["A4", "Letter"] | None = None,
    on: date | None = None,
    carrier: str | None = None,
    merchant: MerchantSlug = None,
) -> None:
    """Write a paper about OF (1042-F1, 1042-P1, 1042-R1, INV-000017, or a location) into FILE: .pdf, or a label as .zpl.

    Parameters
    ----------
    on
        Of a manifest: the day; today if left out.
    carrier
        Of a manifest: with whom; all if left out.
    """
    given: dict[str, Any] = {
        "kind": kind, "of": of, "format": file.suffix.removeprefix(".").lower(), "language": language, "paper": paper, "on": on,
        "carrier": carrier,
    }  # fmt: skip
    try:
        query = msgspec.convert(given, PaperQuery)
    except msgspec.ValidationError:
        raise Trouble(f"{file.name} ends neither in .pdf nor in .zpl.") from None

    async def work(database: Database) -> bytes:
        found = await choose_merchant(database, merchant)
        async with database.read(found.id) as tx:
            try:
                return (await make(tx, query)).content
            except NotFound as error:
                raise Trouble(str(error)) from error

    fonts.use(load_settings().papers_font)
    content = with_database(work)
    file.write_bytes(content)
    print(f"{file}: {len(content):,} bytes.")
