"""A database with many orders, and the lists and pages that must not notice."""

from benchmarks import load, measure, product
from benchmarks.orders import Orders, PostedBatch
from benchmarks.product import request
from benchmarks.report import Figure, rounded
from benchmarks.run import Run, http_sample

SMALL = 5_000
BATCH = 1_000
AT_MOST = 1.5
LIST = "order_list"
PAGE = "order_page"
PAGES_SAMPLED = 20
LIMIT = 50


def order_list(run: Run) -> list[Figure]:
    """The first page of the list of orders."""
    return [_figure(run, LIST)]


def order_page(run: Run) -> list[Figure]:
    """One order with its lines."""
    return [_figure(run, PAGE)]


def grow(run: Run) -> None:
    """Make the current installation the grown one: 5,000 orders, a look at the pages, then all the others."""
    if run.grown:
        return
    installation = run.fresh()
    orders = Orders(run.prefix())
    _fill(installation, orders, 0, SMALL)
    run.small_ms = {name: _sample(run, name) for name in (LIST, PAGE)}
    run.say(f"growing to {run.options.grown_orders:,} orders")
    _fill(installation, orders, SMALL, run.options.grown_orders)
    run.grown = True


def _fill(installation: product.Installation, orders: Orders, begin: int, end: int) -> None:
    """Place the orders from `begin` to before `end`, in bodies of a thousand."""
    numbers = range(begin // BATCH, end // BATCH)
    source = PostedBatch(orders, installation.api_key, BATCH)

    def listen(_: int, status: int, body: bytes) -> None:
        product.check_accepted(status, body, "/v1/orders")

    result = load.run(load.Offer(installation.port, 2, numbers), source, listen)
    if result.unanswered:
        raise product.ProductFailed(f"{len(result.unanswered)} batches without an answer")


def _figure(run: Run, name: str) -> Figure:
    grow(run)
    large, small = _sample(run, name), run.small_ms[name]
    return Figure(
        name,
        large.p50_ms or 0.0,
        "ms median",
        small.p50_ms,
        large.cpu_us,
        at_most=AT_MOST,
        details={
            "p99_ms": rounded(large.p99_ms or 0.0),
            "orders": run.options.grown_orders,
            "compared_with_orders": SMALL,
        },
    )


def _sample(run: Run, name: str) -> measure.Sample:
    """One client, one request at a time."""
    installation = run.need_current()
    paths = (
        [f"/v1/orders?limit={LIMIT}"] if name == LIST else [f"/v1/orders/{order}" for order in _order_ids(installation)]
    )
    requests = [request("GET", path, installation.api_key) for path in paths]
    seconds = max(2, run.options.seconds // 3)
    samples = [
        http_sample(
            installation, lambda number: requests[number % len(requests)], clients=1, seconds=seconds, expected=200
        )
        for _ in range(run.options.rounds + 1)
    ]
    return measure.median_of(samples[1:])


def _order_ids(installation: product.Installation) -> list[str]:
    """Orders of the first pages of the list."""
    found: list[str] = []
    path = f"/v1/orders?limit={LIMIT}"
    for _ in range(PAGES_SAMPLED):
        page = installation.call("GET", path)
        found += [order["id"] for order in page["items"]]
        if not page.get("next"):
            break
        path = f"/v1/orders?limit={LIMIT}&after={page['next']}"
    return found
