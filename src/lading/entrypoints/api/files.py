"""Handing a file in: POST /v1/files with the file as body."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from lading.access.store import Caller
from lading.entrypoints.api.problems import problem, render
from lading.entrypoints.files import FILE_MAX_BYTES, Files, FileTooLarge

TOO_LARGE = problem("too_large", 413, "File too large", f"A file has at most {FILE_MAX_BYTES // 1_000_000:,} MB.")
_encode = msgspec.json.encode


async def keep(request: Request, files: Files, caller: Caller) -> Response:
    """Stream the body to the disk; the answer names it by its SHA-256."""
    type_ = request.headers.get("content-type", "application/octet-stream").partition(";")[0].strip()[:100]
    try:
        kept = await files.keep(caller.merchant_id, request.stream(), type_)
    except FileTooLarge:
        return render(TOO_LARGE)
    return Response(_encode(kept), 201, media_type="application/json")
