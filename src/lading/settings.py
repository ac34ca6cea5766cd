"""The settings: one typed struct, from LADING_* variables over LADING_HOME/lading.toml over defaults.

Nothing else in Lading reads the environment.
"""

from __future__ import annotations

import os
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit, urlunsplit

import msgspec
import platformdirs

from lading.kernel.trouble import Trouble
from lading.kernel.wording import must_be

LogLevel = Literal["debug", "info", "warning", "error"]

ROOT_HOME = Path("/var/lib/lading")
"""Where root keeps its state: /root is closed to the user that the embedded server runs as."""


class SettingsError(Trouble):
    """A setting has a value that cannot be used; the text names the setting, its origin and what is allowed."""


class PaymentAccount(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An account at a provider of payments. Its keys stand in lading.toml and nowhere else: neither in the database nor in a backup."""

    adapter: Literal["stripe"]
    api_key: str
    webhook_secret: str = ""
    """What webhooks are signed with."""
    api_base: str | None = None
    """Where the provider answers; None: where it always does."""
    merchant: str | None = None
    """The slug of the only merchant that may use it; None: all of this installation."""


class TaxAccount(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An account at a tax service. Its key stands in lading.toml and nowhere else: neither in the database nor in a backup."""

    adapter: Literal["avatax"]
    account: str
    """The account number."""
    license_key: str
    company: str
    """The code of the company whose taxes they are."""
    environment: Literal["production", "sandbox"] = "production"
    api_base: str | None = None
    """Where the service answers; None: where its environment does."""
    codes: dict[str, str] = {}
    """The service's tax codes, by the tax category of products or by kind of charge."""
    timeout_seconds: Annotated[float, msgspec.Meta(gt=0, le=20)] = 6.0
    """How long an order waits for its answer; after that it is placed as the policy `tax_service_away` says."""
    merchant: str | None = None
    """The slug of the only merchant that may use it; None: all of this installation."""


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that an installation may choose."""

    home: Path
    """The folder of all state: database, files, lading.toml."""
    database_url: str | None = None
    """A PostgreSQL URL (15 to 18); None means the embedded server under `home`."""
    host: str = "127.0.0.1"
    """The address that the web processes listen on."""
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 8480
    """The TCP port that the web processes listen on."""
    web_processes: Annotated[int, msgspec.Meta(ge=1, le=64)]
    """How many web processes share the port."""
    log_level: LogLevel = "info"
    """The least severe log line that is written."""
    merchant: str | None = None
    """The slug of the merchant that commands mean which do not say `--merchant`; None: the only one."""
    papers_font: str | None = None
    """The file of a TrueType font for what Roboto lacks, such as Chinese and Japanese names: it is embedded in papers (PDF)."""
    payment_accounts: dict[str, PaymentAccount] = {}
    """Accounts at providers of payments, by the code that orders name them by; only in lading.toml."""
    tax_accounts: dict[str, TaxAccount] = {}
    """Accounts at tax services, by the code that the policy tax_service names them by; only in lading.toml."""
    origins: dict[str, str] = {}
    """Where each value came from, by field name: 'default', 'LADING_PORT', or the path of lading.toml."""

    @property
    def files(self) -> Path:
        """The folder of content-addressed files (labels, documents)."""
        return self.home / "files"


_SECRET = {"payment_accounts", "tax_accounts"}
"""Settings that no message shows."""

FIELDS = tuple(field for field in Settings.__struct_fields__ if field != "origins")


def load_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings; an empty LADING_* variable counts as not set.

    Raises SettingsError for a value that does not fit, an unknown name in lading.toml, or a file that is not TOML.
    """
    home = Path(environ.get("LADING_HOME") or default_home()).expanduser().absolute()
    values = _defaults() | {"home": str(home)}
    origins = dict.fromkeys(FIELDS, "default")
    if environ.get("LADING_HOME"):
        origins["home"] = "LADING_HOME"
    toml = home / "lading.toml"
    for name, value in _read_toml(toml).items():
        values[name], origins[name] = value, str(toml)
    for name in FIELDS:
        variable = f"LADING_{name.upper()}"
        if name != "home" and environ.get(variable):
            values[name], origins[name] = environ[variable], variable
    for name in FIELDS:
        _check(name, values[name], origins[name])
    return msgspec.convert(values | {"origins": origins}, Settings, strict=False, dec_hook=_to_path)


def encode(settings: Settings) -> bytes:
    """The settings as JSON, to hand to a child process."""
    return msgspec.json.encode(settings, enc_hook=str)


def decode(text: bytes) -> Settings:
    """The inverse of `encode`."""
    return msgspec.json.decode(text, type=Settings, dec_hook=_to_path)


def default_home() -> Path:
    """The user's data folder; for root a folder that the embedded server's own user can reach."""
    if sys.platform == "linux" and os.geteuid() == 0:
        return ROOT_HOME
    return platformdirs.user_data_path("lading", appauthor=False)


def unknown_variables(environ: Mapping[str, str] = os.environ) -> list[str]:
    """LADING_* variables that mean nothing, most likely misspelt; LADING_TEST_* belongs to the test suite."""
    known = {f"LADING_{name.upper()}" for name in FIELDS}
    return sorted(
        name
        for name in environ
        if name.startswith("LADING_") and not name.startswith("LADING_TEST_") and name not in known
    )


def without_password(url: str) -> str:
    """The URL as it may be shown."""
    parts = urlsplit(url)
    if not parts.password:
        return url
    return urlunsplit(parts._replace(netloc=parts.netloc.replace(f":{parts.password}@", ":***@", 1)))


def _defaults() -> dict[str, Any]:
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else (os.cpu_count() or 1)
    return {
        "database_url": None,
        "host": "127.0.0.1",
        "port": 8480,
        "web_processes": min(2, cores),
        "log_level": "info",
        "merchant": None,
        "papers_font": None,
        "payment_accounts": {},
        "tax_accounts": {},
    }


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}.") from error
    allowed = [name for name in FIELDS if name != "home"]
    for name in values:
        if name not in allowed:
            raise SettingsError(f"{path}: there is no setting {name!r}; the settings are {', '.join(allowed)}.")
    return values


def _to_path(kind: type, value: Any) -> Any:
    """The one type of Settings that msgspec does not know."""
    assert kind is Path
    return Path(value)


def _check(name: str, value: object, origin: str) -> None:
    kind = next(field.type for field in msgspec.structs.fields(Settings) if field.name == name)
    try:
        msgspec.convert(value, kind, strict=False, dec_hook=_to_path)
    except msgspec.ValidationError as error:
        said = f"cannot be used: {error}" if name in _SECRET else must_be(kind, value)
        raise SettingsError(f"The setting {name} (from {origin}) {said}.") from error
    if name == "database_url" and value is not None and urlsplit(str(value)).scheme not in ("postgresql", "postgres"):
        raise SettingsError(f"The setting database_url (from {origin}) must begin with postgresql://.")
