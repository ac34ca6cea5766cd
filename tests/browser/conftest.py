"""The console in a real browser: one merchant with a believable shop, one server, one Chromium for all pages."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import msgspec
import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright
from starlette.applications import Starlette

from lading.access import store as access
from lading.database.pool import Database
from lading.entrypoints import service as services
from lading.entrypoints.console import rendering
from lading.entrypoints.web import create_app
from lading.operations.registry import verbs
from lading.settings import Settings
from lading.views import products
from lading.views.availability import AvailabilityQuery, availability

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--no-first-run",
]
SCREENSHOTS = Path(__file__).parents[2] / "build" / "screenshots"
EMAIL, PASSWORD = "ada@example.com", "a long enough password"
SHAPES = {"1440": {"width": 1440, "height": 900}, "390": {"width": 390, "height": 844}}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Say why nothing runs where there is no browser or no assets; tests of one file follow each other in one process, for they share
    what the first of them made."""
    for item in items:
        if "browser" in item.path.parts:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
    reason = ""
    if not Path(CHROMIUM).exists():
        reason = "Chromium is not installed (Debian: apt-get install chromium)"
    elif not (rendering.STATIC / "vendor" / "htmx.min.js").exists():
        reason = "the console's assets are not built (pip install -e .)"
    if reason:
        for item in items:
            if Path(__file__).parent in item.path.parents:
                item.add_marker(pytest.mark.skip(reason=reason))


@dataclass
class Shop:
    """The merchant of these tests, and a way to send it commands."""

    dsn: str
    merchant_id: int = 0
    other_merchant_id: int = 0
    numbers: dict[str, str] = field(default_factory=dict)
    """Order numbers by what they are good for."""

    def do(self, verb_name: str, *payloads: dict[str, Any]) -> list[dict[str, Any]]:
        """Run commands as the console would; their outcomes. Fails where one is refused."""
        return apart(lambda: self._do(verb_name, payloads))

    def available(self, sku: str, location: str) -> int:
        """Units that can be promised there."""
        found = apart(lambda: self._available(sku))
        return int(found.items[0].locations.get(location, 0))

    async def _available(self, sku: str) -> Any:
        database = Database(self.dsn)
        await database.open()
        try:
            async with database.read(self.merchant_id) as tx:
                return await availability(tx, AvailabilityQuery(skus=[sku], per=["location"]))
        finally:
            await database.close()

    def location(self, code: str) -> Any:
        """A location as the API tells it."""
        return next(each for each in apart(self._locations).items if each.code == code)

    async def _locations(self) -> Any:
        database = Database(self.dsn)
        await database.open()
        try:
            async with database.read(self.merchant_id) as tx:
                return await products.locations(tx, products.LocationsQuery())
        finally:
            await database.close()

    def with_database(self, work: Callable[[Database], Any]) -> Any:
        """What a worker would do, with its database."""

        async def run() -> Any:
            database = Database(self.dsn)
            await database.open()
            try:
                return await work(database)
            finally:
                await database.close()

        return apart(run)

    def foreign_order(self) -> str:
        """The id of an order of the other merchant."""
        other = Shop(self.dsn, self.other_merchant_id)
        other.do("channels.save", {"code": "web", "name": "Web"})
        other.do("locations.save", {"code": "X", "name": "X", "kind": "warehouse", "time_zone": "UTC", "country": "US"})
        other.do("products.save", {"sku": "MUG-BLUE", "name": "Another mug"})
        other.do("stock.receive", {"sku": "MUG-BLUE", "location": "X", "quantity": 10, "reason": "opening"})
        return str(other.do("orders.place", order(0, ("MUG-BLUE", 1)) | {"channel": "web"})[0]["order_id"])

    async def _do(self, verb_name: str, payloads: tuple[dict[str, Any], ...]) -> list[dict[str, Any]]:
        database = Database(self.dsn)
        await database.open()
        try:
            caller = access.Caller(self.merchant_id, uuid.UUID(int=1), "cli", "test", frozenset({"*"}))
            verb = verbs()[verb_name]
            batch = [services.envelope(caller, verb, payload) for payload in payloads]
            answers = await services.Service(database).run(caller, verb, batch)
        finally:
            await database.close()
        refused = [answer.body for answer in answers if not answer.accepted]
        assert not refused, refused
        return [msgspec.json.decode(answer.body) for answer in answers]


class Away(Database):
    """A database whose server does not answer."""

    def read(self, merchant_id: int) -> Any:
        """As asyncpg does where nobody listens."""
        raise ConnectionRefusedError(f"no server for merchant {merchant_id}")


