"""What the seeded merchant sells, where it lies, and under which policies. Plain data, and what follows from it."""

from datetime import date, timedelta
from random import Random
from typing import Any, NamedTuple

from stdnum import ean

Fields = dict[str, Any]

SLUG, NAME, TIME_ZONE, CURRENCY = "demo", "Northbound Goods", "Europe/Berlin", "EUR"


def eur(amount: str) -> Fields:
    """So much money in the currency of the shop."""
    return {"amount": amount, "currency": CURRENCY}


GROUPS: list[Fields] = [{"code": "EUROPE", "name": "Europe"}, {"code": "JAPAN", "name": "Japan"}]


def _works(days: str, cut_off: str, orders: int) -> Fields:
    return {"week": [{"weekday": day, "cut_off": cut_off} for day in days.split()], "capacity": {"per_day": orders}}


SCHEDULES: dict[str, Fields] = {
    "HAM": _works("monday tuesday wednesday thursday friday saturday", "16:00", 45),
    "LEE": _works("monday tuesday wednesday thursday friday", "15:00", 20),
}
"""On which days they work, until when, and how many orders a day takes; the store in Tokyo sends on every day."""

LOCATIONS: list[Fields] = [
    {
        "code": code,
        "name": name,
        "kind": kind,
        "time_zone": zone,
        "country": country,
        "priority": priority,
        "group": group,
        "schedule": SCHEDULES.get(code),
    }
    for code, name, kind, zone, country, priority, group in (
        ("HAM", "Hamburg warehouse", "warehouse", "Europe/Berlin", "DE", 10, "EUROPE"),
        ("LEE", "Leeds warehouse", "warehouse", "Europe/London", "GB", 20, "EUROPE"),
        ("TYO", "Tokyo store", "store", "Asia/Tokyo", "JP", 30, "JAPAN"),
    )
]


class Channel(NamedTuple):
    """A channel and how it bills."""

    code: str
    name: str
    currency: str
    share: int
    """Of all orders, in percent."""
    shipping_minor: int
    free_from_minor: int
    """Goods from which on shipping is free."""
    tax_percent: int
    """On top of the prices; 0 where they include it."""


CHANNELS = [
    Channel("web", "Web shop", "EUR", 60, 490, 8_000, 0),
    Channel("marketplace", "UK marketplace", "GBP", 25, 395, 6_000, 0),
    Channel("tokyo", "Tokyo web shop", "JPY", 15, 660, 12_000, 10),
]

BACKORDERED = ("LAMP-DESK-BRASS", "PACK-30-OCHRE")
"""Products that sell out: of the first one more arrives in time, of the second one not yet."""

CARTONS: list[Fields] = [
    {
        "code": code,
        "name": name,
        "inner": {"length_mm": length, "width_mm": width, "height_mm": height},
        "outer": {"length_mm": length + 6, "width_mm": width + 6, "height_mm": height + 8},
        "tare_grams": tare,
        "max_grams": carries,
        "cost": eur(cost),
    }
    for code, name, length, width, height, tare, carries, cost in (
        ("FLAT", "Flat mailer", 340, 240, 45, 90, 2_000, "0.38"),
        ("S", "Carton S", 250, 180, 110, 120, 8_000, "0.46"),
        ("M", "Carton M", 330, 250, 150, 210, 15_000, "0.64"),
        ("L", "Carton L", 430, 330, 200, 340, 20_000, "0.98"),
        ("XL", "Carton XL", 560, 420, 300, 620, 30_000, "1.85"),
    )
]

PARCEL_RATES: list[Fields] = [
    {
        "code": code,
        "name": name,
        "countries": countries,
        "mm3_per_gram": 5_000,
        "steps": [
            {
                "up_to_grams": grams,
                "price": eur(f"{(cents * percent + 50) // 100 / 100:.2f}"),
            }
            for grams, cents in (
                (1_000, 399),
                (2_000, 449),
                (5_000, 599),
                (10_000, 949),
                (20_000, 1549),
                (31_500, 1990),
            )
        ],
    }
    for code, name, countries, percent in (
        ("GERMANY", "Parcels inside Germany", ["DE"], 100),
        ("WORLD", "Parcels abroad", [], 260),
    )
]

POLICIES: list[Fields] = [
    {"name": "gs1_company_prefix", "value": "9521234"},
    {"name": "hold_over_amount", "value": "350"},
    {"name": "hold_over_amount", "value": "50000", "channel": "tokyo"},
    {"name": "order_priority", "value": 10, "channel": "marketplace"},
    {"name": "return_window_days", "value": 60, "channel": "web"},
    *({"name": "may_backorder", "value": True, "sku": sku} for sku in BACKORDERED),
    {"name": "backorder_limit", "value": 60, "sku": "PACK-30-OCHRE"},
    {"name": "safety_stock", "value": 6, "sku": "MUG-BLUE"},
    {"name": "safety_stock", "value": "10%", "sku": "NOTEBOOK-A5"},
    {"name": "availability_levels", "value": [40, 10], "sku": "TEE-M"},
    {"name": "lead_time_days", "value": 14, "location": "TYO"},
]


