"""Files that were handed in: content-addressed under LADING_HOME/files; a row says which merchant may name them."""

import hashlib
import os
import tempfile
from collections.abc import AsyncIterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct

from lading.database import queries
from lading.database.pool import Database

sql = queries.load(__file__)

FILE_MAX_BYTES = 1_000_000_000


class FileTooLarge(Exception):
    """More than a file may have."""


class KeptFile(Struct, frozen=True):
    """A file that was handed in."""

    sha256: str
    size: int
    """Bytes."""


class Files:
    """The folder of an installation."""

    def __init__(self, folder: Path, database: Database) -> None:
        self._folder = folder
        self._database = database

    async def keep(self, merchant_id: int, pieces: AsyncIterable[bytes], type_: str) -> KeptFile:
        """Write it to the disk, then its row; the same content again is one file. Raises FileTooLarge."""
        self._folder.mkdir(parents=True, exist_ok=True)
        digest, size = hashlib.sha256(), 0
        handle, name = tempfile.mkstemp(dir=self._folder, prefix=".part-")
        try:
            with os.fdopen(handle, "wb") as file:
                async for piece in pieces:
                    size += len(piece)
                    if size > FILE_MAX_BYTES:
                        raise FileTooLarge
                    digest.update(piece)
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            path = self.path(digest.digest())
            path.parent.mkdir(exist_ok=True)
            os.replace(name, path)
        except BaseException:
            with suppress(FileNotFoundError):
                os.unlink(name)
            raise
        async with self._database.write(merchant_id) as tx:
            await tx.execute(sql.keep_file, digest.digest(), size, type_, datetime.now(UTC))
        return KeptFile(digest.hexdigest(), size)

    def path(self, sha256: bytes) -> Path:
        """Where the file with this content lies."""
        name = sha256.hex()
        return self._folder / name[:2] / name
