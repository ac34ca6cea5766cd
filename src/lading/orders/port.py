"""What an order needs of whoever calculates taxes.

The answer is a function of the document alone, so that a dry run, a repeated batch and the quote before it say the same. The calculator in
the house (`taxes/table.py`) has its rates loaded before anything is decided. A service over the wire (`taxes/port.py`) is asked between two
runs of the batch (`operations/asking_taxes.py`): nobody is called inside of a transaction.
"""

from collections.abc import Sequence
from typing import Protocol

from lading.terms.taxes import Tax, TaxDocument


class TaxCalculator(Protocol):
    """Who knows what is taxed where."""

    def taxes(self, document: TaxDocument) -> Sequence[Tax]:
        """The taxes on each item, those of amount zero left out; none where nothing is taxed there."""