class Ware(NamedTuple):
    """A product and what one costs in the shop's own currency."""

    sku: str
    name: str
    price_cents: int
    weight_grams: int
    length_mm: int
    width_mm: int
    height_mm: int
    demand: int
    """How often it is chosen, beside the others."""


WARES = [
    Ware("MUG-BLUE", "Stoneware mug, blue", 1450, 380, 120, 90, 100, 14),
    Ware("MUG-SAND", "Stoneware mug, sand", 1450, 380, 120, 90, 100, 11),
    Ware("MUG-ENAMEL", "Enamel mug, white", 1190, 160, 115, 85, 85, 9),
    Ware("BOWL-S", "Stoneware bowl, small", 1290, 320, 140, 140, 60, 6),
    Ware("BOWL-L", "Stoneware bowl, large", 2490, 860, 240, 240, 90, 4),
    Ware("PLATE-20", "Plate, 20 cm", 1590, 450, 200, 200, 25, 5),
    Ware("PLATE-27", "Plate, 27 cm", 1990, 780, 270, 270, 28, 5),
    Ware("TEAPOT-CAST", "Cast iron teapot", 6900, 1650, 210, 160, 150, 3),
    Ware("KETTLE-CAMP", "Camp kettle, 1 l", 3450, 410, 180, 170, 120, 5),
    Ware("BOTTLE-500", "Steel bottle, 500 ml", 2490, 290, 75, 75, 230, 10),
    Ware("BOTTLE-750", "Steel bottle, 750 ml", 2990, 360, 80, 80, 265, 8),
    Ware("FLASK-1L", "Vacuum flask, 1 l", 4490, 590, 95, 95, 315, 5),
    Ware("TOWEL-LINEN", "Linen towel", 1890, 180, 300, 220, 20, 6),
    Ware("APRON-NAVY", "Apron, navy", 3290, 330, 320, 240, 25, 4),
    Ware("BLANKET-WOOL", "Wool blanket, grey", 8900, 1480, 400, 320, 130, 4),
    Ware("CUSHION-FELT", "Felt cushion", 3690, 540, 400, 400, 120, 3),
    Ware("CANDLE-PINE", "Candle, pine", 1690, 410, 90, 90, 100, 9),
    Ware("CANDLE-CEDAR", "Candle, cedar", 1690, 410, 90, 90, 100, 8),
    Ware("LANTERN-S", "Storm lantern, small", 3990, 760, 160, 160, 260, 4),
    Ware("LAMP-DESK-BRASS", "Desk lamp, brass", 12900, 2350, 420, 220, 180, 4),
    Ware("NOTEBOOK-A5", "Notebook A5, dotted", 1290, 260, 210, 148, 16, 12),
    Ware("NOTEBOOK-A6", "Notebook A6, plain", 890, 130, 148, 105, 14, 10),
    Ware("PEN-BRASS", "Brass pen", 2890, 45, 150, 30, 25, 7),
    Ware("PENCIL-SET", "Pencils, set of six", 990, 60, 190, 50, 12, 7),
    Ware("TEE-S", "T-shirt, organic, S", 2490, 165, 280, 220, 20, 6),
    Ware("TEE-M", "T-shirt, organic, M", 2490, 175, 280, 220, 20, 10),
    Ware("TEE-L", "T-shirt, organic, L", 2490, 190, 280, 220, 20, 9),
    Ware("BEANIE-MOSS", "Beanie, moss", 2290, 90, 220, 200, 40, 8),
    Ware("SCARF-MERINO", "Merino scarf", 4990, 210, 260, 200, 50, 5),
    Ware("GLOVES-M", "Wool gloves, M", 2790, 85, 230, 110, 35, 4),
    Ware("GLOVES-L", "Wool gloves, L", 2790, 95, 240, 120, 35, 4),
    Ware("SOCKS-HIKE-40", "Hiking socks 39 to 42", 1590, 95, 200, 100, 45, 9),
    Ware("SOCKS-HIKE-44", "Hiking socks 43 to 46", 1590, 105, 210, 100, 45, 8),
    Ware("PACK-20-SLATE", "Day pack 20 l, slate", 8490, 820, 460, 280, 90, 5),
    Ware("PACK-30-OCHRE", "Day pack 30 l, ochre", 10900, 1040, 520, 300, 100, 4),
    Ware("TOTE-CANVAS", "Canvas tote", 1990, 310, 400, 370, 15, 9),
    Ware("KNIFE-FOLD", "Folding knife, ash", 4590, 115, 130, 35, 22, 4),
    Ware("COMPASS", "Plate compass", 3290, 55, 120, 62, 12, 3),
    Ware("MAP-ALPS", "Hiking map, Alps", 1490, 80, 240, 110, 8, 5),
    Ware("TARP-3X3", "Tarp, 3 x 3 m", 9900, 920, 300, 150, 110, 2),
]

FRAGILE = ("MUG-BLUE", "MUG-SAND", "BOWL-S", "BOWL-L", "PLATE-20", "PLATE-27", "LANTERN-S", "WATCH-FIELD")
UPRIGHT = ("LANTERN-S", "LAMP-DESK-BRASS")
KEPT_APART = {"TEA-SENCHA": "food", "CANDLE-PINE": "scented", "CANDLE-CEDAR": "scented"}
"""How products want to lie in a carton."""

