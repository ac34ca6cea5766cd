"""The orders that the benches place: made from parts that are encoded once, so that making one costs a join."""

import random

from benchmarks.product import JSON, encode, request

SEED = 20261123
SKUS = 10_000
LOCATIONS = ("L1", "L2", "L3")
CUSTOMERS = 5_000
LINES = 3
TRIPLES = 20_011
"""Different sets of lines; prime, so that together with the customers they repeat only after 100 million orders."""
ENDLESS = 100_000_000


def sku(number: int) -> str:
    """SKU-00001 is the first."""
    return f"SKU-{number:05d}"


def products(count: int) -> list[JSON]:
    """The products to save before anything else."""
    return [{"sku": sku(n), "name": f"Thing {n}", "weight_grams": 100} for n in range(1, count + 1)]


def locations(codes: tuple[str, ...] = LOCATIONS) -> list[JSON]:
    """The warehouses to save."""
    return [
        {"code": code, "name": f"Warehouse {code}", "kind": "warehouse", "time_zone": "Europe/Berlin", "country": "DE"}
        for code in codes
    ]


def receipts(skus: int, codes: tuple[str, ...], quantity: int) -> list[JSON]:
    """Opening stock: `quantity` units of each SKU at each location."""
    return [
        {"sku": sku(n), "location": code, "quantity": quantity, "reason": "opening"}
        for n in range(1, skus + 1)
        for code in codes
    ]


def in_batches(commands: list[JSON], size: int = 1_000) -> list[list[JSON]]:
    """Bodies of at most `size` commands."""
    return [commands[at : at + size] for at in range(0, len(commands), size)]


def _line(number: int) -> JSON:
    return {"sku": sku(number), "quantity": 1, "unit_price": {"amount": "10.00", "currency": "USD"}}


def _customer(number: int) -> bytes:
    person = f"Ada Brown {number}"
    return encode(
        {
            "customer": {"reference": f"C{number:05d}", "name": person, "email": f"a{number:05d}@example.org"},
            "ship_to": {
                "name": person,
                "line1": f"{number} Main st",
                "city": "Springfield",
                "postal_code": f"{number:05d}",
                "country": "US",
            },
        }
    )[1:-1]


def _charges(lines: int) -> bytes:
    """A discount, shipping, a tax on the goods and one on shipping, of an order of so many lines at 10.00."""
    goods = 1_000 * lines
    wanted = (
        ("discount", "SPRING", -goods // 10, {}),
        ("shipping", "standard", 490, {}),
        ("tax", "VAT", goods * 9 // 10 * 19 // 100, {"rate": "19"}),
        ("tax", "VAT", 93, {"rate": "19", "applies_to": "shipping"}),
    )
    charges = [
        {
            "kind": kind,
            "code": code,
            "amount": {"amount": f"{minor // 100}.{minor % 100:02d}", "currency": "USD"},
            **more,
        }
        if minor >= 0
        else {
            "kind": kind,
            "code": code,
            "amount": {"amount": f"-{-minor // 100}.{-minor % 100:02d}", "currency": "USD"},
        }
        for kind, code, minor, more in wanted
    ]
    return encode({"charges": charges})[1:-1] + b","


class Orders:
    """Order number n of a bench; the same n is always the same order."""

    def __init__(
        self, prefix: str, *, hot: int | None = None, lines: int = LINES, charged: bool = False, sets: int = TRIPLES
    ) -> None:
        """`prefix` sets this load's references apart. `hot`: every order takes just the first so many SKUs. `charged`: see _charges."""
        self.prefix = prefix.encode()
        self.charges = _charges(lines) if charged else b""
        chance = random.Random(SEED)
        several = range(sets if hot is None else 0)
        chosen = [chance.sample(range(1, SKUS + 1), lines) for _ in several] or [list(range(1, (hot or 0) + 1))]
        self.lines = [encode([_line(number) for number in numbers]) for numbers in chosen]
        self.customers = [_customer(number) for number in chance.sample(range(1, CUSTOMERS + 1), CUSTOMERS)]

    def body(self, number: int) -> bytes:
        """The order as JSON."""
        return b"".join(
            (
                b'{"channel":"web","currency":"USD","external_reference":"',
                self.prefix,
                b"-%09d" % number,
                b'",',
                self.customers[number % CUSTOMERS],
                b",",
                self.charges,
                b'"lines":',
                self.lines[number % len(self.lines)],
                b"}",
            )
        )

    def batch(self, number: int, size: int) -> bytes:
        """The body of batch `number`: `size` orders that are in no other batch of that size."""
        return b'{"commands":[' + b",".join(self.body(n) for n in range(number * size, (number + 1) * size)) + b"]}"


class Posted:
    """The finished requests that place these orders, one order a request, each with a key of its own if asked for."""

    def __init__(self, orders: Orders, api_key: str, *, with_keys: bool = False) -> None:
        self.orders = orders
        head, _, _ = request("POST", "/v1/orders", api_key).partition(b"Content-Length: ")
        self.head = head + b"Content-Length: %d\r\n"
        self.key = b"Idempotency-Key: " + orders.prefix + b"-%d\r\n\r\n" if with_keys else None

    def __call__(self, number: int) -> bytes:
        """Request `number` as bytes."""
        body = self.orders.body(number)
        end = b"\r\n" if self.key is None else self.key % number
        return self.head % len(body) + end + body


class PostedBatch:
    """The finished requests that place these orders, `size` orders a request."""

    def __init__(self, orders: Orders, api_key: str, size: int) -> None:
        self.orders, self.api_key, self.size = orders, api_key, size

    def __call__(self, number: int) -> bytes:
        """Request `number` as bytes."""
        return request("POST", "/v1/orders", self.api_key, self.orders.batch(number, self.size))
