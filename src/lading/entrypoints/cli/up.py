"""`lading up`."""

from __future__ import annotations

from lading import app
from lading.settings import load_settings


def up() -> None:
    """Run Lading: database, web pages and API, worker. Ctrl-C stops everything.

    The first start makes the database and a small merchant to look at; later starts keep what is there.
    """
    app.up(load_settings())
