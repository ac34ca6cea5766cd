"""Logging in and out."""

import asyncio
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from lading.access import store as access
from lading.entrypoints.console import rendering, security
from lading.entrypoints.console.context import Context, clean, locale_of, safe_next
from lading.entrypoints.console.words import N_

WRONG = N_("E-mail or password are not right.")
TOO_MANY = N_("Too many attempts. Wait five minutes, then try again.")
STALE = N_("This form was open for too long. Try again.")
_FORM_BYTES_MAX = 16_384
_COOKIE_SECONDS = 3_600

by_address = security.Patience(failures_max=8)
by_host = security.Patience(failures_max=40)
_checking = asyncio.Semaphore(4)
"""Checking a password takes a core for a fifth of a second: a few at a time."""


async def show(request: Request) -> Response:
    """The login form; who is logged in already goes on."""
    token = request.cookies.get(security.SESSION_COOKIE, "")
    if token and await access.session_caller(request.app.state.service.database, token):
        return RedirectResponse(safe_next(request.query_params.get("next", "/")), 303)
    return _form(request, "", "", request.query_params.get("next", "/"))


async def enter(request: Request) -> Response:
    """Check address and password; start a session."""
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > _FORM_BYTES_MAX:
        return security.protect(Response("the form is too large", 413))
    form = await request.form(max_files=0, max_fields=20)
    email, password, after = (str(form.get(name, "")) for name in ("email", "password", "next"))
    email = clean(email)[:300].casefold()
    host = request.client.host if request.client else ""
    expected = request.cookies.get(security.LOGIN_COOKIE, "")
    given = str(form.get(security.TOKEN_FIELD, ""))
    if not expected or not security.comes_from_here(request) or not security.same(expected, given):
        return _form(request, STALE, email, after, 403)
    if by_address.is_over(email) or by_host.is_over(host):
        return _form(request, TOO_MANY, email, after, 429)
    async with _checking:
        token = await access.log_in(request.app.state.service.database, email, password)
    if token is None:
        by_address.failed(email)
        by_host.failed(host)
        return _form(request, WRONG, email, after, 401)
    by_address.succeeded(email)
    response = RedirectResponse(safe_next(after), 303)
    security.keep_session(response, request, token, access.SESSION_DAYS)
    response.delete_cookie(security.LOGIN_COOKIE, path="/")
    return security.protect(response)


async def leave(context: Context) -> Response:
    """End the session."""
    await access.log_out(context.database, context.request.cookies[security.SESSION_COOKIE])
    response = context.go("/login")
    response.delete_cookie(security.SESSION_COOKIE, path="/")
    return response


def _form(request: Request, error: str, email: str, after: str, status: int = 200) -> Response:
    token = request.cookies.get(security.LOGIN_COOKIE) or security.fresh_token()
    locale = locale_of(request)
    page = rendering.environment(locale).get_template("login.html")
    said = rendering.translations(locale).gettext(error) if error else ""
    values = {"error": said, "email": email, "after": safe_next(after), "token": token, "year": datetime.now(UTC).year}
    response = HTMLResponse(page.render(values), status)
    security.set_cookie(response, request, security.LOGIN_COOKIE, token, _COOKIE_SECONDS)
    return security.protect(response)
