"""Lists in pages and the journal's feed: each item once, in order, without a gap, and at once."""

from __future__ import annotations

import http.client
import json
import threading
import time
from typing import Any

from tests.entrypoints.house import House, Merchant, order


def test_pages_show_each_of_205_orders_once_even_while_new_ones_arrive(house: House) -> None:
    shop = house.merchant(stock=1_000)
    placed = [result["outcome"]["number"] for result in shop.batch("/v1/orders", *[order()] * 205)]
    seen: list[str] = []
    cursor: dict[str, str] = {}
    pages = 0
    while True:
        page = shop.get("/v1/orders", limit="20", **cursor).json
        seen += [item["number"] for item in page["items"]]
        pages += 1
        shop.place()
        if page["next"] is None:
            break
        cursor = {"after": page["next"]}
    assert pages == 11
    assert sorted(seen, key=int) == sorted(placed, key=int)
    newest = shop.get("/v1/orders", limit="200").json["items"]
    assert len({item["number"] for item in newest} - set(seen)) == 11


def test_a_queue_is_paged_too(house: House) -> None:
    shop = house.merchant(stock=1_000)
    shop.batch("/v1/orders", *[order()] * 45)
    seen, cursor = [], {}
    while cursor is not None:
        page = shop.get("/v1/orders", stage="to_release", limit="20", **cursor).json
        seen += [item["number"] for item in page["items"]]
        cursor = {"after": page["next"]} if page["next"] else None
    assert len(seen) == len(set(seen)) == 45


def test_a_cursor_of_another_list_is_refused(shop: Merchant) -> None:
    shop.batch("/v1/orders", *[order()] * 3)
    cursor = shop.get("/v1/orders", limit="2").json["next"]
    reply = shop.get("/v1/orders", stage="to_release", after=cursor)
    assert (reply.status, reply.name) == (422, "malformed")
    assert "not a cursor of this list" in str(reply.wrong)


def test_the_feed_has_no_gap_and_resumes_where_it_stopped(shop: Merchant) -> None:
    for _ in range(3):
        shop.batch("/v1/orders", *[order()] * 10)
    seen: list[int] = []
    after = 0
    while True:
        piece = shop.get("/v1/events", after=str(after), limit="7").json
        if not piece["events"]:
            break
        seen += [event["position"] for event in piece["events"]]
        assert piece["position"] == seen[-1]
        after = piece["position"]
    assert seen == list(range(1, piece["head"] + 1))
    times = [event["recorded_at"] for event in shop.get("/v1/events", limit="1000").json["events"]]
    assert times == sorted(times)


def test_a_reader_who_is_ahead_gets_nothing_and_keeps_its_place(shop: Merchant) -> None:
    assert shop.get("/v1/events", after="1000000").json["events"] == []


def test_a_long_poll_wakes_up_when_something_happens(house: House, shop: Merchant) -> None:
    head = shop.get("/v1/events").json["head"]
    answers: list[Any] = []
    patient = house.caller(shop.key)
    began = time.monotonic()
    waiting = threading.Thread(
        target=lambda: answers.append(patient.get("/v1/events", after=str(head), wait="20").json)
    )
    waiting.start()
    time.sleep(0.3)
    assert not answers
    number = shop.place()
    waiting.join(15)
    assert time.monotonic() - began < 10
    (event,) = answers[0]["events"]
    assert (event["kind"], event["position"]) == ("order_placed", head + 1)
    assert shop.get(f"/v1/orders/{number}").json["id"] == event["subject_id"]


def test_a_long_poll_ends_empty_when_nothing_happens(shop: Merchant) -> None:
    head = shop.get("/v1/events").json["head"]
    began = time.monotonic()
    assert shop.get("/v1/events", after=str(head), wait="1").json["events"] == []
    assert 0.9 < time.monotonic() - began < 5


class Stream:
    """A browser that listens to server-sent events."""

    def __init__(self, shop: Merchant, path: str = "/v1/events/stream", last: int | None = None) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", shop.port, timeout=20)
        resumes = {"Last-Event-ID": str(last)} if last is not None else {}
        self._connection.request("GET", path, headers={"Authorization": f"Bearer {shop.key}", **resumes})
        self.answer = self._connection.getresponse()

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *_: object) -> None:
        self.answer.close()
        self._connection.close()

    def next(self) -> tuple[int, str, Any]:
        """(id, event, data) of the next event."""
        fields: dict[str, str] = {}
        while True:
            line = self.answer.readline().decode().rstrip("\n")
            if line:
                name, _, value = line.partition(": ")
                fields[name] = value
            elif "data" in fields:
                return int(fields["id"]), fields["event"], json.loads(fields["data"])


def test_the_stream_tells_events_as_they_happen(shop: Merchant) -> None:
    head = shop.get("/v1/events").json["head"]
    with Stream(shop, f"/v1/events/stream?after={head - 1}") as stream:
        assert stream.answer.headers["content-type"].startswith("text/event-stream")
        assert stream.next()[0] == head
        shop.place()
        id_, kind, data = stream.next()
        assert (id_, kind, data["position"]) == (head + 1, "order_placed", head + 1)


def test_the_stream_resumes_after_the_last_event_that_was_heard(shop: Merchant) -> None:
    head = shop.get("/v1/events").json["head"]
    with Stream(shop, "/v1/events/stream?after=0") as stream:
        heard = [stream.next()[0] for _ in range(3)]
    with Stream(shop, "/v1/events/stream?after=0", last=heard[-1]) as stream:
        heard += [stream.next()[0] for _ in range(head - 3)]
    assert heard == list(range(1, head + 1))


def test_a_stream_from_nowhere_is_a_problem(shop: Merchant) -> None:
    reply = shop.ask("GET", "/v1/events/stream", headers={"Last-Event-ID": "yesterday"})
    assert (reply.status, list(reply.wrong)) == (422, ["/after"])
