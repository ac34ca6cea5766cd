"""More demand than stock, while processes are killed: exactly the stock is sold, and nobody hears two answers."""

import contextlib
import json
import os
import random
import signal
import threading
from collections import Counter
from http import HTTPStatus

import psutil

from benchmarks import load, measure, product, yardstick
from benchmarks.benches.sell_out import CLIENTS, DEMAND, LOCATION, STOCK
from benchmarks.orders import SEED, Orders, Posted, sku
from benchmarks.product import encode, request
from benchmarks.report import Figure
from benchmarks.run import Run

KILLS_MIN = 20
KILLS_MAX = 40
"""Then the rest is sold in peace."""
PER_SECOND = 800.0
"""Slow enough that the demand lasts longer than the kills."""
PAUSE_SECONDS = (0.3, 1.5)
"""Between two kills."""
FINAL = (HTTPStatus.CREATED, HTTPStatus.CONFLICT)
"""Answers that settle an order; all others, and none, are tried again with the same key."""


def sell_out_crashes(run: Run) -> list[Figure]:
    """As sell_out, through at least KILLS_MIN times `kill -9` of a web process or of the database server."""
    installation = run.fresh(skus=1, codes=(LOCATION,), quantity=STOCK)
    source = Posted(Orders(run.prefix(), hot=1), installation.api_key, with_keys=True)
    return [_through_kills("sell_out_crashes", installation, source)]


def reserve_out_crashes(run: Run) -> list[Figure]:
    """The same with reservations of one unit each, which last longer than the bench."""
    installation = run.fresh(skus=1, codes=(LOCATION,), quantity=STOCK)
    prefix = run.prefix().encode()
    body = encode({"lines": [{"sku": sku(1), "quantity": 1}], "seconds": 86_400})
    head, _, rest = request("POST", "/v1/reservations/reserve", installation.api_key, body).partition(b"\r\n")

    def source(number: int) -> bytes:
        return head + b"\r\nIdempotency-Key: %b-%d\r\n" % (prefix, number) + rest

    return [_through_kills("reserve_out_crashes", installation, source)]


def _through_kills(name: str, installation: product.Installation, source: load.Source) -> Figure:
    final: dict[int, int] = {}
    statuses: Counter[int] = Counter()

    def listen(number: int, status: int, _: bytes) -> None:
        statuses[status] += 1
        if status in FINAL:
            final[number] = status

    with _Killer(installation) as killer:
        while len(final) < DEMAND:
            installation.wait_until_ready()
            waiting = [number for number in range(DEMAND) if number not in final]
            with contextlib.suppress(ConnectionError):  # the app died between its readiness and the first request
                load.run(load.Offer(installation.port, CLIENTS, waiting, per_second=PER_SECOND), source, listen)
    installation.wait_until_ready()
    changed = _ask_again(installation, source, final)
    sold = sum(status == HTTPStatus.CREATED for status in final.values())
    left = json.dumps(installation.call("POST", "/v1/availability", {"skus": [sku(1)]}))
    kills = sum(killer.kills.values())
    passed = sold == STOCK and not changed and kills >= KILLS_MIN
    details: dict[str, object] = {
        "kills": dict(killer.kills),
        "changed_answers": changed,
        "statuses": {int(status): count for status, count in sorted(statuses.items())},
        "left": left,
    }
    return Figure(name, sold, "units sold", details=details, passed=passed)


def _ask_again(installation: product.Installation, source: load.Source, final: dict[int, int]) -> int:
    """Send every tenth command once more; how many got another answer than the first time."""
    changed = 0

    def listen(number: int, status: int, _: bytes) -> None:
        nonlocal changed
        changed += status != final[number]

    load.run(load.Offer(installation.port, CLIENTS, range(0, DEMAND, 10)), source, listen)
    return changed


class _Killer:
    """Kills a random process of the installation again and again, at random moments, until it is told to stop."""

    def __init__(self, installation: product.Installation) -> None:
        self.installation = installation
        self.kills: Counter[str] = Counter()
        self.chance = random.Random(SEED)
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self._work)

    def __enter__(self) -> "_Killer":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        self.thread.join()

    def _work(self) -> None:
        while sum(self.kills.values()) < KILLS_MAX and not self.stopped.wait(self.chance.uniform(*PAUSE_SECONDS)):
            role = self.chance.choice((measure.WEB, measure.DATABASE))
            victims = self._victims(role)
            if victims:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self.chance.choice(victims), signal.SIGKILL)
                    self.kills[role] += 1

    def _victims(self, role: str) -> list[int]:
        """The processes of the role that run now; of the database only the postmaster."""
        try:
            if role == measure.DATABASE:
                return [self.installation.server.postmaster_pid]
            watched = measure.Watched(None, self.installation.process.pid, self.installation.port)
            return [process.pid for process in measure.processes_by_role(watched).get(role, [])]
        except (yardstick.YardstickFailed, psutil.Error):
            return []
