"""What stock, orders and documents should be after each operation, in plain dicts: nothing here knows the database or the rules' code.

A method is one command. It raises Refused where the command must be refused; otherwise it changes the model. Where the system
may choose (which of several locations, how many of each), the model is told what was chosen, checks it against the laws of
choosing and counts with it; everything else it says itself: what becomes free, who ends, what is short, what a count finds.
"""

from tests.operations.model.assembly import Assembly
from tests.operations.model.counts import Counts
from tests.operations.model.inbound import Inbound
from tests.operations.model.reservations import Reservations
from tests.operations.model.returns import Returns
from tests.operations.model.shortages import Shortages
from tests.operations.model.transfers import Transfers


class Model(Counts, Returns, Reservations, Inbound, Transfers, Shortages, Assembly):
    """All rooms over the same books."""
