"""Backup and restore: one tar archive with a manifest, the database (pg_dump's custom format) and the files.

The database is dumped as `lading_owner`, who sees every merchant's rows, and restored as it in one transaction.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import io
import shutil
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from subprocess import PIPE
from typing import Final
from urllib.parse import unquote, urlsplit, urlunsplit

import asyncpg
import msgspec

from lading.database.embedded import client_programs, server_environment, telling_line
from lading.database.migrate import OWNER, compare_schema, migrate, migrations, prepare_database
from lading.kernel.trouble import Trouble

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
DUMP: Final = "database.dump"
FILES: Final = "files"
NOT_FOR_OLD_SERVERS: Final = b"SET transaction_timeout = 0;\n"
"""pg_restore writes it for PostgreSQL 17 and newer; older servers refuse it."""
HEAD_BYTES: Final = 65_536


class BackupError(Trouble):
    """A backup cannot be made or restored; the text says why and what to do."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What an archive holds."""

    format: int
    """The archive's own layout."""
    made_at: datetime
    lading: str
    """The version of Lading that made it."""
    schema: int
    """The number of the last migration."""
    postgresql_major: int
    """The server that was dumped."""
    dump_sha256: str
    """Hex digest of database.dump."""
    files: int
    """How many files follow."""


class Database(msgspec.Struct, frozen=True):
    """What must be known of a database before it is dumped or filled."""

    postgresql_major: int
    schema: int
    """The last applied migration, 0 for none."""
    tables: int
    """How many tables the schema `public` has."""


def back_up(dsn: str, files: Path, archive: Path) -> Manifest:
    """Write the archive; it appears under its name only when it is complete.

    Raises BackupError if the archive exists, and SchemaTooOld or SchemaTooNew if this Lading does not fit the database.
    """
    if archive.exists():
        raise BackupError(f"{archive} exists already: choose another name, or move it away.")
    found = asyncio.run(examine(dsn))
    compare_schema(found.schema, len(migrations()))
    with tempfile.TemporaryDirectory(prefix=f".{archive.name}-", dir=archive.absolute().parent) as folder:
        dump, part = Path(folder) / DUMP, Path(folder) / "archive"
        run_client("pg_dump", dsn, ["--format=custom", "--no-owner", f"--role={OWNER}", f"--file={dump}"])
        listed = sorted(path for path in files.rglob("*") if path.is_file()) if files.is_dir() else []
        manifest = Manifest(
            format=FORMAT,
            made_at=datetime.now(UTC),
            lading=version("lading"),
            schema=found.schema,
            postgresql_major=found.postgresql_major,
            dump_sha256=digest(dump),
            files=len(listed),
        )
        with tarfile.open(part, "w") as tar:
            add_bytes(tar, MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)))
            tar.add(dump, DUMP)
            for path in listed:
                tar.add(path, f"{FILES}/{path.relative_to(files).as_posix()}", recursive=False)
        part.chmod(0o600)
        part.rename(archive)
    return manifest


def restore(dsn: str, files: Path, archive: Path) -> tuple[Manifest, list[str]]:
    """Fill an empty database and the files' folder from the archive, and migrate an older schema forward.

    Returns the manifest and the names of the migrations that were applied after it. All or nothing in the database.
    Raises BackupError and SchemaTooNew.
    """
    found = asyncio.run(examine(dsn))
    if found.tables > 0:
        raise BackupError(
            "The database is not empty, and a restore never mixes: choose an empty one with LADING_HOME or "
            "LADING_DATABASE_URL."
        )
    with opened(archive) as tar:
        manifest = read_manifest(tar, archive)
        refuse_misfit(manifest, found)
        with tempfile.TemporaryDirectory(prefix="lading-restore-", dir=existing_folder(files)) as folder:
            dump = Path(folder) / DUMP
            extract_dump(tar, dump, manifest, archive)
            extract_files(tar, Path(folder), archive)
            asyncio.run(prepare_database(dsn))
            fill(dsn, dump)
            if (Path(folder) / FILES).exists():
                shutil.copytree(Path(folder) / FILES, files, dirs_exist_ok=True)
    return manifest, asyncio.run(migrate(dsn))


def refuse_misfit(manifest: Manifest, found: Database) -> None:
    """Raise a sentence that says what to do unless this Lading and this server can take the backup."""
    if manifest.format != FORMAT:
        raise BackupError(f"The backup was made by Lading {manifest.lading} in a newer form: restore it with that one.")
    known = len(migrations())
    if manifest.schema > known:
        raise BackupError(
            f"The backup has schema {manifest.schema} and this Lading knows only up to {known}: "
            f"install Lading {manifest.lading} or newer and restore with that."
        )
    if manifest.postgresql_major > found.postgresql_major:
        raise BackupError(
            f"The backup comes from PostgreSQL {manifest.postgresql_major} and this server is "
            f"{found.postgresql_major}: restore it into PostgreSQL {manifest.postgresql_major} or newer."
        )


