"""Print jobs."""

from __future__ import annotations

from tests.operations.batches.building import builds
from tests.races.shop import Payload, Shop


@builds("print-jobs.add")
async def add_print_jobs(shop: Shop, count: int) -> list[Payload]:
    return [{"kind": "label", "of": f"{number}-P1", "station": "PACK-1"} for number in range(count)]


@builds("print-jobs.claim")
async def claim_print_jobs(shop: Shop, count: int) -> list[Payload]:
    await shop.do("print-jobs.add", *await add_print_jobs(shop, count))
    return [{"station": "PACK-1", "most": 1}] * count


@builds("print-jobs.finish")
async def finish_print_jobs(shop: Shop, count: int) -> list[Payload]:
    done = await shop.do("print-jobs.claim", *await claim_print_jobs(shop, count))
    return [{"job": job["job"]} for each in done for job in each["jobs"]]


@builds("print-jobs.fail")
async def fail_print_jobs(shop: Shop, count: int) -> list[Payload]:
    return [{**each, "trouble": "no paper"} for each in await finish_print_jobs(shop, count)]


@builds("print-jobs.drop")
async def drop_print_jobs(shop: Shop, count: int) -> list[Payload]:
    return await finish_print_jobs(shop, count)


@builds("print-jobs.reprint")
async def reprint_print_jobs(shop: Shop, count: int) -> list[Payload]:
    jobs = await finish_print_jobs(shop, count)
    await shop.do("print-jobs.finish", *jobs)
    return jobs