MADE = {
    "MUG-BLUE": {"hs_code": "691200", "origin": "PT"},
    "MUG-SAND": {"hs_code": "691200", "origin": "PT"},
    "TEE-M": {"hs_code": "610910", "origin": "TR"},
    "NOTEBOOK-A5": {"hs_code": "482010", "origin": "DE"},
    "BOTTLE-500": {"hs_code": "961700", "origin": "CN"},
}
"""What customs want to know."""

TRACKED = {"TEA-SENCHA": "lot", "WATCH-FIELD": "serial"}
"""Products whose units are told apart."""

MORE_WARES = [
    Ware("TEA-SENCHA", "Sencha tea, 100 g", 1190, 115, 90, 60, 130, 0),
    Ware("WATCH-FIELD", "Field watch, steel", 18900, 140, 110, 110, 80, 0),
    Ware("JACKET-RAIN", "Rain jacket, ochre", 13900, 480, 340, 260, 40, 0),
    Ware("SET-TABLE", "Table set for two", 7990, 2300, 320, 280, 220, 0),
    Ware("BOX-CAMP", "Camp breakfast box", 5490, 780, 300, 220, 160, 0),
]
"""What is chosen by a few orders only, each for what it shows: a lot, a serial number, a shortage, kits."""

KITS: list[Fields] = [
    {
        "sku": "SET-TABLE",
        "components": [
            {"sku": "BOWL-S", "per_kit": 2, "list_price": "12.90"},
            {"sku": "PLATE-20", "per_kit": 2, "list_price": "15.90"},
            {"sku": "MUG-SAND", "per_kit": 2, "list_price": "14.50"},
        ],
    },
    {
        "sku": "BOX-CAMP",
        "stocked": True,
        "components": [
            {"sku": "KETTLE-CAMP", "list_price": "34.50"},
            {"sku": "MUG-ENAMEL", "per_kit": 2, "list_price": "11.90"},
        ],
    },
]
"""One is put together for each order, one is made ahead."""

SERIALS = [f"NW-{number}" for number in range(2041, 2049)]

IN_HAMBURG = [ware for index, ware in enumerate(WARES) if index % 8 != 7]
"""What lies there; of the others all lies elsewhere."""


PRODUCTS = [*WARES, *MORE_WARES]


def product(index: int) -> Fields:
    """The command that saves a ware. Its GTIN begins with 2: a number for use inside one company, nobody else's."""
    ware = PRODUCTS[index]
    digits = f"2{index + 1:011d}"
    return {
        "sku": ware.sku, "name": ware.name, "gtin": digits + ean.calc_check_digit(digits),
        "weight_grams": ware.weight_grams, "length_mm": ware.length_mm, "width_mm": ware.width_mm,
        "height_mm": ware.height_mm, "tracking": TRACKED.get(ware.sku), "fragile": ware.sku in FRAGILE,
        "upright": ware.sku in UPRIGHT, "keep_apart": KEPT_APART.get(ware.sku, ""), **MADE.get(ware.sku, {}),
    }  # fmt: skip


def price_minor(ware: Ware, currency: str) -> int:
    """What one costs in a channel's currency, in its minor units, rounded to a price that a shop would ask."""
    if currency == "GBP":
        return ware.price_cents * 86 // 500 * 5
    if currency == "JPY":
        return ware.price_cents * 160 // 1000 * 10
    return ware.price_cents


def opening_stock(rng: Random) -> list[Fields]:
    """What lies where at the beginning: nearly everything in Hamburg, half of it in Leeds too, a third in Tokyo."""
    received = []
    for ware in WARES:
        if ware.sku in BACKORDERED:
            received.append(_receipt(ware.sku, "HAM", 3))
            continue
        home = ware in IN_HAMBURG
        for location, there in (("HAM", home), ("LEE", not home or rng.random() < 0.5), ("TYO", rng.random() < 0.35)):
            if there:
                received.append(_receipt(ware.sku, location, 20 + ware.demand * rng.randint(6, 10)))
    return received


def more_stock(today: date) -> list[Fields]:
    """The same of what only a few orders choose: lots of tea that last longer and longer, watches by their numbers."""
    tea = (("SE-109", 8, 80), ("SE-114", 30, 43), ("SE-127", 60, 220))
    return [
        *(
            _receipt("TEA-SENCHA", "HAM", quantity)
            | {"lot": lot, "expires_on": (today + timedelta(days=days)).isoformat()}
            for lot, quantity, days in tea
        ),
        _receipt("WATCH-FIELD", "HAM", len(SERIALS)) | {"serials": SERIALS},
        _receipt("JACKET-RAIN", "HAM", 8),
        _receipt("JACKET-RAIN", "LEE", 3),
    ]


def _receipt(sku: str, location: str, quantity: int) -> Fields:
    return {"sku": sku, "location": location, "quantity": quantity, "reason": "opening_stock"}
