"""`lading layouts import`: the plan of a warehouse from a file, its aisles and its bins at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from lading.access.store import Caller
from lading.database.pool import Database
from lading.entrypoints.cli.access import Json, MerchantSlug, choose_merchant, with_database
from lading.entrypoints.service import Service, envelope
from lading.kernel.ids import named_id
from lading.kernel.trouble import Trouble
from lading.layouts import files
from lading.operations.registry import verbs

SIZE = 1_000


def import_layout(
    location: str,
    file: Path,
    *,
    cross: str | None = None,
    depot: int | None = None,
    merchant: MerchantSlug = None,
    json: Json = False,
) -> int:
    """Save aisles and bins of a location from a file; running it twice changes nothing that matters.

    Parameters
    ----------
    location
        The code of the location.
    file
        CSV with the header bin, aisle, x_cm, position_cm (and, if you like, sequence): one bin a line, x_cm is where its aisle
        begins on the front. Or JSON: {"depot_cm", "cross_cm", "aisles": [{"code", "x_cm"}], "bins": [{"code", "aisle", "position_cm"}]}.
    cross
        Where cross aisles run, the front one first, such as 0,1500,3000; of a CSV file without it, at 0 and behind the last bin.
    depot
        Where walks begin, along the front, in centimetres.
    json
        Print JSON for programs.
    """
    try:
        plan = files.read(
            file.name, file.read_text(encoding="utf-8-sig"), files.numbers(cross) if cross else None, depot
        )
    except (ValueError, UnicodeDecodeError) as error:
        raise Trouble(f"{file}: {error}.") from None
    saved = with_database(lambda database: _save(database, merchant, location, plan))
    told = {"location": location, "aisles": len(plan.aisles), "bins": len(plan.bins), "version": saved}
    print(
        msgspec.json.encode(told).decode()
        if json
        else f"{location}: {told['aisles']} aisles and {told['bins']} bins saved."
    )
    return 0


async def _save(database: Database, slug: str | None, location: str, plan: files.Plan) -> int:
    """The version of the layout. Raises Trouble where a command is refused."""
    merchant = await choose_merchant(database, slug)
    caller = Caller(merchant.id, named_id(merchant.id, "cli"), "cli:local", "command line", frozenset("*"))
    service = Service(database)

    async def run(name: str, payloads: list[dict[str, Any]]) -> list[dict[str, Any]]:
        verb, outcomes = verbs()[name], []
        for first in range(0, len(payloads), SIZE):
            try:
                batch = [envelope(caller, verb, payload) for payload in payloads[first : first + SIZE]]
            except msgspec.ValidationError as error:
                raise Trouble(f"{name} does not fit: {error}.") from None
            for answer in await service.run(caller, verb, batch):
                outcome = msgspec.json.decode(answer.body) if answer.body else {"message": "the database is away"}
                if not answer.accepted:
                    raise Trouble(str(outcome["message"]))
                outcomes.append(outcome)
        return outcomes

    (saved,) = await run("layouts.save", [{"location": location, **plan.layout}])
    await run("bins.save", [{"location": location, **each} for each in plan.bins])
    return int(saved["version"])
