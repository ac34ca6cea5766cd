"""Policies: what they mean, what is set where, and which value applies and why."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Meta, Struct

from lading.catalog.policies import KINDS, PolicyKind
from lading.database import queries
from lading.database.pool import Transaction
from lading.kernel.ids import ZERO
from lading.terms.fields import Code
from lading.views.names import Names, read_actors, read_names
from lading.views.pages import FIRST_ID, NotFound, PageQuery, key_of, page_of
from lading.views.products import find_product
from lading.views.stock import find_location

sql = queries.load(__file__)

NARROWEST_FIRST = ("sku", "location", "channel", "merchant")


class KindOfPolicy(Struct, frozen=True):
    """A policy: what it means, and what holds where nobody set it."""

    name: str
    meaning: str
    type: dict[str, Any]
    """Of its value, as JSON Schema."""
    default: Any
    scopes: list[str]
    """Where it may be set, the widest first."""


class PoliciesQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which set values."""

    name: Annotated[str, Meta(max_length=64)] | None = None

    def __post_init__(self) -> None:
        key_of(self.after, tuple[str, UUID, str], ("", FIRST_ID, ""))


class SetValue(Struct, frozen=True):
    """A value that somebody set in a scope, in force now."""

    name: str
    scope_kind: str
    """merchant, channel, location or sku."""
    scope: str | None
    """The code of the channel, location or product; None for the merchant."""
    value: Any
    version: int
    set_at: datetime
    who: str


class PoliciesPage(Struct, frozen=True):
    """All kinds, and a page of the values that are set, by scope."""

    version: int
    """The last version: it names all values in force."""
    kinds: list[KindOfPolicy]
    items: list[SetValue]
    next: str | None


class ResolveQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which value applies where; at a version of the past, or now."""

    name: Annotated[str, Meta(max_length=64)]
    channel: Code | None = None
    location: Code | None = None
    sku: Code | None = None
    version: Annotated[int, Meta(ge=0, le=2**31 - 1, description="As an order keeps it in policy_version")] | None = (
        None
    )


class Candidate(Struct, frozen=True):
    """A scope that could have said something."""

    scope_kind: str
    """sku, location, channel, merchant, or default."""
    scope: str | None
    set: bool
    """Whether a value stands there."""
    value: Any
    version: int | None
    set_at: datetime | None
    who: str | None
    applies: bool


class Resolved(Struct, frozen=True):
    """The value that applies, and why."""

    name: str
    meaning: str
    value: Any
    why: str
    candidates: list[Candidate]
    """Every scope that was asked, the narrowest first, the default last."""


def kind_view(kind: PolicyKind) -> KindOfPolicy:
    """A kind as pages show it."""
    return KindOfPolicy(kind.name, kind.meaning, msgspec.json.schema(kind.type), kind.default, list(kind.scopes))


async def policies(tx: Transaction, query: PoliciesQuery) -> PoliciesPage:
    """All kinds, and the values that are set. Raises NotFound for a policy that does not exist."""
    if query.name is not None:
        _kind(query.name)
    key = key_of(query.after, tuple[str, UUID, str], ("", FIRST_ID, ""))
    rows = await tx.fetch(sql.policies_set, *key, query.name, query.limit + 1)
    shown, following = page_of(rows, query.limit, "scope_kind", "scope_id", "name")
    names = await read_names(tx, [row["scope_id"] for row in shown if row["scope_kind"] == "sku"])
    who = await read_actors(tx, {row["set_by"] for row in shown})
    items = [
        SetValue(
            row["name"],
            row["scope_kind"],
            _scope(names, row["scope_kind"], row["scope_id"]),
            _value(row),
            row["version"],
            row["set_at"],
            who[row["set_by"]],
        )
        for row in shown
    ]
    version = await tx.fetchval(sql.policy_version)
    return PoliciesPage(version, [kind_view(kind) for kind in KINDS.values()], items, following)


def _kind(name: str) -> PolicyKind:
    if name not in KINDS:
        raise NotFound(f"There is no policy {name}. Known are {', '.join(KINDS)}.")
    return KINDS[name]


def _scope(names: Names, kind: str, id_: UUID) -> str | None:
    shown = {"sku": names.sku, "location": names.location, "channel": names.channel}.get(kind)
    return shown(id_) if shown else None


def _value(row: asyncpg.Record) -> Any:
    return msgspec.json.decode(row["value"]) if row["value"] is not None else None


async def resolve(tx: Transaction, query: ResolveQuery) -> Resolved:
    """The value that applies there: the narrowest scope that says something wins. Raises NotFound."""
    kind = _kind(query.name)
    scopes = await _scopes(tx, query)
    asked = {name: scopes[name] for name in NARROWEST_FIRST if name in scopes and name in kind.scopes}
    rows = {
        row["scope_kind"]: row
        for row in await tx.fetch(
            sql.policies_of_scopes,
            query.name,
            list(asked),
            [id_ for id_, _ in asked.values()],
            query.version or 2**31 - 1,
        )
        if row["value"] is not None
    }
    who = await read_actors(tx, {row["set_by"] for row in rows.values()})
    winner = next((name for name in asked if name in rows), None)
    candidates = [_candidate(name, code, rows.get(name), who, name == winner) for name, (_, code) in asked.items()]
    candidates.append(
        Candidate(
            "default", None, set=True, value=kind.default, version=None, set_at=None, who=None, applies=winner is None
        )
    )
    value = kind.default if winner is None else _value(rows[winner])
    return Resolved(kind.name, kind.meaning, value, _why(winner, asked, rows, who), candidates)


async def _scopes(tx: Transaction, query: ResolveQuery) -> dict[str, tuple[UUID, str | None]]:
    """(id, code) of each scope that is asked for."""
    names = await read_names(tx)
    scopes: dict[str, tuple[UUID, str | None]] = {"merchant": (ZERO, None)}
    if query.channel is not None:
        found = next((id_ for id_, (code, _) in names.channels.items() if code == query.channel), None)
        if found is None:
            raise NotFound(f"There is no channel {query.channel}.")
        scopes["channel"] = (found, query.channel)
    location_id = find_location(names, query.location)
    if location_id is not None:
        scopes["location"] = (location_id, query.location)
    if query.sku is not None:
        product = await find_product(tx, query.sku)
        scopes["sku"] = (product.id, product.code)
    return scopes


def _candidate(
    name: str, code: str | None, row: asyncpg.Record | None, who: Mapping[str, str], applies: bool
) -> Candidate:
    if row is None:
        return Candidate(name, code, set=False, value=None, version=None, set_at=None, who=None, applies=False)
    return Candidate(name, code, True, _value(row), row["version"], row["set_at"], who[row["set_by"]], applies)


def _why(
    winner: str | None,
    asked: Mapping[str, tuple[UUID, str | None]],
    rows: Mapping[str, asyncpg.Record],
    who: Mapping[str, str],
) -> str:
    if winner is None:
        return "Nobody set it there: the default holds."
    code = asked[winner][1]
    place = f"{winner} {code}" if code else "the merchant"
    silent = list(asked)[: list(asked).index(winner)]
    narrower = f" Nothing narrower is set ({', '.join(silent)})." if silent else ""
    row = rows[winner]
    when = f"{row['set_at']:%Y-%m-%d %H:%M} UTC"
    return f"Set for {place} by {who[row['set_by']]} at {when} (version {row['version']}).{narrower}"
