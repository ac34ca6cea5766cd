"""One web process: the API under /v1, the console at /, health checks for machines."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import asyncpg
import prometheus_client
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from lading.access.store import Caller, Keys
from lading.adapters.documents import fonts
from lading.database.migrate import check_schema
from lading.database.pool import Database
from lading.entrypoints import webhooks
from lading.entrypoints.api import app as api
from lading.entrypoints.api.problems import problem, render
from lading.entrypoints.files import Files
from lading.entrypoints.paying import Accounts
from lading.entrypoints.service import Service
from lading.entrypoints.taxing import TaxAccounts
from lading.kernel import collector
from lading.settings import Settings


def create_app(settings: Settings, dsn: str) -> Starlette:
    """The application of one process. Its start raises where the database cannot be reached or has another schema."""
    fonts.use(settings.papers_font)
    database = Database(dsn)
    service = Service(database, TaxAccounts(database, settings.tax_accounts).ask)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await open_patiently(database)
        try:
            async with database.outside() as connection:
                await check_schema(connection)
            collector.tune()
            yield
        finally:
            await database.close()

    credentials = api.Credentials(Keys(database))
    verbs = api.verb_routes(service, credentials)
    app = Starlette(
        routes=[
            *health(service, credentials),
            *verbs,
            *api.routes(service, credentials, Files(settings.files, database)),
            *webhooks.routes(service, Accounts(settings.payment_accounts)),
            *console_routes(service, settings),
        ],
        middleware=[Middleware(api.Direct, routes=verbs)],
        lifespan=lifespan,
        exception_handlers={404: _no_such_way, 405: _no_such_way},
    )
    app.state.database, app.state.service = database, service
    return app


LAST_RESORT = "/{rest:path}"
"""The console's route of what is nowhere."""

DATABASE_PATIENCE_SECONDS = 30.0
_AWAY = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.ConnectionDoesNotExistError,
)


async def open_patiently(database: Database, patience_seconds: float = DATABASE_PATIENCE_SECONDS) -> None:
    """Open the pools; a database that is just being started again is waited for, so that the process need not die and come back."""
    loop = asyncio.get_running_loop()
    give_up_at = loop.time() + patience_seconds
    while True:
        try:
            return await database.open()
        except _AWAY:
            if loop.time() > give_up_at:
                raise
            await asyncio.sleep(0.2)


def console_routes(service: Service, settings: Settings) -> Sequence[BaseRoute]:
    """The console's pages."""
    from lading.entrypoints.console.app import routes

    return routes(service, settings)


def health(service: Service, credentials: api.Credentials) -> list[BaseRoute]:
    """What a load balancer asks; nothing else answers without a credential."""

    async def alive(_: Request) -> Response:
        return PlainTextResponse("alive")

    async def ready(_: Request) -> Response:
        try:
            async with service.database.outside() as connection:
                await check_schema(connection)
        except Exception as error:
            return PlainTextResponse(f"not ready: {error}", 503)
        return PlainTextResponse("ready")

    async def metrics(_: Request, __: Caller) -> Response:
        return Response(prometheus_client.generate_latest(), media_type=prometheus_client.CONTENT_TYPE_LATEST)

    return [
        Route("/health", alive),
        Route("/ready", ready),
        Route("/metrics", credentials.guard("metrics:read", metrics)),
    ]


async def _no_such_way(request: Request, _: Exception) -> Response:
    """405 with what the path does answer; 404 where it answers nothing, and for what is no verb, though it could be a document."""
    path = request.url.path
    routes = [each for each in request.app.routes if isinstance(each, Route) and each.path != LAST_RESORT]
    fitting = [each for each in routes if each.path_regex.match(path)]
    if request.method == "POST":
        fitting = [each for each in fitting if not each.param_convertors]
    answered = sorted({method for each in fitting for method in each.methods or ()} - {"HEAD"})
    if not answered or request.method in (*answered, "HEAD"):
        return render(problem("not_found", 404, "Not found", f"There is nothing at {path}."))
    told = f"{path} does not answer {request.method}: use {' or '.join(answered)}."
    return render(problem("method_not_allowed", 405, "Not allowed", told), {"Allow": ", ".join(answered)})
