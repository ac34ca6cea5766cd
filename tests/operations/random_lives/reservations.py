"""Reservations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from lading.database.pool import Transaction
from tests.operations.model.types import PLACES, Kept, Refused
from tests.operations.random_lives.ground import Ground, compared, places, which


class Reservations(Ground):
    """They are made, extended, pinned and ended."""

    @rule(
        data=st.data(),
        how=st.sampled_from(("chosen", "chosen", "anywhere", "group", *PLACES)),
        seconds=st.sampled_from((3, 6, 12, 40)),
    )
    def reserve(self, data: st.DataObject, how: str, seconds: int) -> None:
        wants = dict(data.draw(self.wishes()))
        if how in ("anywhere", "group"):
            wants = {"C": wants.get("C", 2)}
        lines = [{"sku": sku, "quantity": units} for sku, units in wants.items()]
        fields: dict[str, Any] = {"lines": lines, "seconds": seconds}
        fields |= {"anywhere": {"anywhere": True}, "group": {"group": "NORTH"}}.get(how, {})
        if how in PLACES:
            fields["location"] = how

        def then(outcome: dict[str, Any]) -> None:
            place = how if how in PLACES else None
            if self.model.is_covered("C") or "C" not in wants:
                self.model.refuse_reservation(wants, place, how == "group", how == "anywhere")
            elif "refused" in outcome:
                raise Refused(outcome["name"])
            kept = self.kept(outcome["lines"], how == "group")
            expires_at = self.model.reserve(outcome["reservation"], kept, seconds, wants)
            assert datetime.fromisoformat(outcome["expires_at"]) == expires_at
            self.remember("reservation", outcome["reservation"])

        self.step("reservations.reserve", fields, then)

    @staticmethod
    def kept(lines: Sequence[Mapping[str, Any]], group: bool = False) -> list[Kept]:
        return [
            Kept(
                (line["sku"], line["location"], line["lot"]) if line["location"] else None,
                line["sku"],
                line["quantity"],
                group and not line["location"],
            )
            for line in lines
        ]

    @rule(seconds=st.sampled_from((3, 8, 40)))
    def pass_by(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        self.model.now = self.now

    @precondition(lambda self: self.known("reservation"))
    @rule(index=which, seconds=st.integers(1, 60))
    def extend(self, index: int, seconds: int) -> None:
        id_ = self.one("reservation", index)
        self.step(
            "reservations.extend", {"reservation": id_, "seconds": seconds}, lambda _: self.model.extend(id_, seconds)
        )

    @precondition(lambda self: self.known("reservation"))
    @rule(index=which, verb=st.sampled_from(("release", "expire")))
    def finish(self, index: int, verb: str) -> None:
        id_ = self.one("reservation", index)

        def then(outcome: dict[str, Any]) -> None:
            assert self.model.finish(id_, verb + "d") == outcome["units"]

        self.step(f"reservations.{verb}", {"reservation": id_}, then)

    @precondition(lambda self: self.known("reservation"))
    @rule(index=which, place=st.none() | places)
    def pin(self, index: int, place: str | None) -> None:
        id_ = self.one("reservation", index)

        def then(outcome: dict[str, Any]) -> None:
            if self.model.is_covered("C"):
                self.model.refuse_pin(id_, place)
            elif "refused" in outcome:
                raise Refused(outcome["name"])
            self.model.pin(id_, self.kept(outcome["lines"]))

        self.step("reservations.pin", {"reservation": id_, **({"location": place} if place else {})}, then)

    @compared
    async def reservations_are_the_model(self, tx: Transaction) -> None:
        told: dict[str, list[Any]] = {}
        for row in await tx.fetch(
            "SELECT * FROM reservation_line WHERE merchant_id = $1 ORDER BY reservation_id, number"
        ):
            line = (self.row_of(row) if row["location_id"] else None, self.skus[row["sku_id"]], row["quantity"])
            told.setdefault(str(row["reservation_id"]), []).append((*line, row["expires_at"], row["ended_as"]))
        assert told == {
            id_: [(line.row, line.sku, line.quantity, found.expires_at, line.ended) for line in found.lines]
            for id_, found in self.model.reservations.items()
        }
