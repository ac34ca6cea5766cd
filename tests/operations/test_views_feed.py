"""The feed: in order, without a gap, resumable; by long poll and as server-sent events."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from lading.access.store import Caller
from lading.database.pool import Database
from lading.entrypoints.api import feed, heads
from lading.views import events
from lading.views.pages import NotFound


def request(query: str = "", headers: dict[str, str] | None = None) -> Any:
    """A request as the server would hand it over; the client stays until `leave` is set."""
    from starlette.requests import Request

    leave = asyncio.Event()

    async def receive() -> dict[str, Any]:
        await leave.wait()
        return {"type": "http.disconnect"}

    raw = [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]
    scope = {"type": "http", "method": "GET", "path": "/v1/events", "query_string": query.encode(), "headers": raw}
    made = Request(scope, receive)
    made.state.leave = leave
    return made


def caller(shop: Any) -> Caller:
    return Caller(shop.merchant_id, uuid.uuid4(), "key:test", "test", frozenset({"*"}))


async def body(shop: Any, query: str, **headers: str) -> Any:
    """The answer of the long poll."""
    answer = await feed.events(request(query, headers), shop.database, caller(shop))
    return answer.status_code, msgspec.json.decode(answer.body)


async def head(shop: Any) -> int:
    async with shop.database.read(shop.merchant_id) as tx:
        return await events.head_position(tx)


async def test_pieces_of_the_feed_join_without_a_gap(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=5, CAP_HAM=5)
    positions: list[int] = []
    after = 0
    while True:
        _, piece = await body(shop, f"after={after}&limit=3")
        if not piece["events"]:
            break
        positions += [event["position"] for event in piece["events"]]
        after = piece["position"]
    assert positions == list(range(1, await head(shop) + 1))
    assert piece["head"] == after


async def test_a_piece_of_large_events_is_a_short_one(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A snapshot's events have a hundred thousand bytes each; whoever asks for a thousand events gets no hundred megabytes."""
    await shop.stock_up(MUG_HAM=5, CAP_HAM=5)
    monkeypatch.setattr(events, "FEED_BYTES_MAX", 500)
    positions: list[int] = []
    sizes, after = [], 0
    while after < await head(shop):
        _, piece = await body(shop, f"after={after}&limit=1000")
        positions += [event["position"] for event in piece["events"]]
        sizes.append([len(msgspec.json.encode(event["data"])) for event in piece["events"]])
        after = piece["position"]
    assert positions == list(range(1, await head(shop) + 1))
    assert all(len(piece) == 1 or sum(piece) <= 500 for piece in sizes)
    assert any(len(piece) > 1 for piece in sizes)
    assert len(sizes) > 1


async def test_it_waits_for_news_and_answers_at_once(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=5)
    after = await head(shop)
    waiting = asyncio.ensure_future(body(shop, f"after={after}&wait=20"))
    await asyncio.sleep(0.3)
    assert not waiting.done()
    number = await shop.place({"MUG": 1})
    async with asyncio.timeout(5):
        _, piece = await waiting
    assert [(event["kind"], event["data"]["number"]) for event in piece["events"]] == [("order_placed", number)]


async def test_it_does_not_wait_for_ever(shop: Any) -> None:
    after = await head(shop)
    async with asyncio.timeout(5):
        status, piece = await body(shop, f"after={after}&wait=1")
    assert (status, piece) == (200, {"events": [], "position": after, "head": after})


@pytest.mark.parametrize("query", ["after=-1", "after=x", "limit=0", "limit=99999", "wait=31", "nonsense=1"])
async def test_a_malformed_question_is_told_so(shop: Any, query: str) -> None:
    status, problem = await body(shop, query)
    assert status == 422 and problem["errors"]


async def streamed(shop: Any, asked: Any) -> AsyncIterator[dict[str, str]]:
    """The messages of a stream, as a browser would read them."""
    answer: Any = await feed.stream(asked, shop.database, caller(shop))
    assert answer.media_type == "text/event-stream"
    async for chunk in answer.body_iterator:
        for message in bytes(chunk).decode().strip().split("\n\n"):
            yield dict(line.split(": ", 1) for line in message.splitlines())


async def test_server_sent_events_resume_where_the_client_was_cut_off(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=5)
    last = await head(shop)
    asked = request("after=0", {"Last-Event-ID": str(last - 2)})
    seen: list[dict[str, str]] = []
    async with asyncio.timeout(10):
        async for message in streamed(shop, asked):
            seen.append(message)
            if len(seen) == 3:
                await shop.place({"MUG": 1})
            if len(seen) == 4:
                asked.state.leave.set()
    assert seen[0] == {"retry": "2000"}
    assert [message["id"] for message in seen[1:]] == [str(last - 1), str(last), str(last + 1)]
    assert seen[3]["event"] == "order_placed"
    assert msgspec.json.decode(seen[3]["data"])["position"] == last + 1


async def test_a_quiet_stream_shows_that_it_is_alive(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "HEARTBEAT_SECONDS", 0.1)
    monkeypatch.setattr(feed, "PATIENCE_SECONDS", 0.1)
    asked = request(f"after={await head(shop)}")
    answer: Any = await feed.stream(asked, shop.database, caller(shop))
    beats = 0
    async with asyncio.timeout(10):
        async for chunk in answer.body_iterator:
            if bytes(chunk).startswith(b":"):
                beats += 1
                asked.state.leave.set()
    assert beats


async def test_one_event_has_its_sentence(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=5)
    async with shop.database.read(shop.merchant_id) as tx:
        entry = await events.event(tx, events.EventQuery(position=await events.head_position(tx)))
        assert entry.sentence == "Received 5 × MUG in HAM (opening)."
        with pytest.raises(NotFound):
            await events.event(tx, events.EventQuery(position=10**9))


async def test_another_merchants_events_are_not_told(shop: Any, twin: Any) -> None:
    await shop.stock_up(MUG_HAM=5)
    _, piece = await body(twin, "after=0&limit=1000")
    assert len(piece["events"]) == 4  # its own channel and locations


async def test_however_many_wait_the_head_is_looked_at_once(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = 0
    read = events.head_position

    async def counted(tx: Any) -> int:
        nonlocal looks
        looks += 1
        return await read(tx)

    monkeypatch.setattr(heads, "head_position", counted)
    after = await head(shop)
    waiting = heads.Heads(shop.database)
    async with asyncio.timeout(10):
        await asyncio.gather(*(waiting.wait(shop.merchant_id, after, 0.5) for _ in range(40)))
    assert 2 <= looks <= 6


async def test_whoever_waits_is_told_what_broke(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(tx: Any) -> int:
        raise ConnectionError("gone")

    monkeypatch.setattr(heads, "head_position", broken)
    waiting = heads.Heads(shop.database)
    told = await asyncio.gather(*(waiting.wait(shop.merchant_id, 0, 5) for _ in range(3)), return_exceptions=True)
    assert [type(error) for error in told] == [ConnectionError] * 3


async def test_no_connection_is_held_while_waiting(shop: Any) -> None:
    small = Database(shop.database.dsn, writers=1, readers=1)
    await small.open()
    try:
        after = await head(shop)
        waiting = [
            asyncio.ensure_future(feed.events(request(f"after={after}&wait=1"), small, caller(shop))) for _ in range(8)
        ]
        async with asyncio.timeout(10):
            answers = await asyncio.gather(*waiting)
        assert [msgspec.json.decode(answer.body)["events"] for answer in answers] == [[]] * 8
    finally:
        await small.close()
