"""Files of postal codes, and how far apart what they tell of lies."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from lading.adapters import postal_codes
from lading.adapters.postal_codes import PlaceOnMap
from lading.kernel.trouble import Trouble
from lading.sourcing.geography import kilometres, prefixes

REAL = Path(__file__).parents[3] / "shared" / "data" / "geo" / "postal"


def test_a_csv_says_its_columns_in_its_header(tmp_path: Path) -> None:
    file = tmp_path / "codes.csv"
    file.write_text("code,city,lat,lon\n00501,Holtsville,40.9,-72.6\n00501,Elsewhere,41.1,-72.8\n\n")
    assert postal_codes.read(file, "US") == [PlaceOnMap("US", "00501", 41.0, -72.7)]
    with pytest.raises(Trouble, match="--country"):
        postal_codes.read(file, None)
    file.write_text("code,city\n1,x\n")
    with pytest.raises(Trouble, match="no column latitude"):
        postal_codes.read(file, "US")


def test_geonames_comes_with_tabs_and_without_a_header(tmp_path: Path) -> None:
    file = tmp_path / "GB.txt.gz"
    row = "GB\tSW1A\tLondon\tEngland\tENG\tGreater London\t\t\t\t51.501\t-0.142\t4\n"
    file.write_bytes(gzip.compress(row.encode()))
    assert postal_codes.read(file, None) == [PlaceOnMap("GB", "SW1A", 51.501, -0.142)]
    assert prefixes("sw1a 1aa") == ["SW1A1AA", "SW1A1A", "SW1A1", "SW1A", "SW1", "SW"]


@pytest.mark.skipif(not REAL.exists(), reason="the real files are not beside the project (../shared/data)")
def test_real_postal_codes_lie_where_they_should() -> None:
    at = {place.postal_code: (place.latitude, place.longitude) for place in postal_codes.read(REAL / "DE.csv.gz", None)}
    assert len(at) > 8_000
    assert 590 < kilometres(at["20457"], at["80331"]) < 630, "Hamburg to Munich"
