"""What protects the console: headers, the session's cookie, tokens in forms, and patience with wrong passwords."""

import hashlib
import hmac
import secrets
import time
from collections import deque
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

SESSION_COOKIE: Final = "lading_session"
LOGIN_COOKIE: Final = "lading_login"
"""A random value that the login form repeats: there is no session yet that could prove where the form came from."""
TOKEN_FIELD: Final = "_token"
TOKEN_HEADER: Final = "x-csrf-token"
BODY_BYTES_MAX: Final = 6 * 1024 * 1024
"""The largest form, with its file, that is read."""

HEADERS: Mapping[str, str] = {
    "content-security-policy": "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none';"
    " form-action 'self'; frame-ancestors 'none'",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(self), geolocation=(), microphone=()",
}
"""On every page: nothing from elsewhere, nothing inline, nobody frames us."""


def protect(response: Response) -> Response:
    """The response with the headers that every page has; pages are never kept by caches."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("cache-control", "no-store")
    return response


def keep_session(response: Response, request: Request, token: str, days: int) -> None:
    """Give the browser its session."""
    set_cookie(response, request, SESSION_COOKIE, token, days * 86_400)


def set_cookie(response: Response, request: Request, name: str, value: str, seconds: int) -> None:
    """A cookie that scripts cannot read and other sites cannot use for posting."""
    secure = request.url.scheme == "https"
    response.set_cookie(name, value, max_age=seconds, path="/", httponly=True, samesite="lax", secure=secure)


def form_token(session_token: str) -> str:
    """What every form of this session carries; it follows from the session and tells nothing about it."""
    return hmac.new(session_token.encode(), b"lading form", hashlib.sha256).hexdigest()


def fresh_token() -> str:
    """For the login form."""
    return secrets.token_urlsafe(24)


def same(left: str, right: str) -> bool:
    """Whether two secrets are equal, in constant time."""
    return hmac.compare_digest(left.encode(), right.encode())


def comes_from_here(request: Request) -> bool:
    """Whether the browser says that a page of ours sent this (Sec-Fetch-Site, Origin); silence is left to the token."""
    site = request.headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        return False
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host", "")


class Patience:
    """Counts failures by name (an address, a host); after too many the next ones are not even tried for a while."""

    def __init__(self, failures_max: int = 8, window_seconds: float = 300.0, names_max: int = 10_000) -> None:
        self._failures_max = failures_max
        self._window_seconds = window_seconds
        self._names_max = names_max
        self._failures: dict[str, deque[float]] = {}

    def is_over(self, name: str) -> bool:
        """Whether this name failed too often lately."""
        times = self._failures.get(name)
        if times is None:
            return False
        while times and times[0] < time.monotonic() - self._window_seconds:
            times.popleft()
        if not times:
            del self._failures[name]
        return len(times) >= self._failures_max

    def failed(self, name: str) -> None:
        """One more failure."""
        if len(self._failures) >= self._names_max:
            self._failures.pop(next(iter(self._failures)))
        self._failures.setdefault(name, deque(maxlen=self._failures_max)).append(time.monotonic())

    def succeeded(self, name: str) -> None:
        """Forget the failures."""
        self._failures.pop(name, None)
