"""Stock that is set to what was counted earlier, told after what was counted later."""

from datetime import timedelta

import msgspec

from tests.operations.random_lives.ground import Inside
from tests.operations.random_lives.life import Life


def test_a_count_told_late_knows_what_was_short_then_and_is_not_short_now(shared_dsn: str) -> None:
    """8 are held. 1 is counted: 7 short. A second later 5: 4 turn up. Then 2 is told of between: 1 more than 1, not 3 less than 5."""
    inside = Inside(shared_dsn)
    try:
        life = type("Here", (Life,), {"inside": inside})()
        life.open(None)
        row = {"sku": "B", "location": "MUC"}
        life.step("stock.set", {**row, "quantity": 8}, lambda _: life.model.set_stock(("B", "MUC", ""), 8, None, 0))
        life.place_order([("B", 4)], None)
        life.place_order([("B", 4)], None)
        start = life.now + timedelta(seconds=0.5)
        life.now += timedelta(seconds=5)
        told = []
        for quantity, after in ((1, 0.0), (5, 1.0), (2, 0.2)):
            fields = {**row, "quantity": quantity, "as_of": (start + timedelta(seconds=after)).isoformat()}
            envelope = life.shop.envelope("stock.set", fields)
            (answer,) = life.run(life.shop.run("stock.set", [envelope]))
            told.append(msgspec.json.decode(answer.body)["expected"])
        assert told == [8, 1, 1]
    finally:
        inside.close()
