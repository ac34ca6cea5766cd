"""One running application for all of these tests; a merchant of its own for each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conftest import fresh_database
from tests.entrypoints.house import House, Merchant, serve


@pytest.fixture(scope="session")
def house(server_dsn: str, template: str) -> Iterator[House]:
    """The application on a fresh database."""
    with fresh_database(server_dsn, template) as dsn, serve(dsn) as running:
        yield running


@pytest.fixture
def shop(house: House) -> Merchant:
    """A new merchant with a channel (web), locations HAM and BER, and 100 MUG and TEE at HAM."""
    return house.merchant()
