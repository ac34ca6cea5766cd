"""Loading and saving subscriptions."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from lading.database import queries
from lading.database.pool import Transaction
from lading.orders.subscriptions import Subscription, Subscriptions
from lading.terms.documents import number_or_id

sql = queries.load(__file__)

_COLUMNS = "id number draft_id status version every unit day prices cycle orders_max next_at failures failed_as reason created_at"
_COLUMNS += " time_zone retry_at"


async def load(tx: Transaction, refs: Iterable[str], *, lock: bool) -> Subscriptions:
    """The subscriptions that the references (S1042, or an id) mean; unknown ones are left out. With `lock` they are locked, by id."""
    keys = {number_or_id(ref, "S") for ref in refs}
    ids = {key for key in keys if isinstance(key, UUID)}
    if numbers := sorted(key for key in keys if isinstance(key, int)):
        ids.update(row[0] for row in await tx.fetch(sql.subscription_ids, numbers))
    found = Subscriptions()
    if ids:
        for row in await tx.fetch(sql.lock_subscriptions if lock else sql.read_subscriptions, sorted(ids)):
            each = Subscription(**dict(row))
            found.by_key[each.number] = found.by_key[each.id] = each
    return found


async def save(tx: Transaction, rows: Sequence[Subscription]) -> None:
    """Insert new ones, save known ones as they stand."""
    await tx.execute(sql.save_subscriptions, *queries.columns(rows, _COLUMNS))
