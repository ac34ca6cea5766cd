"""A load generator for HTTP/1.1 over loopback that leaves the processor to the server.

One thread, one selector, keep-alive connections, requests that arrive here as finished bytes. It never repeats a
request by itself: what got no answer is listed, and the caller may offer those numbers again.
"""

import selectors
import socket
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

RECEIVE_BYTES = 262_144
DRAIN_SECONDS_MAX = 60.0
LOOPBACK = "127.0.0.1"

Source = Callable[[int], bytes]
"""Makes the whole request, head and body, that has this number. The same number must make the same bytes."""

Listener = Callable[[int, int, bytes], None]
"""Is told the number, the status code and the body of each answer."""


class BadAnswer(Exception):
    """The server sent something that is no HTTP/1.1 answer with a Content-Length."""


class Overdue(Exception):
    """Requests were still without an answer DRAIN_SECONDS_MAX after the last one was sent."""


@dataclass(frozen=True)
class Offer:
    """What is offered, and how fast."""

    port: int
    clients: int
    """Connections; in a closed loop also the number of requests under way."""
    numbers: Iterable[int]
    """The requests to send, in order; its end ends the load. At most one more than was sent is taken from it."""
    seconds: float | None = None
    """No request is begun after this time; None: only the end of `numbers` ends the load."""
    per_second: float | None = None
    """Offered rate of an open loop; None: closed loop, each client sends as soon as it has its answer."""


@dataclass
class Result:
    """What came back."""

    seconds: float = 0.0
    """From the first request to the last answer."""
    latencies_ms: list[float] = field(default_factory=list)
    """Of every answer, whatever its status; in an open loop counted from when the request was due, not sent."""
    statuses: Counter[int] = field(default_factory=Counter)
    unanswered: list[int] = field(default_factory=list)
    """Numbers whose connection broke or that no client was left for: they may have had their effect."""

    @property
    def answers(self) -> int:
        """Requests that were answered, whatever the status."""
        return len(self.latencies_ms)

    @property
    def p50_ms(self) -> float:
        """The median latency."""
        return percentile(self.latencies_ms, 50)

    @property
    def p99_ms(self) -> float:
        """The latency that one answer in a hundred exceeds."""
        return percentile(self.latencies_ms, 99)

    @property
    def per_second(self) -> float:
        """Answers a second."""
        return self.answers / self.seconds if self.seconds else 0.0


def percentile(values: list[float], percent: float) -> float:
    """The value that `percent` of the values do not exceed (nearest rank); 0.0 for no values."""
    if not values:
        return 0.0
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, max(0, round(percent / 100 * len(ranked)) - 1))]


def run(offer: Offer, source: Source, listener: Listener | None = None) -> Result:
    """Offer the load, wait for the answers that are under way, and return what came back.

    A client whose connection breaks connects again for its next request; one that cannot connect retires, and when all
    have retired the load ends early. Raises BadAnswer, Overdue, and OSError if no client could connect at the start.
    """
    return _Loop(offer, source, listener).run()


def _connect(port: int) -> socket.socket:
    connection = socket.create_connection((LOOPBACK, port), timeout=10)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setblocking(False)
    return connection


def parse_answer(received: bytes | bytearray) -> tuple[int, int, int] | None:
    """Status, start and end of the body of the first answer in `received`; None while its head is incomplete."""
    head_end = received.find(b"\r\n\r\n")
    if head_end < 0:
        return None
    at = received.find(b"content-length:", 0, head_end)
    if at < 0:
        at = received[:head_end].lower().find(b"content-length:")
    if at < 0 or not received.startswith(b"HTTP/1.1 "):
        raise BadAnswer(bytes(received[:200]))
    line_end = received.find(b"\r\n", at)
    body_start = head_end + 4
    return int(received[9:12]), body_start, body_start + int(received[at + 15 : line_end])


class _Client:
    """One keep-alive connection and the request that is under way on it."""

    __slots__ = ("connection", "due", "needed", "number", "received", "sending")

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.number: int | None = None
        self.due = 0.0
        self.received = bytearray()
        self.needed = 0
        """Bytes of the whole answer; 0 while its head is incomplete."""
        self.sending: memoryview | None = None


