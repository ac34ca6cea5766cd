"""Save sourcing rules: all rules of the merchant, a new version instead of the one before. Nothing is overwritten."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from lading.catalog import store as catalog
from lading.catalog.store import PolicyKey
from lading.catalog.types import Network, PolicyRow, Sku
from lading.database.pool import Transaction
from lading.journal.types import Decision, Envelope, refused
from lading.kernel.ids import ZERO, named_id
from lading.operations import planning
from lading.operations.registry import Batch, Verb
from lading.sourcing import linting
from lading.sourcing.commands import SaveSourcingRules
from lading.sourcing.linting import Finding
from lading.sourcing.plans import conditions
from lading.sourcing.policies import POLICY
from lading.terms.ledger import Event

UNKNOWN_CHANNEL = ("unknown_channel", "There is no channel {channel}.")
UNKNOWN_LOCATION = ("unknown_location", "There is no location {location}.")
UNKNOWN_GROUP = ("unknown_group", "There is no location group {group}.")
UNKNOWN_SKU = ("unknown_sku", "There is no product {sku}.")
VERSION_CONFLICT = ("version_conflict", "The rules have version {version} by now, not {expected}.")

KEY: PolicyKey = (POLICY, "merchant", ZERO)


class SourcingRulesSaved(Struct, frozen=True):
    """The rules in force now, and what looks wrong with them."""

    version: int
    """Names all policies; 0 and no rules where none were ever saved."""
    findings: list[Finding]


@dataclass(slots=True)
class World:
    """All that rules may name, and the version in force."""

    network: Network
    groups: frozenset[str]
    skus: Mapping[str, Sku]
    current: dict[PolicyKey, PolicyRow]
    last_version: int


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """Channels, locations, groups and products, and the rules in force."""
    commands: list[SaveSourcingRules] = batch.commands
    network = await catalog.read_network(tx)
    groups = await catalog.read_groups(tx, lock=False)
    skus = await catalog.read_skus(
        tx, {code for each in commands for when in conditions(each) for code in when.products}
    )
    return World(network, frozenset(groups), skus, *await catalog.current_policies(tx, [KEY]))


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; each save is a version of its own."""
    return [_refuse(envelope.command, world) or _save(envelope, world, batch) for envelope in batch.envelopes]


def _version(world: World) -> int:
    row = world.current.get(KEY)
    return row.version if row else 0


def _refuse(command: SaveSourcingRules, world: World) -> Decision | None:
    if command.expected_version is not None and command.expected_version != _version(world):
        return refused(
            VERSION_CONFLICT, "/expected_version", version=_version(world), expected=command.expected_version
        )
    for kind in ("rules", "filters", "strategies"):
        for index, each in enumerate(getattr(command, kind)):
            pointer, when = f"/{kind}/{index}", each.when
            if refusal := _unknown(UNKNOWN_CHANNEL, f"{pointer}/when/channels", when.channels, world.network.channels):
                return refusal
            if refusal := _unknown(UNKNOWN_SKU, f"{pointer}/when/products", when.products, world.skus):
                return refusal
            if refusal := _refuse_places(pointer, getattr(each, "locations", ()), getattr(each, "groups", ()), world):
                return refusal
    if command.costs is None:
        return None
    for index, zone in enumerate(command.costs.zones):
        if refusal := _refuse_places(f"/costs/zones/{index}", zone.locations, (), world):
            return refusal
    for index, handling in enumerate(command.costs.handling):
        if refusal := _refuse_places(f"/costs/handling/{index}", (handling.location,), (), world):
            return refusal
    return None


def _refuse_places(pointer: str, locations: Sequence[str], groups: Sequence[str], world: World) -> Decision | None:
    known = {location.code for location in world.network.locations.values()}
    return _unknown(UNKNOWN_LOCATION, f"{pointer}/locations", locations, known) or _unknown(
        UNKNOWN_GROUP, f"{pointer}/groups", groups, world.groups
    )


def _unknown(kind: tuple[str, str], pointer: str, codes: Sequence[str], known: object) -> Decision | None:
    what = kind[0].removeprefix("unknown_")
    for index, code in enumerate(codes):
        if code not in known:  # type: ignore[operator]
            return refused(kind, f"{pointer}/{index}", **{what: code})
    return None


def _save(envelope: Envelope[SaveSourcingRules], world: World, batch: Batch) -> Decision:
    command = envelope.command
    ids = {code: str(sku.id) for code, sku in world.skus.items()}
    kept = replace(planning.with_ids(command, ids), expected_version=None)
    world.last_version += 1
    rows: list[object] = []
    if earlier := world.current.get(KEY):
        earlier.superseded_by = world.last_version
        rows.append(earlier)
    value = None if command.empty else msgspec.json.encode(kept).decode()
    row = PolicyRow(*KEY, world.last_version, value, batch.now, envelope.actor, stored=False)
    world.current[KEY] = row
    data = {"version": row.version, "rules": None if command.empty else msgspec.to_builtins(kept)}
    event = Event("sourcing_rules_saved", "policy", named_id("policy", *KEY), batch.now, data)
    return Decision(SourcingRulesSaved(row.version, linting.at_a_glance(command)), event, rows=[*rows, row])


VERB = Verb(
    noun="sourcing-rules",
    verb="save",
    summary="Say how orders are sourced: rules rank locations, filters leave some out, strategies say what is taken, at which costs.",
    command=SaveSourcingRules,
    outcome=SourcingRulesSaved,
    refusals=(VERSION_CONFLICT, UNKNOWN_CHANNEL, UNKNOWN_SKU, UNKNOWN_LOCATION, UNKNOWN_GROUP),
    scope="policies:write",
    event="sourcing_rules_saved",
    example={
        "rules": [
            {"name": "Germany from Hamburg", "by": "listed", "locations": ["HAM"], "when": {"regions": [{"country": "DE"}]}},
            {"name": "near ones first", "by": "nearest"},
        ],
        "filters": [{"name": "no stores for the marketplace", "by": "never", "kinds": ["store"], "when": {"channels": ["market"]}}],
        "strategies": [{"name": "cheapest", "take": "cheapest"}],
        "costs": {
            "currency": "EUR", "per_order": "0.80", "per_split": "1.00", "zones": [{"zone": "home", "regions": [{"country": "DE"}]}],
            "rates": [{"zone": "home", "up_to_grams": 5000, "amount": "4.10"}, {"zone": "home", "up_to_grams": 31500, "amount": "8.90"}],
        },
    },
    prefetch=prefetch,
    decide=decide,
)  # fmt: skip
