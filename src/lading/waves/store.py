"""Loading and saving waves."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from lading.database import queries
from lading.database.pool import Transaction
from lading.terms.documents import number_or_id
from lading.waves.types import Candidate, PickList, PickTask, Place, ToPick, Wave, Waves, wave_ref

sql = queries.load(__file__)

Lock = Literal["alone", "shared"] | None
"""Who ends a wave (or gives out its lists) has it alone; those who pick share it."""

_DATES = "released_at closed_at cancelled_at"

Key = tuple[UUID, UUID, str]
"""(SKU, location, lot): a row of stock."""


async def find_ids(tx: Transaction, refs: Iterable[str]) -> set[UUID]:
    """The waves that the references (WV1044, WV1044-L1, or an id) mean; no lock."""
    keys = {number_or_id(wave_ref(ref), "WV") for ref in refs}
    ids = {key for key in keys if isinstance(key, UUID)}
    if numbers := sorted(key for key in keys if isinstance(key, int)):
        ids.update(row[0] for row in await tx.fetch(sql.wave_ids, numbers))
    return ids


async def read_waves(tx: Transaction, ids: Collection[UUID], *, lock: Lock) -> Waves:
    """Those waves without their lists; unknown ones are left out."""
    found = Waves()
    if ids:
        statement = {None: sql.read_waves, "alone": sql.lock_waves, "shared": sql.keep_waves}[lock]
        for row in await tx.fetch(statement, sorted(ids)):
            wave = Wave(**dict(row))
            found.by_key[wave.number] = found.by_key[wave.id] = wave
    return found


async def read_lists(tx: Transaction, waves: Waves) -> None:
    """Give the waves their pick lists."""
    for row in await tx.fetch(sql.read_lists, [wave.id for wave in waves.all()]):
        waves.by_key[row["wave_id"]].lists[row["number"]] = PickList(*row)


async def read_tasks(tx: Transaction, waves: Waves) -> None:
    """Give the waves all their tasks."""
    for row in await tx.fetch(sql.read_tasks, [wave.id for wave in waves.all()]):
        waves.by_key[row["wave_id"]].tasks.append(PickTask(*row))


async def find_tasks(
    tx: Transaction, numbers: Collection[tuple[UUID, int]], skus: Collection[tuple[UUID, UUID]]
) -> list[PickTask]:
    """Tasks by (wave, number), and those of (wave, SKU) that are not done; by wave and number."""
    if not numbers and not skus:
        return []
    columns = (*queries.transposed(sorted(numbers), 2), *queries.transposed(sorted(skus), 2))
    return [PickTask(*row) for row in await tx.fetch(sql.find_tasks, *columns)]


async def taken_references(tx: Transaction, references: Iterable[str]) -> dict[str, int]:
    """The numbers of the waves that bear these references already."""
    wanted = sorted(set(references))
    return {row[0]: row[1] for row in await tx.fetch(sql.wave_references, wanted)} if wanted else {}


async def candidates(tx: Transaction, most: Mapping[UUID, int], now: datetime) -> list[Candidate]:
    """Up to so many fulfillment orders of each location that could be picked now, the most urgent first."""
    if not most:
        return []
    rows = await tx.fetch(sql.candidates, *queries.transposed(sorted(most.items()), 2), now)
    return [Candidate(*row) for row in rows]


async def named_candidates(tx: Transaction, names: Collection[tuple[int, int]]) -> dict[str, Candidate]:
    """Fulfillment orders by name, from (order's number, number); unknown ones are left out."""
    if not names:
        return {}
    rows = await tx.fetch(sql.named_candidates, *queries.transposed(sorted(names), 2))
    return {each.name: each for each in (Candidate(*row) for row in rows)}


async def read_zones(tx: Transaction, wanted: Iterable[Candidate]) -> dict[tuple[UUID, int], list[tuple[str, ...]]]:
    """For each fulfillment order the (bins, aisles) out of which it is picked; '' where nobody knows the bin, or its aisle."""
    keys = sorted({(each.order_id, each.fulfillment_order) for each in wanted})
    if not keys:
        return {}
    rows = await tx.fetch(sql.zones_of, *queries.transposed(keys, 2))
    return {(row[0], row[1]): [tuple(code or "" for code in codes) for codes in (row[2], row[3])] for row in rows}


async def read_needs(tx: Transaction, wanted: Iterable[Candidate]) -> dict[tuple[UUID, int], dict[Key, int]]:
    """What each fulfillment order takes off which row of stock."""
    keys = sorted({(each.order_id, each.fulfillment_order) for each in wanted})
    needs: dict[tuple[UUID, int], dict[Key, int]] = {}
    if keys:
        for row in await tx.fetch(sql.to_choose, *queries.transposed(keys, 2)):
            needs.setdefault((row[0], row[1]), {})[(row[2], row[3], row[4])] = row[5]
    return needs


async def read_to_pick(tx: Transaction, wave_ids: Collection[UUID]) -> list[ToPick]:
    """What waits for these waves, by wave and fulfillment order."""
    return [ToPick(*row) for row in await tx.fetch(sql.to_pick, sorted(wave_ids))] if wave_ids else []


async def read_places(tx: Transaction, keys: Collection[Key]) -> dict[Key, dict[Place, int]]:
    """Units in the bins of these rows of stock that no other walk will take, in the order in which bins are emptied."""
    found: dict[Key, dict[Place, int]] = {}
    if keys:
        for row in await tx.fetch(sql.places, *queries.transposed(sorted(keys), 3)):
            found.setdefault((row[0], row[1], row[2]), {})[(row[3], *row[5:])] = row[4]
    return found


async def save_waves(tx: Transaction, waves: Sequence[Wave]) -> bool:
    """Save waves with what is new of them; False where somebody else used a reference or planned a fulfillment order meanwhile."""
    if new := sorted((wave for wave in waves if not wave.stored), key=lambda wave: wave.reference or ""):
        names = "id number reference location_id method orders units planned_at version"
        if await tx.execute(sql.insert_waves, *queries.columns(new, names)) != len(new):
            return False
        members = sorted(
            (member.order_id, member.fulfillment_order, wave.id, number)
            for wave in new
            for number, member in enumerate(wave.members, 1)
        )
        order_ids, fulfillment_orders, wave_ids, numbers = queries.transposed(members, 4)
        if await tx.execute(sql.insert_wave_orders, wave_ids, numbers, order_ids, fulfillment_orders) != len(members):
            return False
    if changed := [wave for wave in waves if wave.version > 1]:
        await tx.execute(sql.update_waves, *queries.columns(changed, f"id units {_DATES} version"))
    if born := [wave for wave in waves if wave.is_born]:
        await _insert_lists(tx, born)
    if over := [wave.id for wave in waves if wave.is_over]:
        await tx.execute(sql.end_wave_orders, over)
    return True


async def _insert_lists(tx: Transaction, waves: Sequence[Wave]) -> None:
    owners = [wave.id for wave in waves for _ in wave.lists]
    lists = [each for wave in waves for each in wave.lists.values()]
    names = "number zone units route_cm s_shape_cm picker"
    await tx.execute(sql.insert_lists, owners, *queries.columns(lists, names))
    tasks = [task for wave in waves for task in wave.tasks]
    names = (
        "wave_id number list slot order_id fulfillment_order allocation line_number sku_id location_id lot bin quantity"
    )
    await tx.execute(sql.insert_tasks, *queries.columns(tasks, names))


async def save_lists(tx: Transaction, lists: Sequence[PickList]) -> None:
    """Who walks them."""
    await tx.execute(sql.update_lists, *queries.columns(lists, "wave_id number picker"))


async def save_tasks(tx: Transaction, tasks: Sequence[PickTask]) -> None:
    """How far they are."""
    await tx.execute(sql.update_tasks, *queries.columns(tasks, "wave_id number picked short given_up"))