class _Loop:
    """The state of one load."""

    def __init__(self, offer: Offer, source: Source, listener: Listener | None) -> None:
        self.offer = offer
        self.source = source
        self.listener = listener
        self.numbers: Iterator[int] = iter(offer.numbers)
        self.prepared: deque[tuple[int, bytes]] = deque()
        self.selector = selectors.DefaultSelector()
        self.idle: deque[_Client] = deque()
        self.clients: set[_Client] = set()
        self.waiting = 0
        self.result = Result()
        self.began = 0.0
        self.ended = 0.0
        self.offered = 0

    def run(self) -> Result:
        try:
            self._open_all()
            self._prepare()
            self.began = self.ended = time.perf_counter()
            self._work()
        finally:
            for client in self.clients:
                client.connection.close()
            self.selector.close()
        self.result.seconds = self.ended - self.began
        if not self.clients:
            self.result.unanswered += [number for number, _ in self.prepared]
        return self.result

    def _open_all(self) -> None:
        for _ in range(self.offer.clients):
            client = _Client(_connect(self.offer.port))
            self.clients.add(client)
            self.selector.register(client.connection, selectors.EVENT_READ, client)
            self.idle.append(client)

    def _prepare(self) -> None:
        """Keep one request ready, so that it is made while the server works and not while it waits."""
        if not self.prepared:
            number = next(self.numbers, None)
            if number is not None:
                self.prepared.append((number, self.source(number)))

    def _work(self) -> None:
        last_sent = self.began
        while True:
            now = time.perf_counter()
            late = self.offer.seconds is not None and now - self.began >= self.offer.seconds
            while self.idle and self.prepared and not late:
                due = self._due(now)
                if due > now:
                    break
                self._send_next(self.idle.popleft(), due)
                last_sent = now
            more = bool(self.prepared) and not late and bool(self.clients)
            if not self.waiting and not more:
                return
            if not more and now - last_sent > DRAIN_SECONDS_MAX:
                raise Overdue(f"{self.waiting} requests without an answer")
            self._receive(self._pause(now) if more and self.idle else 1.0)

    def _due(self, now: float) -> float:
        """When the next request is due: now in a closed loop, on the beat in an open one."""
        if self.offer.per_second is None:
            return now
        return self.began + self.offered / self.offer.per_second

    def _pause(self, now: float) -> float:
        """Seconds until the next request of an open loop is due."""
        return max(0.0, self._due(now) - now)

    def _receive(self, seconds: float) -> None:
        for key, events in self.selector.select(seconds):
            client: _Client = key.data
            if events & selectors.EVENT_WRITE:
                self._continue_sending(client)
            if events & selectors.EVENT_READ:
                self._read(client)

    def _send_next(self, client: _Client, due: float) -> None:
        number, request = self.prepared.popleft()
        client.number, client.due = number, due
        self.offered += 1
        self.waiting += 1
        try:
            sent = client.connection.send(request)
        except BlockingIOError:
            sent = 0
        except OSError:
            self._broken(client)
            sent = len(request)
        if sent < len(request):
            client.sending = memoryview(request)[sent:]
            self.selector.modify(client.connection, selectors.EVENT_READ | selectors.EVENT_WRITE, client)
        self._prepare()

    def _continue_sending(self, client: _Client) -> None:
        if client.sending is None:
            return
        try:
            client.sending = client.sending[client.connection.send(client.sending) :]
        except BlockingIOError:
            return
        except OSError:
            self._broken(client)
            return
        if not client.sending:
            client.sending = None
            self.selector.modify(client.connection, selectors.EVENT_READ, client)

    def _read(self, client: _Client) -> None:
        try:
            chunk = client.connection.recv(RECEIVE_BYTES)
        except BlockingIOError:
            return
        except OSError:
            chunk = b""
        if not chunk:
            self._broken(client)
            return
        client.received += chunk
        if client.needed and len(client.received) < client.needed:
            return
        parsed = parse_answer(client.received)
        if parsed is None:
            return
        status, body_start, client.needed = parsed
        if len(client.received) >= client.needed:
            self._answered(client, status, body_start)

    def _answered(self, client: _Client, status: int, body_start: int) -> None:
        self.ended = time.perf_counter()
        if client.number is None:
            raise BadAnswer(f"an answer ({status}) to no request")
        self.result.latencies_ms.append((self.ended - client.due) * 1000)
        self.result.statuses[status] += 1
        if self.listener is not None:
            self.listener(client.number, status, bytes(client.received[body_start : client.needed]))
        client.number, client.needed = None, 0
        client.received.clear()
        self.waiting -= 1
        self.idle.append(client)

    def _broken(self, client: _Client) -> None:
        """The connection is gone: note the request that was under way and put a new client in its place."""
        self.selector.unregister(client.connection)
        client.connection.close()
        self.clients.discard(client)
        if client.number is None:
            self.idle.remove(client)
        else:
            self.result.unanswered.append(client.number)
            self.waiting -= 1
        try:
            fresh = _Client(_connect(self.offer.port))
        except OSError:
            return
        self.clients.add(fresh)
        self.selector.register(fresh.connection, selectors.EVENT_READ, fresh)
        self.idle.append(fresh)
