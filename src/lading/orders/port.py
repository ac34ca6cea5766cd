"""What an order needs of whoever calculates taxes.

The answer is a function of the document alone, so that a dry run, a repeated batch and the quote before it say the same. A calculator
in the house (`taxes/table.py`) has its rates loaded before anything is decided. One that is asked over the wire is asked before the
transaction begins, and what it answered stands here in its place: nobody is called inside of one.
"""

from collections.abc import Sequence
from typing import Protocol

from lading.terms.taxes import Tax, TaxDocument


class TaxCalculator(Protocol):
    """Who knows what is taxed where."""

    def taxes(self, document: TaxDocument) -> Sequence[Tax]:
        """The taxes on each item, those of amount zero left out; none where nothing is taxed there."""
