"""A tiny installation for the supervisor's tests: a web application, a worker and a first run of a few lines each.

Run as `python -m tests.installation.tiny`, it is `lading up` with these parts.
"""

from __future__ import annotations

import asyncio
import os
import sys

import asyncpg
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

from lading.app import Parts, up
from lading.entrypoints.cli.errors import sentence
from lading.settings import Settings, load_settings


def create_app(settings: Settings, dsn: str) -> Starlette:
    async def health(request: Request) -> PlainTextResponse:
        return PlainTextResponse("ok")

    async def who(request: Request) -> JSONResponse:
        connection = await asyncpg.connect(dsn)
        try:
            server = await connection.fetchval("SELECT current_setting('data_directory')")
        finally:
            await connection.close()
        return JSONResponse({"pid": os.getpid(), "server": server})

    async def slow(request: Request) -> PlainTextResponse:
        await asyncio.sleep(0.7)
        return PlainTextResponse("done")

    return Starlette(routes=[Route("/health", health), Route("/who", who), Route("/slow", slow)])


async def work(settings: Settings, dsn: str) -> None:
    (settings.home / "worker.pid").write_text(str(os.getpid()))
    await asyncio.Event().wait()


async def prepare(settings: Settings, dsn: str) -> list[str]:
    return ["ready to be looked at"]


def broken_app(settings: Settings, dsn: str) -> Starlette:
    raise RuntimeError("this application cannot be made")


if __name__ == "__main__":
    here = "tests.installation.tiny"
    web = sys.argv[1] if len(sys.argv) > 1 else "create_app"
    try:
        up(load_settings(), Parts(f"{here}:{web}", f"{here}:work", f"{here}:prepare"))
    except Exception as error:
        said = sentence(error)
        if said is None:
            raise
        sys.exit(said)
