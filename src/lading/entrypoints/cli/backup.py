"""`lading backup` and `lading restore`."""

from __future__ import annotations

import sys
from pathlib import Path

from lading.app import database
from lading.backup import Manifest, back_up
from lading.backup import restore as restore_archive
from lading.settings import load_settings


def backup(file: Path) -> None:
    """Write the database and the files into one archive; Lading may be running meanwhile.

    Parameters
    ----------
    file
        The archive to write; it must not exist yet.
    """
    settings = load_settings()
    with database(settings) as (dsn, _):
        print("Dumping the database and the files ...", file=sys.stderr)
        manifest = back_up(dsn, settings.files, file)
    megabytes = file.stat().st_size / 1_000_000
    print(f"{file}: schema {manifest.schema}, {_files(manifest)}, {megabytes:.1f} MB. Keep it somewhere else.")


def restore(file: Path) -> None:
    """Fill an empty database and the files' folder from an archive of `lading backup`.

    Parameters
    ----------
    file
        The archive; an older schema is migrated after it is restored.
    """
    settings = load_settings()
    with database(settings) as (dsn, _):
        print("Restoring the database and the files ...", file=sys.stderr)
        manifest, migrated = restore_archive(dsn, settings.files, file)
    made = manifest.made_at.isoformat(timespec="seconds")
    print(f"Restored the backup of {made} (Lading {manifest.lading}, schema {manifest.schema}, {_files(manifest)}).")
    if migrated:
        print(f"Its schema was older and was migrated: {', '.join(migrated)}.")
    print("Run `lading audit` to see that everything adds up, then `lading up`.")


def _files(manifest: Manifest) -> str:
    return "1 file" if manifest.files == 1 else f"{manifest.files:,} files"
