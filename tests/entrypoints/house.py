"""The whole application on a port of its own, and callers who talk to it over HTTP as anybody would."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import itertools
import json
import socket
import threading
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

import asyncpg
import uvicorn

from lading.access import store as access
from lading.database.pool import Database
from lading.entrypoints.web import create_app
from lading.settings import Settings
from tests.conftest import run_apart

T = TypeVar("T")

_slugs = itertools.count(1)


@dataclass
class Reply:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, parsed."""
        return json.loads(self.body)

    @property
    def name(self) -> str:
        """The problem's name: the end of its type."""
        assert self.headers["content-type"] == "application/problem+json", self.body
        return str(self.json["type"]).removeprefix("/problems/")

    @property
    def wrong(self) -> dict[str, str]:
        """What the problem says of each field, by JSON pointer."""
        return {error["pointer"]: error["detail"] for error in self.json.get("errors", [])}


@dataclass
class Caller:
    """Somebody with an API key (or without), and a connection that stays open."""

    port: int
    key: str | None = None
    connection: http.client.HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def ask(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Reply:
        """One request. Bytes and iterators of bytes are sent as they are, all else as JSON."""
        sent = dict(headers or {})
        if self.key is not None:
            sent.setdefault("Authorization", f"Bearer {self.key}")
        if body is not None:
            sent.setdefault("Content-Type", "application/json")
        if body is not None and not isinstance(body, bytes | Iterator):
            body = json.dumps(body).encode()
        try:
            self.connection.request(method, path, body, sent)
            answer = self.connection.getresponse()
            return Reply(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        except Exception:
            self.connection.close()
            raise

    def get(self, path: str, **query: Any) -> Reply:
        """A question."""
        return self.ask("GET", f"{path}?{urlencode(query)}" if query else path)

    def post(
        self, path: str, body: Any = None, *, key: str | None = None, dry_run: bool = False, **headers: str
    ) -> Reply:
        """A command, or many."""
        if key is not None:
            headers["Idempotency-Key"] = key
        return self.ask("POST", path + ("?dry_run=true" if dry_run else ""), body, headers)

    def batch(self, path: str, *commands: Any, key: str | None = None, dry_run: bool = False) -> list[dict[str, Any]]:
        """Many commands; one result each."""
        reply = self.post(path, {"commands": list(commands)}, key=key, dry_run=dry_run)
        assert reply.status == 200, reply.body
        results: list[dict[str, Any]] = reply.json["results"]
        assert len(results) == len(commands)
        return results

    def done(self, path: str, body: Any) -> dict[str, Any]:
        """A command that must be accepted; its outcome."""
        reply = self.post(path, body)
        assert reply.status in (200, 201), reply.body
        outcome: dict[str, Any] = reply.json
        return outcome


@dataclass
class Merchant(Caller):
    """A merchant's own integration, which may do everything."""

    id: int = 0
    slug: str = ""

    def open_shop(self, stock: int = 100, skus: tuple[str, ...] = ("MUG", "TEE")) -> None:
        """A channel (web), two locations, products, and so many units of each at HAM."""
        self.done("/v1/channels/save", {"code": "web", "name": "Web"})
        for code in ("HAM", "BER"):
            place = {"code": code, "name": code, "kind": "warehouse", "time_zone": "Europe/Berlin", "country": "DE"}
            self.done("/v1/locations/save", place)
        for sku in skus:
            self.done("/v1/products/save", {"sku": sku, "name": f"Product {sku}"})
            self.done("/v1/stock/receive", {"sku": sku, "location": "HAM", "quantity": stock, "reason": "opening"})

    def place(self, quantity: int = 1, **more: Any) -> str:
        """An order for mugs; its number."""
        return str(self.done("/v1/orders", order(quantity, **more))["number"])


def order(quantity: Any = 1, sku: Any = "MUG", price: Any = "9.99", **more: Any) -> dict[str, Any]:
    """The body that places it."""
    return {
        "channel": "web",
        "currency": "EUR",
        "ship_to": {"country": "DE", "city": "Hamburg"},
        "lines": [{"sku": sku, "quantity": quantity, "unit_price": {"amount": price, "currency": "EUR"}}],
        **more,
    }


@dataclass
class House:
    """A running installation: one database, one web process."""

    dsn: str
    port: int
    app: Any
    callers: list[Caller] = field(default_factory=list)
    """Everybody who came, so that their connections are closed in the end."""
    witness: Witness = field(init=False)

    def __post_init__(self) -> None:
        self.witness = Witness(self.dsn)

    def merchant(self, stock: int | None = 100) -> Merchant:
        """A new merchant with a shop (or an empty one) and a key that may do everything."""
        slug = f"merchant-{next(_slugs)}-{uuid.uuid4().hex[:6]}"
        merchant_id = self.run(lambda database: access.create_merchant(database, slug, slug, "Europe/Berlin", "EUR"))
        made = Merchant(self.port, self.new_key(merchant_id), id=merchant_id, slug=slug)
        self.callers.append(made)
        if stock is not None:
            made.open_shop(stock)
        return made

    def new_key(self, merchant_id: int, *scopes: str) -> str:
        """A key of that merchant."""
        return self.run(lambda database: access.create_key(database, merchant_id, "tests", scopes or access.ALL_SCOPES))

    def with_scopes(self, merchant: Merchant, *scopes: str) -> Caller:
        """Somebody of that merchant who may do less."""
        return self.caller(self.new_key(merchant.id, *scopes))

    def stranger(self) -> Caller:
        """Somebody without any key."""
        return self.caller(None)

    def caller(self, key: str | None) -> Caller:
        """Somebody with this key."""
        self.callers.append(Caller(self.port, key))
        return self.callers[-1]

    def run(self, work: Callable[[Database], Awaitable[T]]) -> T:
        """Do something on the database, as a process beside the web process would."""

        async def apart() -> T:
            database = await Database.connect(self.dsn, writers=1, readers=1)
            try:
                return await work(database)
            finally:
                await database.close()

        return run_apart(apart())

    def rows(self, merchant_id: int) -> dict[str, list[str]]:
        """Every row that the merchant has, by table: to see what changed, and what did not."""
        return self.witness.rows(merchant_id)


class Witness:
    """Reads every table on a connection of its own, which stays open: a hundred tables are planned once, not at each look."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn
        self.loop = asyncio.new_event_loop()
        self.connection: asyncpg.Connection[Any] | None = None
        self.tables: list[str] = []

    def rows(self, merchant_id: int) -> dict[str, list[str]]:
        """By table, in an order that does not change."""
        with ThreadPoolExecutor(1) as apart:
            return apart.submit(self.loop.run_until_complete, self._rows(merchant_id)).result()

    async def _rows(self, merchant_id: int) -> dict[str, list[str]]:
        try:
            return await self._read(merchant_id)
        except (
            asyncpg.InterfaceError,
            asyncpg.PostgresConnectionError,
            ConnectionError,
        ):  # The server was away meanwhile.
            self.connection = None
            return await self._read(merchant_id)

    async def _read(self, merchant_id: int) -> dict[str, list[str]]:
        if self.connection is None:
            self.connection = await asyncpg.connect(self.dsn)
            self.tables = [name for (name,) in await self.connection.fetch(TABLES)]
        parts = (f"SELECT '{name}', t::text FROM {name} AS t WHERE merchant_id = $1::int" for name in self.tables)
        found: dict[str, list[str]] = {name: [] for name in self.tables}
        for name, row in await self.connection.fetch(" UNION ALL ".join(parts), merchant_id):
            found[name].append(row)
        return {name: sorted(rows) for name, rows in found.items()}

    def close(self) -> None:
        """Nobody looks any more."""
        if self.connection is not None:
            self.connection.terminate()
        self.loop.close()


TABLES = """
SELECT table_name FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
 WHERE table_schema = 'public' AND column_name = 'merchant_id' AND table_type = 'BASE TABLE' ORDER BY 1
"""


@contextlib.contextmanager
def serve(dsn: str) -> Iterator[House]:
    """The application on a free port, in a thread, for as long as the context lasts."""
    app = create_app(Settings(home=Path("/nonexistent"), web_processes=1), dsn)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(
            app, http="httptools", lifespan="on", log_config=None, access_log=False, timeout_graceful_shutdown=1
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        until = time.monotonic() + 30
        while not server.started:
            assert thread.is_alive() and time.monotonic() < until, "the application did not start"
            time.sleep(0.01)
        house = House(dsn, listening.getsockname()[1], app)
        try:
            yield house
        finally:
            for caller in house.callers:
                caller.connection.close()
            house.witness.close()
            server.should_exit = True
            thread.join(20)


def path_of(route: str, **values: str) -> str:
    """A route with its {holes} filled."""
    for name, value in values.items():
        route = route.replace(f"{{{name}}}", quote(value, safe=""))
    return route