async def examine(dsn: str) -> Database:
    """Look at a database without changing it."""
    connection = await asyncpg.connect(dsn)
    try:
        tables = await connection.fetchval(
            "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
        )
        schema = 0
        if await connection.fetchval("SELECT to_regclass('public.lading_migration') IS NOT NULL"):
            schema = await connection.fetchval("SELECT coalesce(max(number), 0) FROM public.lading_migration")
        return Database(connection.get_server_version().major, schema, tables)
    finally:
        await connection.close()


def fill(dsn: str, dump: Path) -> None:
    """Run the dump's script in one transaction: pg_restore writes, psql runs and hears the end only if all is well."""
    write = [str(client_programs() / "pg_restore"), "--no-owner", f"--role={OWNER}", "--file=-", str(dump)]
    options = ["--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", "--output=/dev/null"]
    run, environment = client_command("psql", dsn, options)
    with tempfile.TemporaryFile() as write_said, tempfile.TemporaryFile() as run_said:
        writing = subprocess.Popen(write, stdout=PIPE, stderr=write_said, env=server_environment())
        running = subprocess.Popen(run, stdin=PIPE, stderr=run_said, env=environment)
        with writing, running:
            assert writing.stdout is not None and running.stdin is not None
            try:
                # Servers before 17 refuse a setting that pg_restore writes into the first lines.
                running.stdin.write(writing.stdout.read(HEAD_BYTES).replace(NOT_FOR_OLD_SERVERS, b"", 1))
                shutil.copyfileobj(writing.stdout, running.stdin)
                if writing.wait() != 0:
                    running.kill()
                running.stdin.close()
            except BrokenPipeError:
                writing.kill()  # psql has stopped and rolled back; why is what it said.
        for program, process, said in (("psql", running, run_said), ("pg_restore", writing, write_said)):
            said.seek(0)
            refuse_failure(program, process.returncode, said.read())


def run_client(program: str, dsn: str, options: Sequence[str]) -> None:
    """Run pg_dump or psql on the database. Raises BackupError with what it said."""
    command, environment = client_command(program, dsn, options)
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, env=environment, check=False)
    refuse_failure(program, done.returncode, done.stderr)


def client_command(program: str, dsn: str, options: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Command and environment; the password goes by the environment, which other users cannot see."""
    parts, environment = urlsplit(dsn), server_environment()
    if parts.password is not None:
        environment["PGPASSWORD"] = unquote(parts.password)
        parts = parts._replace(netloc=parts.netloc.replace(f":{parts.password}@", "@", 1))
    return [str(client_programs() / program), *options, f"--dbname={urlunsplit(parts)}"], environment


def refuse_failure(program: str, code: int, said: bytes) -> None:
    """Raise BackupError unless the program ended well."""
    if code != 0:
        raise BackupError(f"{program} failed: {telling_line(said.decode(errors='replace'))}")


@contextlib.contextmanager
def opened(archive: Path) -> Iterator[tarfile.TarFile]:
    """The archive for reading. Raises BackupError for what is no archive, or a damaged one."""
    try:
        with tarfile.open(archive, "r:") as tar:
            yield tar
    except tarfile.TarError as error:
        raise BackupError(f"{archive} is not a backup of Lading, or it is damaged ({error}).") from error


def read_manifest(tar: tarfile.TarFile, archive: Path) -> Manifest:
    """The manifest, which comes first."""
    first = tar.next()
    content = tar.extractfile(first) if first is not None and first.name == MANIFEST else None
    if content is None:
        raise BackupError(f"{archive} is not a backup of Lading: it has no {MANIFEST}.")
    try:
        return msgspec.json.decode(content.read(), type=Manifest)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise BackupError(f"{archive}: the manifest cannot be read: {error}.") from error


def extract_dump(tar: tarfile.TarFile, dump: Path, manifest: Manifest, archive: Path) -> None:
    """Write the dump to disk and compare its digest."""
    entry = tar.next()
    content = tar.extractfile(entry) if entry is not None and entry.name == DUMP else None
    if content is None:
        raise BackupError(f"{archive} is damaged: it has no {DUMP}.")
    with dump.open("wb") as out:
        shutil.copyfileobj(content, out)
    if digest(dump) != manifest.dump_sha256:
        raise BackupError(f"{archive} is damaged: {DUMP} is not what was backed up.")


def extract_files(tar: tarfile.TarFile, folder: Path, archive: Path) -> None:
    """Write the files under `folder`; refuses names that would leave it and everything that is not a plain file."""
    while (entry := tar.next()) is not None:
        if not entry.isfile() or not entry.name.startswith(f"{FILES}/"):
            raise BackupError(f"{archive} is damaged or forged: it holds {entry.name!r}.")
        tar.extract(entry, folder, filter="data")


def existing_folder(path: Path) -> Path:
    """The path itself or its nearest parent that exists: where there is room for what goes there."""
    return next(folder for folder in (path.absolute(), *path.absolute().parents) if folder.is_dir())


def add_bytes(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    """Add a file that exists only in memory."""
    entry = tarfile.TarInfo(name)
    entry.size, entry.mtime, entry.mode = len(content), int(time.time()), 0o600
    tar.addfile(entry, io.BytesIO(content))


def digest(path: Path) -> str:
    """Hex SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
