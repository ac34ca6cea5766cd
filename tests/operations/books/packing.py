"""Cartons, serials of parcels, and print jobs."""

from __future__ import annotations

from tests.operations.books.spoiling import Spoil
from tests.races.shop import CARTON, RATE, Shop, order


async def print_papers(shop: Shop, parcel: str) -> None:
    """A label that was printed and printed again, a slip that could not be printed, another one that nobody wants."""
    kinds = ("label", "packing-slip", "cn22")
    await shop.do("print-jobs.add", *({"kind": kind, "of": parcel, "station": "PACK-1"} for kind in kinds))
    (claimed,) = await shop.do("print-jobs.claim", {"station": "PACK-1"})
    label, slip, customs = ({"job": each["job"]} for each in claimed["jobs"])
    await shop.do("print-jobs.finish", {**label, "sha256": "ab" * 32})
    await shop.do("print-jobs.reprint", label)
    await shop.do("print-jobs.fail", {**slip, "trouble": "no paper"})
    await shop.do("print-jobs.drop", customs)


async def box(shop: Shop) -> None:
    """Two parcels in cartons, each with a serial of its own."""
    await shop.do("cartons.save", CARTON)
    await shop.do("parcel-rates.save", RATE)
    await shop.do("policies.set", {"name": "gs1_company_prefix", "value": "4012345"})
    vase = {"length_mm": 90, "width_mm": 90, "height_mm": 120, "weight_grams": 400, "fragile": True, "upright": True}
    await shop.do("products.save", {"sku": "VASE", "name": "Vase", "hs_code": "691200", "origin": "PT", **vase})
    await shop.do("stock.receive", {"sku": "VASE", "location": "HAM", "quantity": 3, "reason": "opening"})
    number = (await shop.do("orders.place", order(("VASE", 2), gift=True)))[0]["number"]
    await shop.do("orders.release", {"order": number})
    await shop.do("fulfillment-orders.pick", {"fulfillment_order": f"{number}-F1"})
    one = {"fulfillment_order": f"{number}-F1", "scans": [{"code": "VASE"}], "carton": "M", "weight_grams": 450}
    await shop.do("parcels.pack", one, one)
    await print_papers(shop, f"{number}-P1")
    await shop.do("policies.set", {"name": "gs1_company_prefix", "value": None})


SPOILS = [
    Spoil(
        "sscc_series", "The series of parcels of 4012345: last_serial is 3", "UPDATE sscc_series SET last_serial = 3"
    ),
    Spoil("print_jobs", "The print job over label", "UPDATE print_job SET attempts = 9 WHERE kind = 'label'"),
    Spoil(
        "print_jobs",
        "The print job over packing-slip",
        "UPDATE print_job SET status = 'printed' WHERE kind = 'packing-slip'",
    ),
    Spoil("cartons", "The carton M: tare_grams is 7", "UPDATE carton SET tare_grams = 7"),
    Spoil("cartons", "The parcel rate DE: mm3_per_gram is 4", "UPDATE parcel_rate SET mm3_per_gram = 4"),
]
