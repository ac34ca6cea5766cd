"""Everything that is read over HTTP: all tables of questions in one."""

from lading.entrypoints.api.questions import (
    Read,
    coming_back,
    data,
    money,
    orders,
    products_and_buying,
    stock,
    warehouse,
    where_from,
)

READS: list[Read] = [
    *orders.READS,
    *where_from.READS,
    *warehouse.READS,
    *stock.READS,
    *products_and_buying.READS,
    *coming_back.READS,
    *money.READS,
    *data.READS,
]
"""Every question, by path."""
