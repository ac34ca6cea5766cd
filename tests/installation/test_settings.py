"""Settings: the environment over lading.toml over defaults, and each value knows where it came from."""

from __future__ import annotations

from pathlib import Path

import pytest

from lading.entrypoints.cli.config import shown_value
from lading.settings import SettingsError, decode, encode, load_settings, unknown_variables, without_password


def test_the_environment_wins_over_the_file_and_the_file_over_the_defaults(tmp_path: Path) -> None:
    (tmp_path / "lading.toml").write_text('port = 9000\nlog_level = "debug"\n')
    settings = load_settings({"LADING_HOME": str(tmp_path), "LADING_PORT": "9001"})
    assert (settings.port, settings.log_level, settings.host) == (9001, "debug", "127.0.0.1")
    assert settings.origins == {
        "home": "LADING_HOME",
        "database_url": "default",
        "host": "default",
        "port": "LADING_PORT",
        "web_processes": "default",
        "log_level": str(tmp_path / "lading.toml"),
        "merchant": "default",
        "papers_font": "default",
        "payment_accounts": "default",
        "tax_accounts": "default",
    }


def test_an_empty_variable_counts_as_not_set(tmp_path: Path) -> None:
    settings = load_settings({"LADING_HOME": str(tmp_path), "LADING_PORT": "", "LADING_DATABASE_URL": ""})
    assert (settings.port, settings.database_url) == (8480, None)


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("LADING_PORT", "0", 'The setting port (from LADING_PORT) must be a whole number from 1 to 65,535, not "0".'),
        (
            "LADING_LOG_LEVEL",
            "loud",
            'The setting log_level (from LADING_LOG_LEVEL) must be one of debug, error, info, warning, not "loud".',
        ),
        (
            "LADING_DATABASE_URL",
            "mysql://me:secret@host/db",
            "The setting database_url (from LADING_DATABASE_URL) must begin with postgresql://.",
        ),
    ],
)
def test_a_wrong_value_is_named_with_its_origin(tmp_path: Path, variable: str, value: str, sentence: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings({"LADING_HOME": str(tmp_path), variable: value})
    assert str(caught.value) == sentence


def test_an_unknown_name_in_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "lading.toml").write_text("prot = 9000\n")
    with pytest.raises(SettingsError, match="there is no setting 'prot'; the settings are database_url, host, port"):
        load_settings({"LADING_HOME": str(tmp_path)})


ACCOUNT = """
[payment_accounts.stripe]
adapter = "stripe"
api_key = "sk_test_quiet"
merchant = "main"
"""


def test_accounts_at_providers_are_told_by_name_and_never_with_their_keys(tmp_path: Path) -> None:
    (tmp_path / "lading.toml").write_text(ACCOUNT)
    settings = load_settings({"LADING_HOME": str(tmp_path)})
    assert decode(encode(settings)).payment_accounts["stripe"].api_key == "sk_test_quiet"
    assert shown_value(settings, "payment_accounts") == "stripe (stripe)"
    (tmp_path / "lading.toml").write_text(ACCOUNT + "retries = 3")
    with pytest.raises(SettingsError, match=r"payment_accounts \(from .*\) cannot be used: .*retries") as caught:
        load_settings({"LADING_HOME": str(tmp_path)})
    assert "quiet" not in str(caught.value)


def test_a_file_that_is_not_toml_is_refused(tmp_path: Path) -> None:
    (tmp_path / "lading.toml").write_text("port: 9000\n")
    with pytest.raises(SettingsError, match=r"lading\.toml cannot be read: "):
        load_settings({"LADING_HOME": str(tmp_path)})


def test_a_misspelt_variable_is_found() -> None:
    assert unknown_variables({"LADING_PROT": "1", "LADING_PORT": "2", "LADING_TEST_X": "3"}) == ["LADING_PROT"]


def test_settings_travel_to_a_child_and_back(tmp_path: Path) -> None:
    settings = load_settings({"LADING_HOME": str(tmp_path)})
    assert decode(encode(settings)) == settings


def test_a_password_is_not_shown() -> None:
    assert without_password("postgresql://me:secret@host/db") == "postgresql://me:***@host/db"
    assert without_password("postgresql://me@host/db") == "postgresql://me@host/db"
