"""What is asked of orders."""

from msgspec import Struct

from lading.database.pool import Transaction
from lading.entrypoints.api.questions import Read
from lading.views import (
    approvals,
    attributes,
    companies,
    drafts,
    edits,
    history,
    holds,
    notes,
    order,
    orders,
    payment_troubles,
    postings,
    products,
    queues,
    sourcing,
    statement,
    stories,
    subscriptions,
    timeline,
)


class OrderQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """One order."""

    order: str


async def _order(tx: Transaction, query: OrderQuery) -> order.OrderDetail:
    return await order.order(tx, query.order)


READS: list[Read] = [
    Read("/v1/orders", "Orders: the newest first, one queue, what is due, or what was searched.", "orders:read",
         orders.orders, orders.OrdersQuery, orders.OrdersPage, {"stage": "to_pick", "limit": 20}),
    Read("/v1/orders/{order}", "One order, whole, and what can be done with it now.", "orders:read",
         _order, OrderQuery, order.OrderDetail, {"order": "1042"}),
    Read("/v1/orders/{order}/timeline", "What happened to an order, in sentences, the newest first.", "orders:read",
         timeline.timeline, timeline.TimelineQuery, timeline.Timeline, {"order": "1042"}),
    Read("/v1/orders/{order}/as-of", "An order as it stood at a position of the journal or a time.", "orders:read",
         history.order_as_of, history.OrderAsOfQuery, history.OrderAsOf, {"order": "1042", "position": 4711}),
    Read("/v1/orders/{order}/postings", "Where each unit and penny of an order went, event by event.", "orders:read",
         postings.postings, postings.PostingsQuery, postings.PostingsPage, {"order": "1042"}),
    Read("/v1/orders/{order}/sourcing", "Why an order comes from where it comes from: candidates, costs, and why the others lost.",
         "orders:read", sourcing.explain, sourcing.SourcingQuery, sourcing.SourcingExplained, {"order": "1042"}),
    Read("/v1/orders/{order}/statement", "The penny trail of an order: every cent from charge to tender, each with its event.",
         "orders:read", statement.statement, statement.StatementQuery, statement.Statement, {"order": "1042"}),
    Read("/v1/companies", "Companies that buy, with what they owe and may owe.", "companies:read", companies.companies,
         companies.CompaniesQuery, companies.CompaniesPage, {"group": "hotels"}),
    Read("/v1/companies/{company}", "One company: its terms, people and places.", "companies:read", companies.company,
         companies.CompanyQuery, companies.CompanyView, {"company": "NORD"}),
    Read("/v1/companies/{company}/timeline", "What happened to a company, in sentences, the newest first.", "companies:read",
         stories.company_story, stories.CompanyStoryQuery, timeline.Timeline, {"company": "NORD"}),
    Read("/v1/subscriptions", "Subscriptions, the newest first.", "subscriptions:read", subscriptions.subscriptions,
         subscriptions.SubscriptionsQuery, subscriptions.SubscriptionsPage, {"status": "active"}),
    Read("/v1/subscriptions/{subscription}", "One subscription, and its latest orders.", "subscriptions:read",
         subscriptions.subscription, subscriptions.SubscriptionQuery, subscriptions.SubscriptionView, {"subscription": "S1042"}),
    Read("/v1/subscriptions/{subscription}/timeline", "What happened to a subscription, in sentences, the newest first.",
         "subscriptions:read", stories.subscription_story, stories.SubscriptionStoryQuery, timeline.Timeline,
         {"subscription": "S1042"}),
    Read("/v1/approvals", "Orders and drafts that wait for an approval, the longest waiting first.", "orders:read",
         approvals.approvals, approvals.ApprovalsQuery, approvals.ApprovalsPage),
    Read("/v1/drafts", "Drafts and quotes, the newest first: all, those of one status, or those that may still become orders.",
         "drafts:read", drafts.drafts, drafts.DraftsQuery, drafts.DraftsPage, {"status": "open"}),
    Read("/v1/drafts/{draft}", "One draft or quote, whole.", "drafts:read", drafts.draft, drafts.DraftQuery, drafts.DraftView,
         {"draft": "D1042"}),
    Read("/v1/drafts/{draft}/timeline", "What happened to a draft, the newest first, and how the order began that it became.",
         "drafts:read", drafts.draft_timeline, drafts.DraftTimelineQuery, timeline.Timeline, {"draft": "D1042"}),
    Read("/v1/orders/{order}/payments", "What providers were asked about an order, and what banks took back of it, the newest first.",
         "orders:read", payment_troubles.order_payments, payment_troubles.OrderPaymentsQuery, payment_troubles.OrderPayments,
         {"order": "1042"}),
    Read("/v1/queues", "Every queue: how many wait in it, and since when.", "orders:read", queues.queues,
         queues.QueuesQuery, queues.Queues),
    Read("/v1/holds", "The holds that stand, the oldest first: all, of one kind, or those that stop something.", "orders:read",
         holds.holds, holds.HoldsQuery, holds.HoldsPage, {"kind": "payment_risk"}),
    Read("/v1/attributes", "What can, or must, be said of orders, lines and products.", "catalog:read", attributes.attributes,
         attributes.AttributesQuery, attributes.Attributes, {"subject": "order"}),
    Read("/v1/tags", "The tags that orders have, in alphabetical order.", "orders:read", notes.tags, notes.TagsQuery, notes.Tags),
    Read("/v1/edits", "Edits that were prepared and wait to be confirmed or dropped, the oldest first.", "orders:read", edits.edits,
         edits.EditsQuery, edits.EditsPage),
    Read("/v1/channels", "All channels.", "catalog:read", products.channels, products.ChannelsQuery, products.Channels),
]  # fmt: skip