def apart(work: Callable[[], Any]) -> Any:
    """Run a coroutine in a thread with a loop of its own: the browser's driver has the loop of this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(work())).result()


@pytest.fixture(scope="session")
def shop(server_dsn: str, template: str) -> Iterator[Shop]:
    """A database with two merchants, one of which sells mugs."""
    name = f"lading_test_{uuid.uuid4().hex}"
    admin = urlunsplit(urlsplit(server_dsn)._replace(path="/postgres"))

    async def execute(statement: str) -> None:
        connection = await asyncpg.connect(admin)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    apart(lambda: execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy"))
    try:
        shop = Shop(urlunsplit(urlsplit(server_dsn)._replace(path=f"/{name}")))
        apart(lambda: make_people(shop))
        fill(shop)
        yield shop
    finally:
        apart(lambda: execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))


async def make_people(shop: Shop) -> None:
    """Two merchants, one login each."""
    database = Database(shop.dsn)
    await database.open()
    try:
        shop.merchant_id = await access.create_merchant(database, "hafen", "Hafen & Hill", "Europe/Berlin", "EUR")
        shop.other_merchant_id = await access.create_merchant(database, "other", "Other", "UTC", "USD")
        await access.create_login(database, shop.merchant_id, EMAIL, "Ada Meyer", PASSWORD)
        await access.create_login(database, shop.merchant_id, "reader@example.com", "Rea Dermann", PASSWORD, ["*:read"])
    finally:
        await database.close()


MUGS = [
    ("MUG-BLUE", "Mug, harbour blue"),
    ("MUG-SAND", "Mug, sand"),
    ("BOWL-L", "Bowl, large, speckled glaze"),
    ("PLATE-26", "Plate, 26 cm"),
    ("JUG-1L", "Jug, one litre"),
    ("CUP-ESP", "Espresso cup"),
    ("TRAY-OAK", "Tray, oiled oak"),
    ("LINEN-TT", "Tea towel, linen"),
]
PEOPLE = [
    ("Ada Meyer", "Hamburg", "20457", "DE"),
    ("Jonas Lindqvist", "Göteborg", "411 03", "SE"),
    ("Chiara Rossi", "Torino", "10121", "IT"),
    ("Maximilian von der Heydt-Schulenburg", "Garmisch-Partenkirchen", "82467", "DE"),
    ("Zoë Ó Briain", "Dublin", "D02 X285", "IE"),
]


def order(index: int, *lines: tuple[str, int], **more: Any) -> dict[str, Any]:
    """An order of one of the people."""
    name, city, postal_code, country = PEOPLE[index % len(PEOPLE)]
    mail = name.split()[0].lower().replace("ë", "e")
    cost = sum(12.5 * quantity for _, quantity in lines) + 4.9
    return {
        "channel": "web" if index % 3 else "store",
        "external_reference": f"W-{10400 + index}",
        "currency": "EUR",
        "customer": {"name": name, "email": f"{mail}@example.com", "phone": f"+49 40 55500{index:02}"},
        "ship_to": {
            "name": name,
            "line1": f"Hafenstr. {index + 1}",
            "city": city,
            "postal_code": postal_code,
            "country": country,
        },
        "lines": [
            {"sku": sku, "quantity": quantity, "unit_price": {"amount": "12.50", "currency": "EUR"}}
            for sku, quantity in lines
        ],
        "charges": [{"kind": "shipping", "code": "standard", "amount": {"amount": "4.90", "currency": "EUR"}}],
        "tenders": [{"amount": {"amount": f"{cost:.2f}", "currency": "EUR"}, "reference": f"PSP-{index}"}],
        **more,
    }


def fill(shop: Shop) -> None:
    """A small shop with orders in every stage."""
    shop.do("channels.save", {"code": "web", "name": "Web shop"}, {"code": "store", "name": "Harbour store"})
    place = {"kind": "warehouse", "time_zone": "Europe/Berlin", "country": "DE"}
    shop.do(
        "locations.save",
        {"code": "HAM", "name": "Hamburg", **place},
        {"code": "MUC", "name": "Munich", **place, "priority": 200},
    )
    shop.do("products.save", *({"sku": sku, "name": name, "weight_grams": 350} for sku, name in MUGS))
    stock = [
        {"sku": sku, "location": location, "quantity": 120, "reason": "opening"}
        for sku, _ in MUGS[:-1]
        for location in ("HAM", "MUC")
    ]
    shop.do("stock.receive", *stock)
    orders = [order(index, (MUGS[index % 7][0], 1 + index % 4), (MUGS[(index + 2) % 7][0], 2)) for index in range(24)]
    orders.append(order(24, ("MUG-BLUE", 5), ("BOWL-L", 2)))
    orders.append({key: value for key, value in order(25, ("MUG-SAND", 1)).items() if key != "ship_to"})
    placed = [each["number"] for each in shop.do("orders.place", *orders)]
    shop.numbers = {
        "plain": placed[0],
        "delivered": placed[15],
        "journey": placed[24],
        "held": placed[25],
        "other": placed[17],
        "scriptless": placed[18],
    }
    shop.do("orders.release", *({"order": number} for number in placed[4:16]))
    shop.do("fulfillment-orders.pick", *({"fulfillment_order": f"{number}-F1"} for number in placed[7:16]))
    shop.do("parcels.pack", *({"fulfillment_order": f"{number}-F1"} for number in placed[9:16]))
    shop.do(
        "parcels.ship",
        *(
            {"parcel": f"{number}-P1", "carrier": "DHL", "tracking_number": f"00340434{number}"}
            for number in placed[11:16]
        ),
    )
    count = shop.do("counts.open", {"location": "MUC", "skus": ["MUG-BLUE", "JUG-1L"], "blind": False})[0]["count"]
    shop.do("counts.record", {"count": count, "lines": [{"sku": "MUG-BLUE", "quantity": 90}]})
    shop.numbers["count"] = count
    way = {"from_location": "HAM", "to_location": "MUC", "due_at": "2026-12-01T12:00:00+01:00"}
    plans = [{**way, "lines": [{"sku": "JUG-1L", "quantity": 6}, {"sku": "MUG-SAND", "quantity": 4}]} for _ in range(2)]
    drafts = [each["transfer"] for each in shop.do("transfers.create", *plans)]
    shop.do("transfers.ready", {"transfer": drafts[1]})
    shop.do("transfers.ship", {"transfer": drafts[1]})
    shop.numbers |= {"transfer": drafts[0], "on_its_way": drafts[1]}
    told = {"status": "delivered", "occurred_at": "2026-11-20T10:00:00+01:00"}
    shop.do("parcels.track", *({"parcel": f"{number}-P1", **told} for number in placed[13:16]))


def ahead(days: float) -> str:
    """A moment so many days from now."""
    return (datetime.now(UTC) + timedelta(days=days)).isoformat(timespec="seconds")


@pytest.fixture(scope="session")
def store(shop: Shop) -> Shop:
    """The shop with products by lot and by serial number, a kit, pools, and things on their way."""
    shop.do(
        "products.save",
        {"sku": "MILK-1L", "name": "Oat drink, one litre", "gtin": "4012345678901", "tracking": "lot"},
        {"sku": "LAMP-01", "name": "Desk lamp with a serial number", "gtin": "4006381333931", "tracking": "serial"},
        {"sku": "CANDLE", "name": "Candle, beeswax", "gtin": "4000417025005"},
        {"sku": "GIFT-SET", "name": "Gift set: two candles and a bowl"},
    )
    shop.do("kits.save", {"sku": "GIFT-SET", "components": [{"sku": "CANDLE", "per_kit": 2}, {"sku": "BOWL-L"}]})
    shop.do("products.save", {"sku": "SAUCER", "name": "Saucer"}, {"sku": "TABLE-SET", "name": "Two saucers in a box"})
    shop.do("stock.receive", {"sku": "SAUCER", "location": "MUC", "quantity": 20, "reason": "opening"})
    shop.do("kits.save", {"sku": "TABLE-SET", "components": [{"sku": "SAUCER", "per_kit": 2}], "stocked": True})
    opened = shop.do("work-orders.open", {"sku": "TABLE-SET", "location": "MUC", "quantity": 4, "reference": "BOXES"})
    shop.numbers["work_order"] = opened[0]["work_order"]
    shop.do("work-orders.complete", {"work_order": opened[0]["work_order"], "quantity": 1})
    day = datetime.now(UTC).date()
    shop.do(
        "stock.receive",
        {"sku": "MILK-1L", "location": "HAM", "quantity": 48, "reason": "purchase", "lot": "L-2611",
         "expires_on": (day + timedelta(days=60)).isoformat(), "document": "DN-4711"},
        {"sku": "MILK-1L", "location": "HAM", "quantity": 12, "reason": "purchase", "lot": "L-2610",
         "expires_on": (day + timedelta(days=9)).isoformat()},
        {"sku": "MILK-1L", "location": "MUC", "quantity": 30, "reason": "purchase", "lot": "L-2611"},
        {"sku": "LAMP-01", "location": "HAM", "quantity": 3, "reason": "purchase", "serials": ["S-001", "S-002", "S-003"]},
        {"sku": "CANDLE", "location": "HAM", "quantity": 40, "reason": "opening"},
        {"sku": "CANDLE", "location": "MUC", "quantity": 25, "reason": "opening"},
    )  # fmt: skip
    shop.do("stock.move", {"sku": "CANDLE", "location": "HAM", "quantity": 3, "source": "available", "target": "damaged",
                           "reason": "dropped"})  # fmt: skip
    shop.do("policies.set", {"name": "safety_stock", "value": "5", "sku": "CANDLE"})
    pool = {"sku": "CANDLE", "pool": "fair", "kind": "exclusive", "channels": ["store"], "quantity": 6}
    shop.do("pools.set", pool)
    shop.do(
        "reservations.reserve", {"lines": [{"sku": "CANDLE", "quantity": 4}], "seconds": 3_600, "reference": "cart 77"}
    )
    line = {"location": "HAM", "quantity": 60}
    lines = [
        {"sku": "CANDLE", **line, "due_at": ahead(4)},
        {"sku": "MILK-1L", **line, "due_at": ahead(4)},
        {"sku": "LAMP-01", **line, "quantity": 2, "due_at": ahead(11)},
    ]
    placed = shop.do("purchase-orders.place", {"supplier": "Wachswerk Lüneburg", "lines": lines, "reference": "B-2211"})
    shop.numbers["purchase"] = placed[0]["purchase_order"]
    late = {"supplier": "Töpferei Kaufmann & Söhne", "lines": [{"sku": "MUG-BLUE", **line, "due_at": ahead(-2)}]}
    more = {
        "supplier": "Wachswerk Lüneburg",
        "lines": [{"sku": "CANDLE", "location": "MUC", "quantity": 90, "due_at": ahead(12)}],
    }
    shop.numbers["late_purchase"] = shop.do("purchase-orders.place", late, more)[0]["purchase_order"]
    return shop


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where files lie that were handed in."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def server_app(shop: Shop, home: Path) -> Starlette:
    """The application, API and console."""
    return create_app(Settings(home=home, web_processes=1), shop.dsn)


@pytest.fixture(scope="session")
def address(server_app: Starlette) -> Iterator[str]:
    """The console's address; the server runs in a thread of its own."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    app = server_app
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=1))
    app.state.is_stopping = lambda: server.should_exit
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    until = time.monotonic() + 20
    while not server.started and time.monotonic() < until:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)
    listening.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def login(browser: Browser, address: str) -> Any:
    """The cookies of a person who logged in through the form."""
    context = browser.new_context()
    page = context.new_page()
    enter(page, address, EMAIL, PASSWORD)
    page.wait_for_url(f"{address}/")
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture(name="enter")
def enter_fixture() -> Callable[[Page, str, str, str], None]:
    """How to log in."""
    return enter


