"""Sentences that count."""

from lading.kernel.outcomes import Refusal


def test_a_sentence_counts_one_unit_and_many_units() -> None:
    kind = ("not_picked", "{waiting} {waiting:unit|units} of {sku} {waiting:is|are} picked, not {quantity:,}.")
    told = [Refusal.of(kind, sku="MUG", waiting=waiting, quantity=1_000).message for waiting in (0, 1, 2)]
    assert told == [
        "0 units of MUG are picked, not 1,000.",
        "1 unit of MUG is picked, not 1,000.",
        "2 units of MUG are picked, not 1,000.",
    ]
