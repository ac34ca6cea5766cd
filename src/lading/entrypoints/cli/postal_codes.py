"""`lading postal-codes import`: a file of postal codes put on the map, through the verb."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

import msgspec

from lading.access.store import Caller
from lading.adapters import postal_codes
from lading.database.pool import Database
from lading.entrypoints.api.verbs import answer_problem
from lading.entrypoints.cli.access import MerchantSlug, choose_merchant, with_database
from lading.entrypoints.service import Service, envelope
from lading.kernel.ids import named_id
from lading.kernel.trouble import Trouble
from lading.operations.registry import verbs
from lading.sourcing.commands import AREAS_MAX

COMMANDS_AT_ONCE = 10


def import_file(file: Path, *, country: str | None = None, merchant: MerchantSlug = None) -> int:
    """Put the postal codes of a file on the map: GeoNames as it comes, or a CSV with a header; plain or gzipped.

    Running it twice changes nothing.

    Parameters
    ----------
    file
        The file.
    country
        Two capital letters, where the file does not say them.
    """
    places = sorted(postal_codes.read(file, country))
    changed = with_database(lambda database: _save(database, places, merchant))
    print(f"{len(places):,} postal codes in the file, {changed:,} new or moved.")
    return 0


async def _save(database: Database, places: list[postal_codes.PlaceOnMap], slug: str | None) -> int:
    merchant = await choose_merchant(database, slug)
    caller = Caller(merchant.id, named_id(merchant.id, "cli"), "cli:local", "command line", frozenset("*"))
    verb, service = verbs()["postal-codes.save"], Service(database)
    commands = []
    for country, of_country in groupby(places, key=lambda place: place.country):
        areas = [
            {"postal_code": place.postal_code, "latitude": place.latitude, "longitude": place.longitude}
            for place in of_country
        ]
        commands += [
            {"country": country, "areas": areas[at : at + AREAS_MAX]} for at in range(0, len(areas), AREAS_MAX)
        ]
    changed = 0
    for at in range(0, len(commands), COMMANDS_AT_ONCE):
        try:
            works = [envelope(caller, verb, command) for command in commands[at : at + COMMANDS_AT_ONCE]]
        except msgspec.ValidationError as error:
            raise Trouble(f"The file cannot be taken: {error}.") from None
        for answer in await service.run(caller, verb, works):
            if not answer.accepted:
                raise Trouble(answer_problem(answer).detail)
            changed += msgspec.json.decode(answer.body)["changed"]
    return changed
