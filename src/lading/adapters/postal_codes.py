"""Files of postal codes with their places on the map: GeoNames as it comes, or any CSV whose header names the columns."""

import csv
import gzip
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from lading.kernel.trouble import Trouble

COLUMNS = {
    "postal_code": ("postal_code", "zipcode", "zip", "code", "postcode"),
    "latitude": ("latitude", "lat"),
    "longitude": ("longitude", "lon", "lng", "long"),
    "country": ("country_code", "country"),
}  # fmt: skip
_GEONAMES = 12
"""Columns of a GeoNames file, which has tabs and no header: country, code, nine names and numbers, latitude, longitude, accuracy."""


class PlaceOnMap(NamedTuple):
    """The middle of a postal code."""

    country: str
    postal_code: str
    latitude: float
    longitude: float


def read(path: Path, country: str | None) -> list[PlaceOnMap]:
    """Each code once: where a file has several places of one code, the middle of them. Raises Trouble."""
    sums: dict[tuple[str, str], tuple[float, float, int]] = {}
    open_ = gzip.open if path.suffix == ".gz" else open
    try:
        with open_(path, "rt", encoding="utf-8-sig") as file:
            for place in _places(file, country):
                key = (place.country, place.postal_code)
                latitude, longitude, count = sums.get(key, (0.0, 0.0, 0))
                sums[key] = (latitude + place.latitude, longitude + place.longitude, count + 1)
    except (OSError, UnicodeDecodeError) as error:
        raise Trouble(f"{path} cannot be read: {error}.") from None
    return [
        PlaceOnMap(*key, round(latitude / count, 6), round(longitude / count, 6))
        for key, (latitude, longitude, count) in sums.items()
    ]


def _places(lines: Iterable[str], country: str | None) -> Iterator[PlaceOnMap]:
    lines = iter(lines)
    first = next(lines, "")
    if len(first.rstrip("\n").split("\t")) >= _GEONAMES - 1:
        yield from _geonames([first, *lines], country)
        return
    header = [name.strip().lower() for name in next(csv.reader([first]), [])]
    at = {what: next((header.index(name) for name in names if name in header), -1) for what, names in COLUMNS.items()}
    if missing := [what for what in ("postal_code", "latitude", "longitude") if at[what] < 0]:
        raise Trouble(f"The file has no column {missing[0]}; its header must name {', '.join(COLUMNS)}.")
    if at["country"] < 0 and country is None:
        raise Trouble("The file does not say which country it is of: give --country.")
    for number, row in enumerate(csv.reader(lines), 2):
        if not row:
            continue
        if len(row) <= max(at.values()):
            raise Trouble(f"Line {number} has {len(row)} columns, the header {len(header)}.")
        code = row[at["postal_code"]].strip()
        of = row[at["country"]].strip().upper() if at["country"] >= 0 else (country or "")
        yield from _place(number, of, code, row[at["latitude"]], row[at["longitude"]])


def _geonames(lines: Iterable[str], country: str | None) -> Iterator[PlaceOnMap]:
    for number, line in enumerate(lines, 1):
        row = line.rstrip("\n").split("\t")
        if len(row) >= _GEONAMES - 1:
            yield from _place(number, country or row[0], row[1], row[9], row[10])


def _place(number: int, country: str, code: str, latitude: str, longitude: str) -> Iterator[PlaceOnMap]:
    if not code or not latitude or not longitude:
        return
    try:
        yield PlaceOnMap(country, code, float(latitude), float(longitude))
    except ValueError:
        raise Trouble(f"Line {number}: {latitude}, {longitude} is no place on the map.") from None
