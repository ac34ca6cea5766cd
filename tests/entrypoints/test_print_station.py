"""A print station: papers are queued, taken under a lease, printed, and printed again as they were."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from lading.entrypoints.cli.main import run
from tests.entrypoints.house import House, Merchant


def packed(shop: Merchant) -> str:
    """A parcel."""
    number = shop.place(2)
    shop.done("/v1/orders/release", {"order": number})
    shop.done("/v1/fulfillment-orders/pick", {"fulfillment_order": f"{number}-F1"})
    return str(shop.done("/v1/parcels/pack", {"fulfillment_order": f"{number}-F1"})["parcel"])


def add(shop: Merchant, kind: str, of: str, **more: object) -> str:
    return str(shop.done("/v1/print-jobs/add", {"kind": kind, "of": of, "station": "PACK-1", **more})["job"])


def station(house: House, shop: Merchant, *how: str) -> int:
    url = f"http://127.0.0.1:{house.port}"
    return run(["print", "PACK-1", "--server", url, "--key", str(shop.key), "--once", *how])


def test_what_is_queued_is_printed_once_and_a_reprint_is_the_same(house: House, shop: Merchant, tmp_path: Path) -> None:
    parcel = packed(shop)
    job = add(shop, "label", parcel, format="zpl")
    add(shop, "packing-slip", parcel)
    assert station(house, shop, "--folder", str(tmp_path)) == 0
    first = {path.suffix: path.read_bytes() for path in tmp_path.iterdir()}
    assert set(first) == {".zpl", ".pdf"} and first[".zpl"].startswith(b"^XA")
    assert station(house, shop, "--folder", str(tmp_path / "again")) == 0
    assert not (tmp_path / "again").exists(), "each paper is printed once"
    shop.done("/v1/parcels/ship", {"parcel": parcel, "carrier": "DHL", "tracking_number": "T-1"})
    shop.done("/v1/print-jobs/reprint", {"job": job})
    assert station(house, shop, "--folder", str(tmp_path / "again")) == 0
    (again,) = (tmp_path / "again").iterdir()
    assert again.read_bytes() == first[".zpl"], "as it was, though the parcel has a tracking number by now"
    assert b"T-1" in shop.get(f"/v1/documents/label/{parcel}", format="zpl").body


def test_what_cannot_be_printed_waits_for_somebody_to_look(
    house: House, shop: Merchant, capsys: pytest.CaptureFixture[str]
) -> None:
    job = add(shop, "label", "77-P1")
    assert station(house, shop, "--command", f"{sys.executable} -c pass {{file}}") == 0
    assert capsys.readouterr().out.count("There is no order 77") == 3, "three attempts"
    (told,) = shop.get("/v1/print-jobs", station="PACK-1", status="failed").json["items"]
    assert (told["job"], told["attempts"], told["trouble"]) == (job, 3, "There is no order 77-P1.")
    good = add(shop, "packing-slip", packed(shop))
    assert station(house, shop, "--command", f"{sys.executable} -c 'raise SystemExit(1)' {{file}}") == 0
    assert shop.post("/v1/print-jobs/finish", {"job": good}).name == "print_job_closed"
    assert station(house, shop) == 1, "neither a program nor a folder"


def test_a_station_that_dies_loses_its_papers_to_the_next(shop: Merchant) -> None:
    jobs = {add(shop, "label", f"{number}-P1") for number in (1, 2, 3)}
    taken = shop.done("/v1/print-jobs/claim", {"station": "PACK-1", "most": 2, "lease_seconds": 5})["jobs"]
    rest = shop.done("/v1/print-jobs/claim", {"station": "PACK-1"})["jobs"]
    assert (
        {each["job"] for each in taken} | {each["job"] for each in rest} == jobs and len(taken) == 2 and len(rest) == 1
    )
    assert shop.done("/v1/print-jobs/claim", {"station": "PACK-1"})["jobs"] == []
    shop.done("/v1/print-jobs/fail", {"job": taken[0]["job"], "trouble": "jam"})
    (again,) = shop.done("/v1/print-jobs/claim", {"station": "PACK-1"})["jobs"]
    assert again["job"] == taken[0]["job"]
    shop.done("/v1/print-jobs/drop", {"job": again["job"]})
    assert shop.get("/v1/print-jobs", status="dropped").json["items"][0]["job"] == again["job"]
