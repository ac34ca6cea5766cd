"""Gift cards with which orders are paid as they are placed. Who knows the code may spend it: that needs no right but to place orders.

Orders that name none pay for none of it. What is left of a card is read before anything is proposed, and again under its lock.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from lading.database.pool import Transaction
from lading.journal.types import Decision, refused
from lading.operations.returning import say
from lading.orders.commands import PlaceOrder, TenderInput
from lading.orders.types import Order
from lading.payments import credits, rules
from lading.payments import store as payments_store
from lading.payments.types import Credit, Tender

UNKNOWN_CREDIT = ("unknown_credit", "There is no such gift card or store credit.")
CREDIT_OVER = ("credit_over", "Its time was over at {expires_at}.")
MORE_THAN_BALANCE = ("more_than_balance", "{balance} is left, not {amount}.")
OTHER_CURRENCY = ("other_currency", "The gift card is in {currency}, the order in {paid_in}.")
REFUSALS = (UNKNOWN_CREDIT, CREDIT_OVER, OTHER_CURRENCY, MORE_THAN_BALANCE)


@dataclass(slots=True)
class Cards:
    """The gift cards that a batch names. `begin` before the first order, `count` after each that is placed."""

    by_code: dict[str, Credit]
    now: datetime
    left: dict[UUID, int] = field(default_factory=dict)
    """Minor units that earlier orders of the batch left on each."""

    def begin(self) -> None:
        """Nothing of the batch is placed yet."""
        self.left = {card.id: card.balance_minor for card in self.by_code.values()}

    def count(self, command: PlaceOrder) -> None:
        """An order of the batch is placed."""
        for given in command.tenders:
            if given.code is not None:
                self.left[self.by_code[given.code].id] -= given.amount.minor

    def refuse(self, command: PlaceOrder) -> Decision | None:
        """Why the order cannot be paid so."""
        wanted: dict[UUID, int] = {}
        for index, given in enumerate(command.tenders):
            if given.code is None:
                continue
            pointer, card = f"/tenders/{index}/code", self.by_code.get(given.code)
            if card is None or card.kind != "gift_card":
                return refused(UNKNOWN_CREDIT, pointer)
            if card.currency != command.currency:
                return refused(OTHER_CURRENCY, pointer, currency=card.currency, paid_in=command.currency)
            if credits.is_over(card, self.now) and card.expires_at:
                return refused(CREDIT_OVER, pointer, expires_at=card.expires_at.isoformat())
            wanted[card.id] = wanted.get(card.id, 0) + given.amount.minor
            if wanted[card.id] > self.left[card.id]:
                left, asked = say(self.left[card.id], card.currency), say(wanted[card.id], card.currency)
                return refused(MORE_THAN_BALANCE, f"/tenders/{index}/amount", balance=left, amount=asked)
        return None

    def spend(self, given: TenderInput, order: Order, number: int) -> Tender:
        """The tender that it pays. The order was not refused."""
        card = self.by_code[given.code or ""]
        tender = rules.take(order.id, number, card.kind, card.ends_in, given.amount.minor)
        credits.spend(card, tender)
        return tender

    async def lock(self, tx: Transaction) -> bool:
        """Lock them, as the last of all rows; whether all is as it was read before."""
        known = await payments_store.read_credits(tx, (card.id for card in self.by_code.values()), lock=True)
        same = all(known[card.id] == card for card in self.by_code.values())
        self.by_code = {code: known[card.id] for code, card in self.by_code.items()}
        return same


async def read(tx: Transaction, commands: Iterable[PlaceOrder], now: datetime) -> Cards | None:
    """The cards that these orders name; None where they name none."""
    codes = {given.code for command in commands for given in command.tenders if given.code is not None}
    if not codes:
        return None
    cards = Cards(await payments_store.read_credits_by_code(tx, codes), now)
    cards.begin()
    return cards
