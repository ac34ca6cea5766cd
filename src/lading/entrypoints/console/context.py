"""What every page knows: who asks, for which merchant, in which language. Nothing is answered without a session."""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, unquote, urlsplit
from uuid import UUID

import asyncpg
import msgspec
import structlog
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from lading.access import store as access
from lading.access.store import Caller, Merchant
from lading.database.lanes import Overloaded
from lading.database.pool import Database
from lading.entrypoints import service as services
from lading.entrypoints.console import navigation, rendering, security
from lading.entrypoints.service import Service
from lading.journal.types import Answer, Decision
from lading.operations.registry import Verb, verbs
from lading.views import phrases

log = structlog.get_logger()

FLASH_COOKIE = "lading_flash"
_UNDO = "\n"
"""Stands between the sentence of a flash and its undo."""
_MERCHANT_SECONDS = 60.0


class NotThere(Exception):
    """What the address names does not exist (for this merchant)."""


class NotAllowed(Exception):
    """The person lacks the scope that is named."""


@dataclass(slots=True)
class Context:
    """One request of a person who is logged in."""

    request: Request
    caller: Caller
    merchant: Merchant
    locale: str
    token: str
    """What forms of this session carry."""
    now: datetime
    form: FormData = field(default_factory=FormData)

    @property
    def service(self) -> Service:
        """Where commands go."""
        service: Service = self.request.app.state.service
        return service

    @property
    def database(self) -> Database:
        """Where pages read."""
        return self.service.database

    @property
    def by_htmx(self) -> bool:
        """Whether a part of a page was asked for."""
        return self.request.headers.get("hx-request") == "true"

    def _(self, text: str, /, **values: object) -> str:
        """The text in the reader's language."""
        return str(rendering.translations(self.locale).gettext(text)) % values

    def ngettext(self, one: str, many: str, num: int, /, **values: object) -> str:
        """The text for so many, in the reader's language; %(num)s is how many."""
        text = str(rendering.translations(self.locale).ngettext(one, many, num))
        return text % {"num": rendering.write_number(num, self.locale), **values}

    def query(self, name: str) -> str:
        """A value of the address, trimmed; empty where it is not there."""
        return clean(self.request.query_params.get(name, ""))

    def why_not(self, answer: Answer) -> str:
        """Why a command was not carried out, as a sentence."""
        if answer.failed:
            return self._("Lading could not do this just now; nothing was changed. Try again.")
        return str(decode(answer).get("message", ""))

    def sent(self, name: str) -> str:
        """A value of the form, trimmed; empty where it is not there."""
        value = self.form.get(name, "")
        return clean(value) if isinstance(value, str) else ""

    def need(self, scope: str) -> None:
        """Raises NotAllowed where the person lacks the scope."""
        if not self.caller.may(scope):
            raise NotAllowed(scope)

    def may_do(self, verb_name: str) -> bool:
        """Whether there is such a verb and the person may use it."""
        verb = verbs().get(verb_name)
        return verb is not None and self.caller.may(verb.scope)

    async def submit(self, verb_name: str, payload: Mapping[str, Any]) -> Answer:
        """Do it. Raises msgspec.ValidationError where the payload does not fit, Overloaded, NotAllowed."""
        verb = verbs()[verb_name]
        self.need(verb.scope)
        form_id = self.sent("_id")
        id_ = services.command_id(self.caller, verb, form_id) if form_id else None
        return await self.service.submit(self.caller, verb, services.envelope(self.caller, verb, payload, id_))

    async def submit_all(self, verb_name: str, payloads: list[dict[str, Any]]) -> list[Answer]:
        """Do them, one after the other, in as few transactions as possible."""
        verb = verbs()[verb_name]
        self.need(verb.scope)
        batch = [services.envelope(self.caller, verb, payload, self._once(verb, payload)) for payload in payloads]
        return await self.service.run(self.caller, verb, batch)

    def _once(self, verb: Verb, payload: dict[str, Any]) -> UUID | None:
        """The command id of a payload in this form: the form sent twice does each of its commands once."""
        form_id = self.sent("_id")
        if not form_id:
            return None
        return services.command_id(self.caller, verb, f"{form_id}:{services.payload_hash(payload).hex()}")

    async def preview(self, verb_name: str, payloads: list[dict[str, Any]]) -> list[Decision]:
        """What would happen. Raises msgspec.ValidationError where a payload does not fit."""
        verb = verbs()[verb_name]
        self.need(verb.scope)
        batch = [services.envelope(self.caller, verb, payload) for payload in payloads]
        return await self.service.preview(self.caller, verb, batch)

    def render(self, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """A page or a part of one."""
        environment = rendering.environment(self.locale)
        flash, _, undo = (unquote(self.request.cookies.get(FLASH_COOKIE, "")) if not self.by_htmx else "").partition(
            _UNDO
        )
        shown = {
            "context": self,
            "merchant": self.merchant,
            "caller": self.caller,
            "token": self.token,
            "path": self.request.url.path,
            "tabs": navigation.section(self.request.url.path),
            "money": lambda minor, currency: rendering.write_money(minor, currency, self.locale),
            "ago": lambda moment: rendering.write_time(moment, self.now, self.merchant.time_zone, self.locale),
            "day": lambda moment: rendering.write_day(moment, self.merchant.time_zone, self.locale),
            "may": self.may_do,
            "flash": flash,
            "undo": safe_next(undo) if undo else "",
            **values,
        }
        response = HTMLResponse(environment.get_template(template).render(shown), status)
        if flash:
            response.delete_cookie(FLASH_COOKIE, path="/")
        return response

    def go(self, path: str, said: str = "", undo: str = "") -> Response:
        """Show another page, with a sentence about what was done (and where to undo it); with and without htmx."""
        response = (
            Response(status_code=200, headers={"hx-redirect": path}) if self.by_htmx else RedirectResponse(path, 303)
        )
        if said:
            security.set_cookie(response, self.request, FLASH_COOKIE, quote(f"{said[:600]}{_UNDO}{undo}"), 60)
        return response


Handler = Callable[[Context], Awaitable[Response]]


def clean(text: str) -> str:
    """Trimmed, without what PostgreSQL cannot hold."""
    return "".join(
        character for character in text if character != "\0" and not "\ud800" <= character <= "\udfff"
    ).strip()


def page(
    handler: Handler, scope: str = "", bytes_max: int = security.BODY_BYTES_MAX
) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint of a page: session, form token and size, friendly errors, headers."""

    async def endpoint(request: Request) -> Response:
        return security.protect(await _answer(request, handler, scope, bytes_max))

    return endpoint


async def _answer(request: Request, handler: Handler, scope: str, bytes_max: int) -> Response:
    try:
        context = await _context(request)
        if context is None:
            return _to_login(request)
        if request.method not in ("GET", "HEAD") and (refused := await _check_form(context, bytes_max)):
            return refused
    except Exception as error:
        return _broken(request, None, error)
    try:
        if scope:
            context.need(scope)
        with phrases.read_by(rendering.translations(context.locale).gettext):
            return await handler(context)
    except NotThere:
        return trouble(context, 404)
    except NotAllowed as error:
        return trouble(context, 403, str(error))
    except Overloaded:
        return trouble(context, 503)
    except Exception as error:
        return _broken(request, context, error)
    finally:
        await context.form.close()


async def _context(request: Request) -> Context | None:
    token = request.cookies.get(security.SESSION_COOKIE, "")
    database = request.app.state.service.database
    caller = await access.session_caller(database, token) if token else None
    if caller is None:
        return None
    merchant = await _merchant(database, caller.merchant_id)
    return Context(request, caller, merchant, locale_of(request), security.form_token(token), datetime.now(UTC))


def locale_of(request: Request) -> str:
    """The reader's language."""
    return rendering.choose_locale(request.headers.get("accept-language", "")[:200])


_merchants: dict[tuple[str, int], tuple[float, Merchant]] = {}


async def _merchant(database: Database, id_: int) -> Merchant:
    """The merchant, remembered for a minute."""
    known = _merchants.get((database.dsn, id_))
    if known is None or known[0] < time.monotonic():
        found = next(each for each in await access.merchants(database) if each.id == id_)
        known = _merchants[(database.dsn, id_)] = (time.monotonic() + _MERCHANT_SECONDS, found)
    return known[1]


def _to_login(request: Request) -> Response:
    if request.headers.get("hx-request") == "true":
        return Response(status_code=200, headers={"hx-redirect": "/login"})
    if request.method != "GET" or request.url.path == "/live":
        return Response("log in first", 401)
    after = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/login?next={quote(after)}" if after != "/" else "/login", 303)


def safe_next(address: str) -> str:
    """Where to go after logging in: a page of ours, nothing else."""
    parts = urlsplit(address)
    inside = address.startswith("/") and not address.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme
    return address if inside else "/"


async def _check_form(context: Context, bytes_max: int) -> Response | None:
    """None where the form is one of ours and small enough; it is then in `context.form`."""
    request = context.request
    length = request.headers.get("content-length", "")
    if not length.isdecimal():
        return trouble(context, 411)
    if int(length) > bytes_max:
        return trouble(context, 413)
    context.form = await request.form(max_files=1, max_fields=5_000, max_part_size=security.BODY_BYTES_MAX)
    token = request.headers.get(security.TOKEN_HEADER) or context.sent(security.TOKEN_FIELD)
    if not security.comes_from_here(request) or not security.same(token, context.token):
        return trouble(context, 403, "form")
    return None


def trouble(context: Context, status: int, detail: str = "") -> Response:
    """A page that says what went wrong and where to go."""
    if context.by_htmx:
        return context.render("part_trouble.html", 200, code=status, detail=detail)
    return context.render("trouble.html", status, code=status, detail=detail)


_UNREACHABLE = (asyncpg.PostgresConnectionError, asyncpg.InterfaceError, asyncpg.OperatorInterventionError, OSError)


def _broken(request: Request, context: Context | None, error: Exception) -> Response:
    """A bug of ours, or a database that is away or full; each says so."""
    log.error("console_page_failed", path=request.url.path, error=repr(error), exc_info=error)
    detail = "full" if isinstance(error, asyncpg.DiskFullError) else "away" if isinstance(error, _UNREACHABLE) else ""
    status = 503 if detail else 500
    if context is not None:
        return trouble(context, status, detail)
    environment = rendering.environment(locale_of(request))
    return HTMLResponse(environment.get_template("bare_trouble.html").render(code=status, detail=detail), status)


def form_id() -> str:
    """A form's own id: sent twice (a double click, a reload), it is done once."""
    return security.fresh_token()


def decode(answer: Answer) -> dict[str, Any]:
    """The outcome, or the refusal, as plain values."""
    decoded: dict[str, Any] = msgspec.json.decode(answer.body) if answer.body else {}
    return decoded
