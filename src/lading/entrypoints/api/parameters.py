"""Query strings: each name once, and only names that mean something."""

from collections.abc import Collection

from starlette.requests import Request

from lading.entrypoints.api.problems import FieldError, Malformed, misfits


def parameters(request: Request, known: Collection[str] | None = None) -> dict[str, str]:
    """The query string by name. Raises Malformed where a name occurs twice, or is none of the known ones.

    A misspelt `dry_run` would otherwise be the real thing.
    """
    pairs = request.query_params.multi_items()
    names = [name for name, _ in pairs]
    wrong = [
        FieldError(f"/{name}", f"there is no such parameter; known are {', '.join(known)}")
        for name in dict.fromkeys(names)
        if known is not None and name not in known
    ]
    wrong += [FieldError(f"/{name}", "given more than once") for name in dict.fromkeys(names) if names.count(name) > 1]
    if wrong:
        raise Malformed(misfits(wrong))
    return dict(pairs)
