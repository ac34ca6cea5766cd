"""What random lives begin with, told as a story: by chance alone, few lives get as far as a shortage or a return."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.operations.random_lives.life import Life


def little_stock(life: Life) -> None:
    """A life begins with nothing but what lies there."""


def order_at_work(life: Life) -> None:
    """Two orders, one of them released and picked in part."""
    _order(life, ("A", 2), ("B", 2))
    _order(life, ("A", 2), ("L", 1))
    life.release(1)
    life.pick(1, 1, [(1, 1)], [], False, False)


def shortage(life: Life) -> None:
    """A picker finds a shelf empty that others hold units of."""
    _order(life, ("A", 2))
    _order(life, ("A", 1))
    life.release(1)
    life.release(0)
    life.pick(1, 1, [(1, 1)], [(1, 1)], True, True)
    assert life.model.shortages


def announced_return(life: Life) -> None:
    """What was delivered shall come back."""
    _order(life, ("A", 2), ("B", 1))
    life.go_on(0, True, False)
    life.track(0, "delivered")
    life.request_return(0, 1, 2)


def order_that_waits(life: Life) -> None:
    """More is bought, but not enough."""
    _order(life, ("W", 3))
    life.buy(("W", "HAM", ""), 2)
    life.receive_purchase(0, 1, 0, "L1")


def kits(life: Life) -> None:
    """Some are made ahead, one is put together for its order."""
    for sku, lot in (("A", ""), ("L", "L1")):
        life.stock_up((sku, "HAM", lot), 4)
    life.open_work("HAM", 3)
    life.finish_work(0, 1, "done")
    life.place_kits(1)
    life.release(0)


def lots(life: Life) -> None:
    """An order has units of two lots, one of which is stopped after they were picked."""
    _order(life, ("L", 2))
    life.release(0)
    life.pick(0, 1, [(1, 1)], [], False, False)
    life.hold_lot("L1")


def both_ways(life: Life) -> None:
    """One parcel is lost, units of another order come back unopened."""
    _order(life, ("A", 1))
    life.go_on(0, True, False)
    life.track(0, "lost")
    _order(life, ("B", 2))
    life.go_on(0, True, False)
    life.track(0, "returned_to_sender")


BEGINNINGS: Mapping[str, Callable[[Life], None]] = {
    each.__name__: each
    for each in (
        little_stock, order_at_work, shortage, announced_return, order_that_waits, kits, lots, both_ways,
    )
}  # fmt: skip


def _order(life: Life, *wants: tuple[str, int]) -> None:
    before = len(life.model.orders)
    life.place_order(list(wants), None)
    assert len(life.model.orders) > before
