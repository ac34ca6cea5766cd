"""Which cartons: ours beside py3dbp, on orders over products whose sizes are real."""

import csv
import gzip
import random
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing import Pool
from pathlib import Path

from py3dbp import Bin, Item, Packer

from benchmarks.report import Figure
from benchmarks.run import Run
from lading.packing import choosing
from lading.packing.checking import faults
from lading.packing.many import cost_of
from lading.packing.types import Carton, Piece, Tariff

PRODUCTS = Path(__file__).parents[3] / "shared" / "data" / "olist" / "olist_products_dataset.csv.gz"
ORDERS, ORDERS_QUICK, PIECES_MAX, SEED = 10_000, 300, 10, 20_261_123
P99_MS_MAX = 20.0
NEVER = 2**60

CARTONS = [
    Carton(code, (length, width, height), (length + 8, width + 8, height + 10), tare, 30_000, cost)
    for code, length, width, height, tare, cost in (
        ("XS", 230, 160, 60, 40, 35), ("S", 300, 220, 100, 80, 45), ("FLAT", 350, 250, 60, 90, 50), ("M", 400, 300, 150, 160, 70),
        ("M+", 400, 300, 200, 190, 80), ("L", 450, 350, 250, 280, 110), ("L+", 600, 400, 200, 330, 140), ("XL", 600, 400, 400, 520, 190),
        ("XXL", 800, 600, 400, 900, 320), ("3XL", 1_000, 600, 600, 1_500, 520),
    )
]  # fmt: skip
TARIFF = Tariff(
    5_000, (500, 1_000, 2_000, 3_000, 5_000, 10_000, 20_000, 31_500, 50_000, 80_000),
    (399, 449, 499, 549, 699, 949, 1_649, 2_450, 4_200, 6_900),
)  # fmt: skip
"""Prices in cents, as parcels of a European carrier cost; five litres count as a kilogram."""


@dataclass(slots=True)
class Compared:
    """What came of a share of the orders."""

    ours_ms: list[float] = field(default_factory=list)
    theirs_ms: list[float] = field(default_factory=list)
    proven: int = 0
    cheaper: int = 0
    dearer: int = 0
    more_cartons: int = 0
    fewer_cartons: int = 0
    ours_cents: int = 0
    theirs_cents: int = 0
    wrong: int = 0
    orders: int = 0


def packing_orders(run: Run) -> list[Figure]:
    """Orders of one to ten units: what the cartons and the carrier cost, and how long it takes to know."""
    count = ORDERS_QUICK if run.options.rounds == 1 else ORDERS
    orders = list(generate(read_products(), count))
    shares = [orders[at::16] for at in range(16)]
    with Pool(2) as pool:
        parts = pool.map(compare, shares)
    ours = sorted(ms for part in parts for ms in part.ours_ms)
    theirs = sorted(ms for part in parts for ms in part.theirs_ms)
    total = Compared(ours, theirs)
    for part in parts:
        for name in (
            "proven", "cheaper", "dearer", "more_cartons", "fewer_cartons", "ours_cents", "theirs_cents", "wrong", "orders",
        ):  # fmt: skip
            setattr(total, name, getattr(total, name) + getattr(part, name))
    p99 = ours[int(len(ours) * 0.99)]
    told: dict[str, object] = {
        "orders": total.orders, "proven_percent": round(100 * total.proven / total.orders, 1),
        "cheaper_percent": round(100 * total.cheaper / total.orders, 1), "dearer": total.dearer, "more_cartons": total.more_cartons,
        "fewer_cartons": total.fewer_cartons, "p50_ms": round(statistics.median(ours), 2), "p99_ms": round(p99, 2),
        "py3dbp_p50_ms": round(statistics.median(theirs), 2), "py3dbp_p99_ms": round(theirs[int(len(theirs) * 0.99)], 2),
        "wrong": total.wrong,
    }  # fmt: skip
    sound = not total.dearer and not total.wrong and not total.more_cartons
    return [
        Figure(
            "packing_cost", total.ours_cents / total.orders / 100, "EUR an order", total.theirs_cents / total.orders / 100,
            at_most=1.0, details=told, passed=sound,
        ),
        Figure("packing_p99", p99, "ms of processor time", details={"asked": f"under {P99_MS_MAX}"}, passed=p99 < P99_MS_MAX),
    ]  # fmt: skip


