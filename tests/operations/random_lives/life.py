"""Random lives of a merchant, in which each room beside this file takes part."""

from tests.operations.random_lives.assembly import Assembly
from tests.operations.random_lives.counts import Counts
from tests.operations.random_lives.fulfillment import Fulfillment
from tests.operations.random_lives.inbound import Inbound
from tests.operations.random_lives.orders import Orders
from tests.operations.random_lives.reservations import Reservations
from tests.operations.random_lives.returns import Returns
from tests.operations.random_lives.shortages import Shortages
from tests.operations.random_lives.stock import Stock
from tests.operations.random_lives.transfers import Transfers


class Life(Stock, Orders, Fulfillment, Returns, Reservations, Inbound, Transfers, Counts, Shortages, Assembly):
    """Everything that moves stock."""
