"""The journal, and what all books share."""

from __future__ import annotations

from tests.operations.books.spoiling import ORDER, Spoil

PLACED = f"(SELECT event_id FROM event WHERE kind = 'order_placed' AND subject_id = {ORDER})"

SPOILS = [
    Spoil("positions", "The journal's head: position is", "UPDATE journal_head SET position = position + 1"),
    Spoil("positions", "The journal's head: position is", "DELETE FROM event WHERE kind = 'product_saved'"),
    Spoil("positions", "The journal's head: order_number is", "UPDATE journal_head SET order_number = 1001"),
    Spoil(
        "clock", "Event ", "UPDATE event SET recorded_at = recorded_at - interval '1 day' WHERE kind = 'order_released'"
    ),
    Spoil("commands", "The command of event ", "DELETE FROM command WHERE verb = 'orders.place'"),
    Spoil(
        "commands",
        "The command of event ",
        "UPDATE command SET outcome = '{\"refused\":\"yes\"}' WHERE verb = 'orders.release'",
    ),
    Spoil("postings_without_event", "The units posted by event ", "DELETE FROM event WHERE kind = 'stock_received'"),
    Spoil("postings_without_event", "The money posted by event ", f"DELETE FROM event WHERE event_id = {PLACED}"),
    Spoil(
        "posting_words",
        "The bucket 'shelf' of postings",
        "UPDATE posting SET to_bucket = 'shelf' WHERE to_bucket = 'damaged'",
    ),
    Spoil(
        "posting_words",
        "The account 'moon' of",
        "UPDATE posting SET from_bucket = 'moon' WHERE from_bucket = 'supplier'",
    ),
    Spoil("posting_words", "The stage 'gone' of", "UPDATE posting SET line_to = 'gone' WHERE line_to = 'in_transit'"),
    Spoil(
        "posting_words",
        "The money account 'till' of",
        "UPDATE money_posting SET credit = 'till' WHERE credit = 'sales'",
    ),
    Spoil(
        "posting_lines",
        "Line 9 of order 1001",
        f"UPDATE posting SET line_number = 9 WHERE subject_id = {ORDER} AND line_number = 1",
    ),
    Spoil(
        "orphans",
        "The lines of order ",
        f"SET session_replication_role = replica; DELETE FROM orders WHERE id = {ORDER}",
    ),
    Spoil(
        "statuses",
        "Order 1001: stage is done, the rule says",
        f"ALTER TABLE orders ALTER stage DROP EXPRESSION; UPDATE orders SET stage = 'done' WHERE id = {ORDER}",
    ),
    Spoil(
        "statuses",
        "Order 1001: payment_status is refunded",
        "ALTER TABLE orders ALTER payment_status DROP EXPRESSION; UPDATE orders SET payment_status = 'refunded'",
    ),
    Spoil(
        "queues",
        "Order 1001: stage is done, its lifecycle open says",
        f"ALTER TABLE orders ALTER stage DROP EXPRESSION; UPDATE orders SET stage = 'done' WHERE id = {ORDER}",
    ),
]