def read_products(path: Path = PRODUCTS) -> list[Piece]:
    """Those of the data that have sizes and a weight."""
    found = []
    with gzip.open(path, "rt") as file:
        for row in csv.DictReader(file):
            sides = [row[f"product_{side}_cm"] for side in ("length", "width", "height")]
            if all(sides) and row["product_weight_g"]:
                length, width, height = (int(float(side)) * 10 for side in sides)
                found.append(Piece((length, width, height), int(float(row["product_weight_g"]))))
    return found


def generate(products: Sequence[Piece], count: int) -> Iterator[list[Piece]]:
    """Orders of one to ten units, each as likely; some lines have two or three units. None holds what fits into no carton."""
    chance = random.Random(SEED)
    fitting = [piece for piece in products if _fits(piece)]
    for _ in range(count):
        units = chance.randint(1, PIECES_MAX)
        pieces: list[Piece] = []
        while len(pieces) < units:
            pieces += [chance.choice(fitting)] * min(units - len(pieces), chance.choice((1, 1, 1, 1, 2, 3)))
        yield pieces


def _fits(piece: Piece) -> bool:
    (parcel,) = choosing.choose([piece], CARTONS, TARIFF).parcels
    return parcel.carton is not None


def compare(orders: Sequence[list[Piece]]) -> Compared:
    """A share of the orders, packed by both."""
    found = Compared(orders=len(orders))
    for pieces in orders:
        begun = time.process_time()
        ours = choosing.choose(pieces, CARTONS, TARIFF)
        found.ours_ms.append((time.process_time() - begun) * 1_000)
        found.wrong += bool(faults(ours, pieces, TARIFF))
        begun = time.process_time()
        cents, cartons = with_py3dbp(pieces)
        found.theirs_ms.append((time.process_time() - begun) * 1_000)
        found.proven += ours.proven
        found.ours_cents += ours.cost_minor
        found.theirs_cents += cents
        found.cheaper += ours.cost_minor < cents
        found.dearer += ours.cost_minor > cents
        found.more_cartons += len(ours.parcels) > cartons and ours.cost_minor >= cents
        found.fewer_cartons += len(ours.parcels) < cartons
    return found


def with_py3dbp(pieces: Sequence[Piece]) -> tuple[int, int]:
    """(cents, cartons): the cheapest carton that takes all; else, again and again, the one that takes most volume for its price."""
    left = list(range(len(pieces)))
    cents = cartons = 0
    while left:
        best: tuple[float, int, list[int]] | None = None
        for carton in CARTONS:
            inside = _packed(carton, pieces, left)
            if not inside:
                continue
            cost = cost_of(carton, sum(pieces[at].weight_grams for at in inside), TARIFF)
            if cost is None:
                continue
            all_in = len(inside) == len(left)
            volume = sum(pieces[at].size[0] * pieces[at].size[1] * pieces[at].size[2] for at in inside)
            score = cost / NEVER if all_in else cost / volume
            if best is None or score < best[0]:
                best = (score, cost, inside)
        assert best is not None
        cents += best[1]
        cartons += 1
        left = [at for at in left if at not in best[2]]
    return cents, cartons


def _packed(carton: Carton, pieces: Sequence[Piece], left: Sequence[int]) -> list[int]:
    packer = Packer()
    packer.add_bin(Bin(carton.code, *carton.inner, carton.max_grams))
    for at in left:
        packer.add_item(Item(str(at), *pieces[at].size, pieces[at].weight_grams))
    packer.pack(bigger_first=True, number_of_decimals=0)
    return [int(item.name) for item in packer.bins[0].items]