def enter(page: Page, address: str, email: str, password: str) -> None:
    """Fill the login form."""
    page.goto(f"{address}/login")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()


class Watched:
    """Notes what the browser complains about: errors, also those of the content security policy."""

    def __init__(self, context: BrowserContext) -> None:
        self.complaints: list[str] = []
        self.expected: tuple[str, ...] = ()
        context.on("console", self._heard)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not any(text in message.text for text in self.expected):
            self.complaints.append(message.text)


@pytest.fixture
def watched(browser: Browser, address: str, login: Any) -> Iterator[tuple[BrowserContext, Watched]]:
    """A window of a person who is logged in; the test fails where the browser complained."""
    context = browser.new_context(storage_state=login, viewport=SHAPES["1440"], base_url=address, locale="en-GB")
    context.set_default_timeout(6_000)
    watcher = Watched(context)
    yield context, watcher
    context.close()
    assert not watcher.complaints


@pytest.fixture
def page(watched: tuple[BrowserContext, Watched]) -> Page:
    """A page of that window."""
    return watched[0].new_page()


@pytest.fixture(scope="session")
def away(shop: Shop) -> Database:
    """A database whose server does not answer."""
    return Away(shop.dsn)


def photograph(page: Page, name: str) -> None:
    """Put a picture of the page into build/screenshots, where LADING_PICTURES asks for it: it is for people to look at."""
    if os.environ.get("LADING_PICTURES"):
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True, animations="disabled", caret="initial")


@pytest.fixture
def picture() -> Callable[[Page, str], None]:
    """A page is no wider than a laptop and a phone; photographed on both where pictures are asked for."""

    def take(page: Page, name: str) -> None:
        for shape, size in SHAPES.items():
            page.set_viewport_size(size)
            photograph(page, f"{name}-{shape}")
            page.wait_for_function("width => document.documentElement.scrollWidth <= width", arg=size["width"])
        page.set_viewport_size(SHAPES["1440"])

    return take
