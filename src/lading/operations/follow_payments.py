"""Follow payments: what policy says about an order's money is done, whatever happened to the order before.

Counted from how the order stands, not from what happened: said twice it does nothing, and one that was missed is made up for by the next.
"""

from typing import Any

from lading.database.pool import Transaction
from lading.journal.types import Decision, Envelope
from lading.operations import changing, holding_for_payment, paying, refunding
from lading.operations.paying import PaymentState, World
from lading.operations.refunding import Back
from lading.operations.registry import Batch, Verb
from lading.orders import earned
from lading.orders.types import Line, Order
from lading.payments import rules
from lading.payments.commands import FollowPayment
from lading.payments.types import PaymentRequest, Tender


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """Orders, locked, their tenders, and the policies."""
    return await paying.read_world(tx, batch, policies=True)


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_decide(envelope, world, batch) for envelope in batch.envelopes]


def _decide(envelope: Envelope[FollowPayment], world: World, batch: Batch) -> Decision:
    order = changing.find(world.orders, envelope.command.order)
    if isinstance(order, Decision):
        return order
    capture_at = world.policies.value("capture_at", channel=order.channel_id)
    every = world.tenders[order.id]
    tenders = [each for each in every if each.provider and not each.refused and each.requests < paying.REQUESTS_MAX]
    requests: list[PaymentRequest] = []
    data: dict[str, Any] = {}
    if capture_at != "by_hand":
        requests += [] if paying.on_hold(order) else _capture(order, tenders, capture_at, world, batch)
        requests += _void(order, tenders, every, batch)
    back = _back(order, every, world, envelope, batch)
    requests += back.requests
    rows: list[object] = [*paying.touched(tenders, requests), *back.rows]
    if back.money:
        data |= back.told
    if (tender := _renewed(order, every, batch)) and world.policies.value("reauthorise", channel=order.channel_id):
        requests.append(rules.ask(tender, "authorise", paying.unpromised(order, every), batch.now))
        rows.append(tender)
        data |= {
            "tender": tender.number,
            "kind": tender.kind,
            "provider": tender.provider,
            "instead_of": tender.instead_of,
        }
        every.append(tender)
    changes = holding_for_payment.go_on(order, every, envelope.actor, batch.now)
    if not requests and not changes.rows and not back.money:
        return Decision(paying.state(order))
    said = {"asked": rules.told(requests), **data, **changes.data}
    event = changing.changed(order, "payments_followed", batch, said)
    rows = [order, *rows, *requests, *changes.rows]
    return Decision(paying.state(order, requests), event, money=back.money, rows=rows)


def _back(
    order: Order,
    every: list[Tender],
    world: World,
    envelope: Envelope[FollowPayment],
    batch: Batch,
) -> Back:
    """What is owed goes back without anybody asking, where a policy says so."""
    tenders = [each for each in refunding.by_policy(every) if each.requests < paying.REQUESTS_MAX]
    amount = min(-order.due_minor - rules.awaited(every)[1], refunding.refundable(tenders))
    if amount <= 0 or not world.policies.value("refund_at_once", channel=order.channel_id):
        return Back()
    way = refunding.way(order, world.policies, None)
    return refunding.give_back(order, tenders, amount, batch.now, way, envelope.fresh_id)


def _capture(order: Order, tenders: list[Tender], capture_at: str, world: World, batch: Batch) -> list[PaymentRequest]:
    """What was handed over and not captured, and deposits on what was not; an authorisation that is captured once waits for the last
    parcel."""
    whole = capture_at == "authorisation" or earned.is_over(order)
    target = order.charged_minor + order.adjusted_minor
    if not whole:
        target = min(target, earned.earned_minor(order) + _deposit(order, world))
    capturing, refunding = rules.awaited(tenders)
    wanted = target - (order.captured_minor - order.refunded_minor) + refunding - capturing
    usable = [tender for tender in tenders if whole or not tender.once]
    return rules.capture(usable, max(0, min(wanted, paying.open_due(order, tenders))), batch.now)


def _deposit(order: Order, world: World) -> int:
    if "deposit_percent" not in world.policies.values:
        return 0

    def percent(line: Line) -> int:
        share: int = world.policies.value("deposit_percent", channel=order.channel_id, sku=line.sku_id)
        return share

    return earned.deposit_minor(order, percent)


def _void(order: Order, tenders: list[Tender], every: list[Tender], batch: Batch) -> list[PaymentRequest]:
    """When nothing more is to be sent, what is not needed is given up; as soon as nothing else is on its way to the provider.

    Before that, a promise of which nothing is needed.
    """
    idle = [tender for tender in tenders if tender.open_minor > 0 and not tender.capturing_minor]
    if not earned.is_over(order):
        idle = rules.spare(idle, -paying.unpromised(order, every))
    return [rules.ask(tender, "void", tender.open_minor, batch.now) for tender in idle]


def _renewed(order: Order, tenders: list[Tender], batch: Batch) -> Tender | None:
    """The tender that renews the last one, where that lapsed and goods are still to be sent; a renewal that fails is not renewed."""
    if (
        earned.is_over(order)
        or not tenders
        or len(tenders) >= paying.TENDERS_MAX
        or paying.unpromised(order, tenders) <= 0
    ):
        return None
    last = tenders[-1]
    lapsed = last.expires_at is not None and last.expires_at <= batch.now and last.voided_minor > 0
    if not (lapsed and last.provider and last.method and last.payer):
        return None
    return Tender(
        order.id, last.number + 1, last.kind, None, 0, 0, provider=last.provider, method=last.method, payer=last.payer,
        instead_of=last.number, unattended=True, stored=False,
    )  # fmt: skip


VERB = Verb(
    noun="payments",
    verb="follow",
    summary="Do what policy says by now: capture what was shipped, give up what is not needed, give back what is owed.",
    command=FollowPayment,
    outcome=PaymentState,
    refusals=(changing.UNKNOWN_ORDER,),
    scope="payments:write",
    event="payments_followed",
    example={"order": "1042"},
    prefetch=prefetch,
    decide=decide,
)
