"""One run of the benches: its options, and the installation that is up at the moment."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import load, measure, orders, product, yardstick

BUILD = Path(__file__).parents[1] / "build"
HOME = BUILD / "bench" / "home"


@dataclass(frozen=True)
class Options:
    """How long and how large."""

    rounds: int = 3
    seconds: int = 10
    """Of each measured run."""
    warm_seconds: int = 3
    grown_orders: int = 500_000
    atp_skus: int = 50_000
    atp_by_date_skus: int = 10_000
    feed_rows: int = 1_000_000
    import_file: Path | None = None
    """A file of the Online Retail data; None: the import bench cannot run."""


QUICK = Options(
    rounds=1, seconds=3, warm_seconds=1, grown_orders=20_000, atp_skus=5_000, atp_by_date_skus=2_000, feed_rows=50_000
)


@dataclass
class Run:
    """Holds at most one installation at a time, so that none takes processor time from another."""

    options: Options
    say: Callable[[str], None]
    current: product.Installation | None = None
    grown: bool = False
    """Whether the current installation is the grown one of order_list and its kin."""
    small_ms: dict[str, measure.Sample] = field(default_factory=dict)
    """Of the grown installation: the lists and pages as they were while it was small."""
    prefixes: int = 0
    bench: str = ""
    """The bench that runs now."""
    filled_by: str = ""
    """The bench that started the current installation."""
    audits_failed: list[str] = field(default_factory=list)
    """Which audits found a difference, and what."""

    def fresh(
        self,
        skus: int = orders.SKUS,
        codes: tuple[str, ...] = orders.LOCATIONS,
        quantity: int = orders.ENDLESS,
    ) -> product.Installation:
        """A new installation with products, locations, a channel and opening stock; ends the former one."""
        self.close()
        self.say(f"starting an installation, {skus:,} SKUs at {len(codes)} locations")
        self.current = installation = product.start(HOME)
        self.filled_by = self.bench
        installation.send_all("/v1/locations/save", [orders.locations(codes)])
        installation.send_all("/v1/channels/save", [[{"code": "web", "name": "Web shop"}]])
        installation.send_all("/v1/products/save", orders.in_batches(orders.products(skus)))
        installation.send_all("/v1/stock/receive", orders.in_batches(orders.receipts(skus, codes, quantity)))
        yardstick.set_up(installation.server)
        return installation

    def close(self) -> None:
        """Audit and stop the current installation, and note what the audit finds."""
        installation, self.current, self.grown = self.current, None, False
        if installation is None:
            return
        self.say("auditing")
        try:
            product.cli(installation.home, "audit")
        except product.ProductFailed as difference:
            self.audits_failed.append(f"{self.filled_by}: {difference}")
        finally:
            installation.stop()

    def prefix(self) -> str:
        """A new prefix of external references: no two loads of a run place the same order."""
        self.prefixes += 1
        return f"b{self.prefixes:03d}"

    def yardstick(self, *, hot: bool = False, clients: int = yardstick.COLD_CLIENTS) -> measure.Sample:
        """One run of the yardstick on the current installation's server."""
        installation = self.need_current()
        yardstick.checkpoint(installation.server)
        return yardstick_sample(installation.server, self.options.seconds, hot=hot, clients=clients)

    def place(self, *, clients: int, hot: int | None = None) -> measure.Sample:
        """Place single orders for a while; every one must be accepted."""
        installation = self.need_current()
        source = orders.Posted(orders.Orders(self.prefix(), hot=hot), installation.api_key)
        yardstick.checkpoint(installation.server)
        return http_sample(installation, source, clients=clients, seconds=self.options.seconds, expected=201)

    def warm_up(self, *, clients: int, hot: int | None = None) -> None:
        """A few unmeasured seconds: caches, plans, statistics and lanes are as they are in a shop that is open."""
        installation = self.need_current()
        source = orders.Posted(orders.Orders(self.prefix(), hot=hot), installation.api_key)
        http_sample(installation, source, clients=clients, seconds=self.options.warm_seconds, expected=201)

    def need_current(self) -> product.Installation:
        """The installation that is up. Raises ProductFailed where there is none."""
        if self.current is None:
            raise product.ProductFailed("no installation is up")
        return self.current


def yardstick_sample(server: yardstick.Server, seconds: int, *, hot: bool, clients: int) -> measure.Sample:
    """One pgbench run with the processor time of the server."""
    return script_sample(server, "one_hot_order.pgbench" if hot else "one_order.pgbench", seconds, clients)


def script_sample(server: yardstick.Server, script: str, seconds: int, clients: int) -> measure.Sample:
    """One pgbench run of a script with the processor time of the server."""
    rates: list[float] = []

    def work() -> float:
        rates.append(yardstick.per_second(server, script, clients, seconds))
        return rates[0] * seconds

    _, cpu = measure.with_cpu(measure.Watched(server.postmaster_pid), work)
    return measure.Sample(rates[0], cpu)


def http_sample(
    installation: product.Installation,
    source: load.Source,
    *,
    clients: int,
    seconds: float,
    expected: int,
    per_second: float | None = None,
) -> measure.Sample:
    """Offer requests for a while; each answer must have the expected status. Raises ProductFailed otherwise."""
    results: list[load.Result] = []
    odd: list[bytes] = []

    def listen(_: int, status: int, body: bytes) -> None:
        if status != expected and not odd:
            odd.append(body)

    def work() -> float:
        offer = load.Offer(installation.port, clients, itertools.count(), seconds, per_second)
        results.append(load.run(offer, source, listen))
        return results[0].answers

    _, cpu = measure.with_cpu(installation.watched, work)
    result = results[0]
    if set(result.statuses) != {expected} or result.unanswered:
        found = f"{dict(result.statuses)} and {len(result.unanswered)} unanswered"
        raise product.ProductFailed(f"expected {expected}, got {found}; the first odd one: {odd[:1]}")
    return measure.Sample(result.per_second, cpu, result.p50_ms, result.p99_ms)
