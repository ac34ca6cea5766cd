"""Set policies: a new version of a value in one scope, or its withdrawal there. Nothing is overwritten."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import msgspec
from msgspec import Struct

from lading.catalog import store as catalog
from lading.catalog.commands import SetPolicy
from lading.catalog.policies import KINDS
from lading.catalog.store import PolicyKey
from lading.catalog.types import Network, PolicyRow, Sku
from lading.database.pool import Transaction
from lading.journal.types import Decision, Envelope, refused
from lading.kernel.ids import ZERO, named_id
from lading.kernel.wording import must_be
from lading.operations.registry import Batch, Verb
from lading.terms.ledger import Event

UNKNOWN_POLICY = ("unknown_policy", "There is no policy {policy}; there are: {known}.")
ONE_SCOPE = ("one_scope", "A value has one scope: a channel, a location, a SKU, or none of them for the merchant.")
WRONG_SCOPE = ("wrong_scope", "{policy} cannot be set for one {scope}; it can for {scopes}.")
UNKNOWN_SCOPE = ("unknown_scope", "There is no {scope} {code}.")
WRONG_VALUE = ("wrong_value", "{policy}: {detail}.")


class PolicySet(Struct, frozen=True):
    """The value in force now."""

    name: str
    scope: str
    version: int


@dataclass(slots=True)
class World:
    """The set-up, and the versions in force."""

    network: Network
    skus: Mapping[str, Sku]
    current: dict[PolicyKey, PolicyRow]
    last_version: int


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """Channels, locations and products that scopes name, and the current versions."""
    commands: list[SetPolicy] = batch.commands
    network = await catalog.read_network(tx)
    skus = await catalog.read_skus(tx, (command.sku for command in commands if command.sku))
    keys = [key for command in commands if isinstance(key := _key(command, network, skus), tuple)]
    return World(network, skus, *await catalog.current_policies(tx, keys))


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; a policy set twice in a batch gets two versions."""
    return [_set(envelope, world, batch) for envelope in batch.envelopes]


def _key(command: SetPolicy, network: Network, skus: Mapping[str, Sku]) -> PolicyKey | Decision:
    given = [scope for scope in ("channel", "location", "sku") if getattr(command, scope) is not None]
    if len(given) > 1:
        return refused(ONE_SCOPE, f"/{given[1]}")
    if not given:
        return command.name, "merchant", ZERO
    scope = given[0]
    code: str = getattr(command, scope)
    id_ = _scope_id(scope, code, network, skus)
    return refused(UNKNOWN_SCOPE, f"/{scope}", scope=scope, code=code) if id_ is None else (command.name, scope, id_)


def _scope_id(scope: str, code: str, network: Network, skus: Mapping[str, Sku]) -> UUID | None:
    if scope == "channel":
        return network.channels.get(code)
    if scope == "location":
        location = network.location_by_code(code)
        return location.id if location else None
    return skus[code].id if code in skus else None


def _refuse(command: SetPolicy, key: PolicyKey) -> Decision | None:
    kind = KINDS.get(command.name)
    if kind is None:
        return refused(UNKNOWN_POLICY, "/name", policy=command.name, known=", ".join(KINDS))
    if key[1] not in kind.scopes:
        return refused(WRONG_SCOPE, f"/{key[1]}", policy=kind.name, scope=key[1], scopes=", ".join(kind.scopes))
    if command.value is None:
        return None
    try:
        msgspec.convert(command.value, kind.type)
    except msgspec.ValidationError:
        return refused(WRONG_VALUE, "/value", policy=kind.name, detail=must_be(kind.type, command.value))
    return None


def _set(envelope: Envelope[SetPolicy], world: World, batch: Batch) -> Decision:
    command = envelope.command
    key = _key(command, world.network, world.skus)
    if isinstance(key, Decision):
        return key
    if refusal := _refuse(command, key):
        return refusal
    world.last_version += 1
    rows: list[object] = []
    if earlier := world.current.get(key):
        earlier.superseded_by = world.last_version
        rows.append(earlier)
    value = None if command.value is None else msgspec.json.encode(command.value).decode()
    row = world.current[key] = PolicyRow(*key, world.last_version, value, batch.now, envelope.actor, stored=False)
    data = {"name": key[0], "scope_kind": key[1], "scope_id": key[2], "version": row.version, "value": command.value}
    event = Event("policy_set", "policy", named_id("policy", *key), batch.now, data)
    return Decision(PolicySet(command.name, key[1], row.version), event, rows=[*rows, row])


VERB = Verb(
    noun="policies",
    verb="set",
    summary="Give a policy a value in a scope (merchant, channel, location or SKU), or withdraw it there.",
    command=SetPolicy,
    outcome=PolicySet,
    refusals=(ONE_SCOPE, UNKNOWN_SCOPE, UNKNOWN_POLICY, WRONG_SCOPE, WRONG_VALUE),
    scope="policies:write",
    event="policy_set",
    example={"name": "may_backorder", "value": True, "channel": "web"},
    prefetch=prefetch,
    decide=decide,
)
