"""Backup and restore: what comes back is what went in, and what does not fit is told in a sentence."""

from __future__ import annotations

import asyncio
import tarfile
from pathlib import Path

import asyncpg
import msgspec
import pytest

from lading import backup
from lading.backup import BackupError, Manifest, back_up, restore
from lading.database.migrate import APP, SchemaTooOld, migrations


async def run(dsn: str, statement: str, role: str = "none") -> list[tuple[object, ...]]:
    connection = await asyncpg.connect(dsn, server_settings={"role": role})
    try:
        return [tuple(row) for row in await connection.fetch(statement)]
    finally:
        await connection.close()


MERCHANTS = (
    "INSERT INTO merchant (slug, name, time_zone, currency, created_at) VALUES"
    " ('one', 'One', 'UTC', 'EUR', now()), ('two', E'Zw\\u00e9i\\\\\\n', 'UTC', 'USD', now())"
)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    files = tmp_path / "files"
    (files / "ab").mkdir(parents=True)
    (files / "ab" / "abcdef").write_bytes(b"a label\x00")
    return files


@pytest.fixture
def archive(database_dsn: str, files: Path, tmp_path: Path) -> Path:
    asyncio.run(run(database_dsn, MERCHANTS))
    back_up(database_dsn, files, tmp_path / "archive")
    return tmp_path / "archive"


def rewritten(archive: Path, manifest: Manifest) -> Path:
    """The same archive with another manifest."""
    changed = archive.with_name("changed")
    with tarfile.open(archive) as old, tarfile.open(changed, "w") as new:
        for entry in old:
            if entry.name == backup.MANIFEST:
                backup.add_bytes(new, entry.name, msgspec.json.encode(manifest))
            else:
                new.addfile(entry, old.extractfile(entry))
    return changed


def manifest_of(archive: Path) -> Manifest:
    with backup.opened(archive) as tar:
        return backup.read_manifest(tar, archive)


def test_database_and_files_come_back(
    archive: Path, database_dsn: str, empty_database_dsn: str, tmp_path: Path
) -> None:
    manifest, migrated = restore(empty_database_dsn, tmp_path / "restored", archive)
    assert (manifest.schema, manifest.files, migrated) == (len(migrations()), 1, [])
    assert (tmp_path / "restored" / "ab" / "abcdef").read_bytes() == b"a label\x00"
    for question in (
        "SELECT * FROM merchant ORDER BY id",
        "SELECT number, name, sha256, applied_at FROM lading_migration ORDER BY number",
        "SELECT tablename, tableowner, rowsecurity FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
        "SELECT tablename, policyname, roles::text, qual, with_check FROM pg_policies ORDER BY 1, 2",
        "SELECT table_name, grantee, privilege_type FROM information_schema.table_privileges"
        " WHERE table_schema = 'public' ORDER BY 1, 2, 3",
        "SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = 'public'",
        "SELECT defaclrole::regrole::text, defaclacl::text FROM pg_default_acl ORDER BY 1, 2",
    ):
        wanted = asyncio.run(run(database_dsn, question))
        assert wanted
        assert asyncio.run(run(empty_database_dsn, question)) == wanted
    assert asyncio.run(run(empty_database_dsn, "SELECT slug FROM merchant ORDER BY id", APP)) == [("one",), ("two",)]
    numbered = (
        "INSERT INTO merchant (slug, name, time_zone, currency, created_at) VALUES ('x', 'x', 'UTC', 'EUR', now())"
    )
    assert asyncio.run(run(empty_database_dsn, f"{numbered} RETURNING id", APP)) == [(3,)]


def test_a_database_that_holds_something_is_refused(archive: Path, database_dsn: str, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match=r"not empty.*choose an empty one with LADING_HOME"):
        restore(database_dsn, tmp_path / "restored", archive)


def test_an_archive_is_never_overwritten(archive: Path, database_dsn: str, files: Path) -> None:
    before = archive.read_bytes()
    with pytest.raises(BackupError, match="exists already"):
        back_up(database_dsn, files, archive)
    assert archive.read_bytes() == before
    assert [path.name for path in archive.parent.iterdir() if path.name.startswith(".")] == []


def test_a_database_that_lacks_migrations_is_not_backed_up(empty_database_dsn: str, tmp_path: Path) -> None:
    with pytest.raises(SchemaTooOld, match="run `lading migrate`"):
        back_up(empty_database_dsn, tmp_path / "files", tmp_path / "archive")
    assert not (tmp_path / "archive").exists()


def test_a_newer_schema_says_which_lading_to_install(archive: Path, empty_database_dsn: str, tmp_path: Path) -> None:
    newer = rewritten(archive, msgspec.structs.replace(manifest_of(archive), schema=9_999, lading="7.0"))
    with pytest.raises(BackupError, match=r"schema 9999 and this Lading knows.*install Lading 7\.0 or newer"):
        restore(empty_database_dsn, tmp_path / "restored", newer)


def test_a_newer_postgresql_says_where_to_restore(archive: Path, empty_database_dsn: str, tmp_path: Path) -> None:
    newer = rewritten(archive, msgspec.structs.replace(manifest_of(archive), postgresql_major=99))
    with pytest.raises(BackupError, match=r"comes from PostgreSQL 99 .* into PostgreSQL 99 or newer"):
        restore(empty_database_dsn, tmp_path / "restored", newer)


def test_an_older_schema_is_restored_and_migrated(
    archive: Path, empty_database_dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = migrations()
    later = msgspec.structs.replace(
        known[-1],
        number=len(known) + 1,
        name=f"{len(known) + 1:04}_later",
        sql="CREATE TABLE later (id integer)",
        sha256="x",
    )
    monkeypatch.setattr("lading.database.migrate.migrations", lambda: [*known, later])
    assert restore(empty_database_dsn, tmp_path / "restored", archive)[1] == [later.name]
    assert asyncio.run(run(empty_database_dsn, "SELECT count(*) FROM later")) == [(0,)]


def test_a_damaged_dump_is_found_before_anything_is_done(
    archive: Path, empty_database_dsn: str, tmp_path: Path
) -> None:
    wrong = rewritten(archive, msgspec.structs.replace(manifest_of(archive), dump_sha256="0" * 64))
    with pytest.raises(BackupError, match=r"damaged: database\.dump is not what was backed up"):
        restore(empty_database_dsn, tmp_path / "restored", wrong)
    assert asyncio.run(backup.examine(empty_database_dsn)).tables == 0


@pytest.mark.parametrize("keep", [0, 100, 5_000])
def test_a_truncated_archive_is_refused(archive: Path, empty_database_dsn: str, tmp_path: Path, keep: int) -> None:
    archive.write_bytes(archive.read_bytes()[:keep])
    with pytest.raises(BackupError, match=r"not a backup of Lading|damaged"):
        restore(empty_database_dsn, tmp_path / "restored", archive)


def test_a_name_that_leaves_the_folder_is_refused(archive: Path, empty_database_dsn: str, tmp_path: Path) -> None:
    with tarfile.open(archive, "a") as tar:
        backup.add_bytes(tar, "files/../../escaped", b"")
    with pytest.raises(BackupError):
        restore(empty_database_dsn, tmp_path / "restored", archive)
    assert not list(tmp_path.rglob("escaped"))


def test_a_failing_script_leaves_the_database_empty(
    archive: Path, empty_database_dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup, "OWNER", "nobody_here")
    with pytest.raises(BackupError, match=r'psql failed: .*role "nobody_here" does not exist'):
        restore(empty_database_dsn, tmp_path / "restored", archive)
    assert asyncio.run(backup.examine(empty_database_dsn)).tables == 0
