"""What is asked of where orders come from."""

from lading.entrypoints import trying
from lading.entrypoints.api.questions import Read
from lading.views import network, policies, products, sourcing

READS: list[Read] = [
    Read("/v1/sourcing/what-if", "Where an order would come from by other rules, with more stock, or without a location.", "orders:read",
         trying.what_if, trying.WhatIfQuery, trying.WhatIf, {"order": "1042", "take": "cheapest"}, "POST"),
    Read("/v1/sourcing-rules/lint", "What looks wrong with rules of sourcing: rules that never fire, orders that fit none.",
         "orders:read", trying.lint, trying.LintQuery, trying.Linted, {"orders": 200}, "POST"),
    Read("/v1/sourcing-previews", "The latest previews of sourcing again.", "orders:read", sourcing.previews, sourcing.PreviewsQuery,
         sourcing.PreviewsPage),
    Read("/v1/sourcing-previews/{preview}", "A preview of sourcing again, as it was made.", "orders:read", sourcing.preview,
         sourcing.PreviewQuery, sourcing.PreviewView, {"preview": "0193a1b2-0000-7000-8000-000000000000"}),
    Read("/v1/sourcing-rules", "The rules by which orders are sourced.", "orders:read", sourcing.rules, sourcing.RulesQuery,
         sourcing.SourcingRules),
    Read("/v1/locations", "All locations, in the order in which they fill.", "catalog:read", products.locations,
         products.LocationsQuery, products.Locations),
    Read("/v1/locations/{location}/days", "When a location works, and how much of each of its days is taken.", "catalog:read",
         network.location_days, network.DaysQuery, network.LocationDays, {"location": "HAM", "days": 7}),
    Read("/v1/capacity", "How full the next days are, at every location with a schedule.", "catalog:read", network.capacity,
         network.CapacityQuery, network.Capacity, {"days": 7}),
    Read("/v1/location-groups", "All groups of locations, each after the one that it stands in.", "catalog:read",
         network.location_groups, network.GroupsQuery, network.LocationGroups),
    Read("/v1/policies", "What policies there are, and every value that is set.", "policies:read", policies.policies,
         policies.PoliciesQuery, policies.PoliciesPage, {"name": "may_split"}),
    Read("/v1/policies/{name}", "Which value applies somewhere, and why.", "policies:read", policies.resolve,
         policies.ResolveQuery, policies.Resolved, {"name": "may_split", "channel": "web"}),
]  # fmt: skip
