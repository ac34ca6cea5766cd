"""The "Online Retail" invoice lines of a UK gift shop (UCI 352): a file becomes a plan of orders, returns and stock.

Pure: nothing here knows the database or a room. What is known already is passed in (`Known`); what is to be made comes
back (`Plan`); `reconcile` accounts for every line and for the exact sum of quantity x price.
"""

from lading.adapters.channels.online_retail.planning import plan_lines
from lading.adapters.channels.online_retail.reader import FileTrouble, read_lines
from lading.adapters.channels.online_retail.reconciliation import Reconciliation, ReconciliationError, reconcile, render
from lading.adapters.channels.online_retail.rules import wanted
from lading.adapters.channels.online_retail.stock import Limits
from lading.adapters.channels.online_retail.terms import Known, Line, Plan, Wanted

__all__ = [
    "FileTrouble",
    "Known",
    "Limits",
    "Line",
    "Plan",
    "Reconciliation",
    "ReconciliationError",
    "Wanted",
    "plan_lines",
    "read_lines",
    "reconcile",
    "render",
    "wanted",
]
