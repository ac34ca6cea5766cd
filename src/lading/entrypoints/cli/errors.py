"""What went wrong, in a sentence that says what to do; bugs are left alone."""

from __future__ import annotations

import errno
import socket

import asyncpg

from lading.kernel.trouble import Trouble

RESTART_HINT = "Is it running, and is LADING_DATABASE_URL right? `lading doctor` looks closer."


def sentence(error: BaseException) -> str | None:
    """One or two sentences for what a user can mend; None for a bug, which deserves its traceback."""
    if isinstance(error, Trouble):
        return str(error)
    if isinstance(error, asyncpg.PostgresError):
        return _database_sentence(error)
    if isinstance(error, asyncpg.InterfaceError | ConnectionError | socket.gaierror | TimeoutError):
        return f"The database cannot be reached: {error or type(error).__name__}. {RESTART_HINT}"
    if isinstance(error, OSError):
        return _system_sentence(error)
    return None


def _database_sentence(error: asyncpg.PostgresError) -> str | None:
    match error:
        case asyncpg.InvalidPasswordError() | asyncpg.InvalidAuthorizationSpecificationError():
            return f"The database refuses the login of LADING_DATABASE_URL: {error}."
        case asyncpg.InvalidCatalogNameError():
            return f"The database of LADING_DATABASE_URL does not exist: {error}. Create it with `createdb`."
        case asyncpg.DiskFullError():
            return f"The database's disk is full: {error}. Free some space; nothing was half-done."
        case asyncpg.TooManyConnectionsError():
            return f"The database has no connection left: {error}. Raise its max_connections."
        case asyncpg.CannotConnectNowError() | asyncpg.AdminShutdownError() | asyncpg.CrashShutdownError():
            return f"The database is starting or stopping: {error}. Try again in a moment."
        case asyncpg.InsufficientPrivilegeError():
            return f"The database login lacks a right: {error}. `lading migrate` sets the roles up."
        case asyncpg.PostgresConnectionError():
            return f"The connection to the database was lost: {error}. {RESTART_HINT}"
        case _:
            return None


def _system_sentence(error: OSError) -> str | None:
    where = f" ({error.filename})" if error.filename else ""
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return f"The disk is full{where}. Free some space and try again."
        case errno.EACCES | errno.EPERM:
            return f"This user may not do that{where}: {error.strerror}."
        case errno.ENOENT | errno.EISDIR | errno.ENOTDIR | errno.EROFS:
            return f"{error.strerror}{where}."
        case _:
            return None
