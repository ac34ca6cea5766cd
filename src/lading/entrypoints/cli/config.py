"""`lading config`."""

from __future__ import annotations

from typing import Annotated

import msgspec
from cyclopts import Parameter
from rich import box
from rich.table import Column, Table

from lading.entrypoints.cli.showing import output
from lading.settings import FIELDS, Settings, load_settings, without_password


def config(*, json: Annotated[bool, Parameter(negative="")] = False) -> None:
    """Show every setting, its value and where it came from.

    Parameters
    ----------
    json
        Print one JSON object, {setting: {value, origin}}.
    """
    settings = load_settings()
    if json:
        shown = {name: {"value": shown_value(settings, name), "origin": settings.origins[name]} for name in FIELDS}
        print(msgspec.json.format(msgspec.json.encode(shown)).decode())
        return
    table = Table("setting", Column("value", overflow="fold"), "from", "variable", box=box.SIMPLE_HEAD)
    for name in FIELDS:
        value = shown_value(settings, name)
        text = "embedded" if value is None else str(value)
        table.add_row(name, text, settings.origins[name], f"LADING_{name.upper()}")
    output().print(table)


def shown_value(settings: Settings, name: str) -> str | int | None:
    """The value as it may be shown: paths as text, URLs without their password."""
    value = getattr(settings, name)
    if isinstance(value, dict):
        return ", ".join(f"{code} ({account.adapter})" for code, account in sorted(value.items())) or "none"
    if name == "database_url" and value is not None:
        return without_password(value)
    return value if value is None or isinstance(value, int) else str(value)
