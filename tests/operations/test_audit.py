"""`lading audit` names every kind of row that somebody spoiled, and finds nothing where nobody did."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import NamedTuple

import asyncpg
import msgspec
import pytest

from lading.audit import NAMES, Difference
from lading.audit import audit as audit_merchant
from lading.database.pool import Transaction
from lading.entrypoints.cli.audit import as_text, audit_installation
from lading.entrypoints.cli.main import run
from lading.entrypoints.console.rendering import translations
from lading.entrypoints.worker import ledger
from lading.kernel.trouble import Trouble
from lading.views import phrases
from lading.views.names import read_names
from lading.views.sentences import SENTENCES, sentence
from tests.conftest import execute, fresh_database, run_apart
from tests.races.shop import Shop, live, open_shop

ORDER = "(SELECT id FROM orders WHERE external_reference = 'W-1')"
ASKED = "(SELECT id FROM orders WHERE external_reference = 'W-F')"
EDITED = "(SELECT id FROM orders WHERE external_reference = 'W-E')"
LINE_1 = f"order_id = {ORDER} AND number = 1"
PLACED = f"(SELECT event_id FROM event WHERE kind = 'order_placed' AND subject_id = {ORDER})"


class Spoil(NamedTuple):
    """What somebody did by hand, the check that finds it and how its sentence begins."""

    check: str
    says: str
    statement: str


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
        "stock",
        "Stock of A at ",
        "UPDATE stock SET available = available + 1 WHERE sku_id = (SELECT id FROM sku WHERE code = 'A')",
    ),
    Spoil("stock", "Stock of ", "UPDATE posting SET quantity = quantity + 1 WHERE to_bucket = 'damaged'"),
    Spoil("stock", "Stock of ", "DELETE FROM posting WHERE from_bucket = 'supplier'"),
    Spoil("stock_owners", "Stock of A at the unknown location", "DELETE FROM location WHERE code = 'HAM'"),
    Spoil("reservations", "Line 1 of reservation", "DELETE FROM reservation_line WHERE ended_as = 'released'"),
    Spoil("reservations", "Line 1 of reservation", "UPDATE reservation_line SET quantity = quantity + 1"),
    Spoil("reservations", "Line 1 of reservation", "UPDATE reservation_line SET expires_at = now()"),
    Spoil("reservations", "Line 1 of reservation", "UPDATE reservation_line SET order_id = NULL"),
    Spoil(
        "stock_reserved",
        "Stock of A at ",
        "UPDATE reservation_line SET ended_as = 'released', ended_at = now() WHERE ended_as IS NULL",
    ),
    Spoil("order_heads", "Order 1001: version is", f"UPDATE orders SET version = 1 WHERE id = {ORDER}"),
    Spoil("order_heads", "Order 1001: currency is USD", f"UPDATE orders SET currency = 'USD' WHERE id = {ORDER}"),
    Spoil(
        "order_heads", "Order 1001: customer_id is empty", f"UPDATE orders SET customer_id = NULL WHERE id = {ORDER}"
    ),
    Spoil(
        "line_heads", "Line 1 of order 1001: goods_minor is 1,", f"UPDATE order_line SET goods_minor = 1 WHERE {LINE_1}"
    ),
    Spoil(
        "line_heads",
        "Line 2 of order 1001 is missing",
        f"DELETE FROM order_line WHERE order_id = {ORDER} AND number = 2",
    ),
    Spoil(
        "line_units",
        "Line 1 of order 1001: delivered is 1, the journal says 2",
        f"UPDATE order_line SET delivered = 1, in_transit = in_transit + 1 WHERE {LINE_1}",
    ),
    Spoil(
        "order_units",
        "Order 1001: delivered is",
        f"UPDATE orders SET delivered = delivered - 1, lost = lost + 1 WHERE id = {ORDER}",
    ),
    Spoil("order_units", "Order 1003: active_holds is 0", "UPDATE orders SET active_holds = 0 WHERE number = 1003"),
    Spoil(
        "order_money", "Order 1001: captured_minor is 1,", f"UPDATE orders SET captured_minor = 1 WHERE id = {ORDER}"
    ),
    Spoil("order_money", "Order 1001: owed_minor is", f"UPDATE orders SET adjusted_minor = 77 WHERE id = {ORDER}"),
    Spoil(
        "order_money",
        "Order 1001: other_currency is EUR",
        f"UPDATE money_posting SET currency = 'USD' WHERE order_id = {ORDER} AND number = 0",
    ),
    Spoil(
        "order_charges", "Order 1001: charged_minor is 1,", f"UPDATE orders SET charged_minor = 1 WHERE id = {ORDER}"
    ),
    Spoil(
        "order_charges", "Order 1001: authorised_minor is", f"UPDATE orders SET authorised_minor = 1 WHERE id = {ORDER}"
    ),
    Spoil(
        "charges",
        "Charge 1 of line 1 of order 1001",
        f"UPDATE charge SET amount_minor = 1 WHERE order_id = {ORDER} AND number = 1 AND line_number = 1",
    ),
    Spoil(
        "charges_posted",
        "The account fees of order 1001",
        f"UPDATE money_posting SET credit = 'fees' WHERE credit = 'sales' AND order_id = {ORDER}",
    ),
    Spoil(
        "tenders",
        "Tender 1 of order 1001: captured_minor is",
        f"UPDATE tender SET captured_minor = captured_minor - 1 WHERE order_id = {ORDER}",
    ),
    Spoil(
        "tenders",
        "Tender 2 of order ",
        "UPDATE tender SET authorised_minor = authorised_minor + 1 WHERE reference = 'pi_2'",
    ),
    Spoil("tenders", "Tender 1 of order ", "UPDATE tender SET voided_minor = 0 WHERE reference = 'pi_3'"),
    Spoil(
        "tenders_of_providers", "Tender 2 of order ", "UPDATE tender SET reference = 'pi_9' WHERE reference = 'pi_2'"
    ),
    Spoil("tenders_of_providers", "Tender 2 of order ", "UPDATE tender SET provider = 'else' WHERE reference = 'pi_2'"),
    Spoil(
        "tenders_of_providers", "Tender 2 of order ", "UPDATE tender SET expires_at = now() WHERE reference = 'pi_2'"
    ),
    Spoil("tenders_of_providers", "Tender 1 of order ", "UPDATE tender SET once = true WHERE reference = 'pi_3'"),
    Spoil("tenders_of_providers", "Tender 1 of order ", "UPDATE tender SET grows = true WHERE reference = 'pi_3'"),
    Spoil("tenders_of_providers", "Tender 1 of order ", "UPDATE tender SET kind = 'wallet' WHERE reference = 'pi_7'"),
    Spoil("tenders_to_come", "Tender 1 of order ", "UPDATE tender SET expected_minor = 7 WHERE expected_minor = 500"),
    Spoil(
        "tenders_to_come",
        "Tender 1 of order ",
        "UPDATE tender SET kind = 'cash_on_delivery' WHERE expected_minor = 500",
    ),
    Spoil("holds", "Hold 2 of order ", "DELETE FROM hold WHERE kind = 'payment_failed'"),
    Spoil("holds", "Hold 1 of order ", "UPDATE hold SET released_at = NULL WHERE kind = 'awaiting_payment'"),
    Spoil("credits", "Credit ", "UPDATE credit SET balance_minor = balance_minor + 1 WHERE code = 'GIFT-0001'"),
    Spoil(
        "credits", "Credit ", "UPDATE credit SET balance_minor = 1 WHERE kind = 'store_credit' AND issued_minor = 700"
    ),
    Spoil("credits", "Credit ", "UPDATE credit SET expires_at = now() WHERE code = 'GIFT-0002'"),
    Spoil("credits", "Credit ", "UPDATE tender SET credit_id = NULL WHERE kind = 'store_credit'"),
    Spoil("credits", "Credit ", "DELETE FROM event WHERE kind = 'credit_expired'"),
    Spoil(
        "provider_fees",
        "The fee of movement txn_1",
        "UPDATE provider_fee SET amount_minor = 34 WHERE movement = 'txn_1'",
    ),
    Spoil(
        "dispute_answers",
        "Answer 1 to dispute dp_1 of order ",
        "UPDATE dispute_answer SET words = NULL WHERE number = 1",
    ),
    Spoil("dispute_answers", "Answer 2 to dispute dp_1 of order ", "DELETE FROM dispute_answer WHERE task = 'accept'"),
    Spoil(
        "tax_requests",
        "The tax request record 1 of order ",
        "UPDATE tax_request SET reference = '1' WHERE status = 'succeeded'",
    ),
    Spoil("tax_requests", "The tax request calculate 0 of order ", "DELETE FROM tax_request WHERE task = 'calculate'"),
    Spoil("provider_fees", "The fee of movement txn_2", "DELETE FROM provider_fee WHERE movement = 'txn_2'"),
    Spoil("disputes", "Dispute dp_2 of tender 2", "UPDATE dispute SET status = 'won' WHERE reference = 'dp_2'"),
    Spoil("disputes", "Dispute dp_1 of tender 2", "DELETE FROM dispute WHERE reference = 'dp_1'"),
    Spoil("tenders", "Tender 2 of order ", "UPDATE tender SET disputed_minor = 0 WHERE reference = 'pi_2'"),
    Spoil("tenders_awaited", "Tender 2 of order ", "UPDATE tender SET refunding_minor = 0 WHERE reference = 'pi_2'"),
    Spoil("tenders_awaited", "Tender 2 of order ", "UPDATE tender SET requests = 7 WHERE reference = 'pi_2'"),
    Spoil(
        "payment_requests",
        "Request 1 of tender 1 of order ",
        "UPDATE payment_request SET code = 'no_money' WHERE code = 'expired_card'",
    ),
    Spoil(
        "payment_requests", "Request 3 of tender 2 of order ", "DELETE FROM payment_request WHERE reference = 'ch_3'"
    ),
    Spoil(
        "payment_requests",
        "Request 4 of tender 2 of order ",
        "UPDATE payment_request SET status = 'succeeded' WHERE reference = 're_4'",
    ),
    Spoil("tenders", "Tender 1 of order 1001 is missing", f"DELETE FROM tender WHERE order_id = {ORDER}"),
    Spoil("ledger_days", "The account sales in EUR of ", "UPDATE ledger_day SET credit_minor = credit_minor + 1"),
    Spoil("ledger_days", "The account sales in EUR of ", "DELETE FROM ledger_day WHERE account = 'sales'"),
    Spoil(
        "ledger_days",
        "The account receivable in EUR",
        "UPDATE ledger_day SET day = day + 1 WHERE account = 'receivable'",
    ),
    Spoil("allocations", "What line 1 of order ", "UPDATE allocation SET allocated = allocated + 1"),
    Spoil("allocation_rows", "Allocation 1 of order 1001 is missing", f"DELETE FROM allocation WHERE {LINE_1}"),
    Spoil("allocation_rows", "Allocation 1 of order 1001: lot is X", f"UPDATE allocation SET lot = 'X' WHERE {LINE_1}"),
    Spoil(
        "stages_of_lines",
        "Line 1 of order 1001: sent_back is",
        f"UPDATE parcel SET status = 'lost' WHERE order_id = {ORDER} AND number = 2",
    ),
    Spoil(
        "stages_of_lines",
        "Line 1 of order 1004: returned is 3",
        "UPDATE return_line SET received = 2, restocked = 2, refunded = 2 WHERE requested = 3",
    ),
    Spoil("stock_of_orders", "Stock of ", "UPDATE stock SET quality_hold = quality_hold + 1"),
    Spoil(
        "fulfillment_orders",
        "Fulfillment order 1001-F1: withdrawn is 2, the journal says 1",
        f"UPDATE fulfillment_order SET withdrawn = withdrawn + 1 WHERE order_id = {ORDER}",
    ),
    Spoil(
        "fulfillment_work",
        "Fulfillment order 1002-F1: released is",
        "UPDATE fulfillment_order SET released = released + 1 WHERE released > 0 AND number = 1",
    ),
    Spoil(
        "parcels",
        "Parcel 1001-P1: status is lost, the journal says delivered",
        f"UPDATE parcel SET status = 'lost' WHERE {LINE_1}",
    ),
    Spoil(
        "parcels",
        "Parcel 1001-P2: tracking_number is empty",
        f"UPDATE parcel SET tracking_number = NULL WHERE order_id = {ORDER} AND number = 2",
    ),
    Spoil(
        "parcel_lines",
        "Allocation 1 in parcel 1001-P1: quantity is 1",
        f"UPDATE parcel_line SET quantity = 1 WHERE order_id = {ORDER} AND parcel = 1",
    ),
    Spoil("returns", "Return 1004-R1: closed is False", "UPDATE return_order SET closed_at = NULL"),
    Spoil(
        "return_units",
        "What came back of B from order 1004: received is 2",
        "UPDATE return_line SET received = 2, restocked = 2, refunded = 2 WHERE requested = 3",
    ),
    Spoil("return_money", "The returns of order 1004: credited_minor is", "UPDATE return_line SET refunded_minor = 1"),
    Spoil("holds", "Hold 1 of order 1003: released is False", "UPDATE hold SET released_at = NULL"),
    Spoil("allocation_rows", "Allocation ", "UPDATE allocation SET put_back = 0"),
    Spoil("order_heads", "Order ", f"UPDATE orders SET ship_by = NULL WHERE id = {EDITED}"),
    Spoil("order_heads", "Order ", f"UPDATE orders SET priority = 0 WHERE id = {EDITED}"),
    Spoil("order_heads", "Order ", f"UPDATE orders SET ship_to_id = NULL WHERE id = {EDITED}"),
    Spoil("line_heads", "Line 3 of order ", f"UPDATE order_line SET added = false WHERE order_id = {EDITED} AND added"),
    Spoil(
        "charges", "Charge ", f"UPDATE charge SET amount_minor = amount_minor + 1 WHERE order_id = {EDITED} AND added"
    ),
    Spoil("charges", "Charge ", f"UPDATE charge SET added = false WHERE order_id = {EDITED}"),
    Spoil(
        "order_details", "The details of order ", "UPDATE order_detail SET method = 'truck' WHERE method IS NOT NULL"
    ),
    Spoil(
        "lines_added",
        "Event ",
        """UPDATE event SET data = data || '{"adjusted_minor": 1}' WHERE kind = 'order_edited'""",
    ),
    Spoil("holds", "Hold 1 of order 1003: stops is", "UPDATE hold SET stops = '{edit}' WHERE number = 1"),
    Spoil("holds", "Hold 2 of order 1003: lines is", "UPDATE hold SET lines = '{1}' WHERE number = 2"),
    Spoil("holds", "Hold 1 of order 1003: released_by is", "UPDATE hold SET released_by = 'user:9'"),
    Spoil("order_details", "The details of order 1002: risk_score is 99", "UPDATE order_detail SET risk_score = 99"),
    Spoil("order_details", "The details of order 1002 is missing", "DELETE FROM order_detail"),
    Spoil("holds", "Hold 2 of order 1003 is missing", "DELETE FROM hold WHERE number = 2"),
    Spoil("catalog", "A of the catalog: active is False", "UPDATE sku SET active = false WHERE code = 'A'"),
    Spoil("catalog", "HAM of the catalog: priority is 7", "UPDATE location SET priority = 7 WHERE code = 'HAM'"),
    Spoil(
        "stock_feeds",
        "The stock feed S-1: applied is",
        "UPDATE stock_feed SET applied = applied + 1, unchanged = unchanged - 1",
    ),
    Spoil("stock_feeds", "The stock feed S-1 is missing", "DELETE FROM stock_feed"),
    Spoil(
        "feed_lines",
        "What a stock feed set of A at BER: changed is",
        """UPDATE event SET data = jsonb_set(data, '{lines,0,counted}', '77') WHERE kind = 'stock_feed_applied'""",
    ),
    Spoil(
        "kits",
        "Component 2 of the kit KIT: per_kit is 3, the journal says 2",
        "UPDATE kit_component SET per_kit = per_kit + 1",
    ),
    Spoil("kits", "Component 1 of the kit KIT is missing", "DELETE FROM kit_component WHERE number = 1"),
    Spoil("kits", "The kit KIT is missing", "UPDATE sku SET kit = 'none' WHERE code = 'KIT'"),
    Spoil(
        "kits",
        "The kit KIT: kit is stocked, the journal says on_demand",
        "UPDATE sku SET kit = 'stocked' WHERE code = 'KIT'",
    ),
    Spoil("substitutes", "Substitute 1 of CUP is missing", "DELETE FROM substitute"),
    Spoil(
        "lines_added",
        "Line 1 of order ",
        "UPDATE order_line SET cancelled = 1, allocated = allocated + 1 WHERE cancelled = 2 AND sku_id ="
        " (SELECT id FROM sku WHERE code = 'CUP')",
    ),
    Spoil(
        "lines_added",
        "Event ",
        "UPDATE money_posting SET amount_minor = amount_minor + 1 WHERE credit = 'sales' AND event_id IN"
        " (SELECT event_id FROM event WHERE kind = 'shortage_settled')",
    ),
    Spoil(
        "line_heads",
        "Line 2 of order ",
        "UPDATE order_line SET instead_of = NULL WHERE instead_of IS NOT NULL",
    ),
    Spoil("work_orders", "Work order W", "UPDATE work_order SET completed = completed + 1, cancelled = cancelled - 1"),
    Spoil("work_orders", "Work order W", "DELETE FROM event WHERE kind = 'work_order_completed'"),
    Spoil("work_order_lines", "Line 2 of work order W", "UPDATE work_order_line SET per_kit = 3 WHERE per_kit = 2"),
    Spoil("work_orders_posted", "What work order W", "DELETE FROM posting WHERE to_bucket = 'assembled'"),
    Spoil("kit_lines", "Line 3 of order ", "UPDATE order_line SET per_kit = 3 WHERE per_kit = 2"),
    Spoil("line_heads", "Line 1 of order ", "UPDATE order_line SET ordered = 3 WHERE is_kit"),
    Spoil("bookings", "What order ", "UPDATE booking SET units = units + 1"),
    Spoil("bookings", "What order ", "DELETE FROM booking"),
    Spoil("capacity", "The capacity of KIEL on ", "UPDATE capacity SET orders = orders - 1"),
    Spoil("capacity", "The capacity of KIEL on ", "DELETE FROM capacity"),
    Spoil("allocation_rows", "Allocation 1 of order ", "UPDATE allocation SET ship_on = '2020-01-01'"),
    Spoil("fulfillment_orders", "Fulfillment order ", "UPDATE fulfillment_order SET ship_on = '2020-01-01'"),
    Spoil(
        "fulfillment_orders",
        "Fulfillment order ",
        f"UPDATE fulfillment_order SET request = 'accepted' WHERE order_id = {ASKED}",
    ),
    Spoil(
        "fulfillment_orders",
        "Fulfillment order ",
        f"UPDATE fulfillment_order SET moved = moved + 1 WHERE order_id = {ASKED}",
    ),
    Spoil(
        "fulfillment_orders",
        "Fulfillment order ",
        "UPDATE fulfillment_order SET rejected = 0, short = rejected WHERE rejected > 0",
    ),
    Spoil("fulfillment_orders", "Fulfillment order ", "UPDATE fulfillment_order SET scheduled_for = NULL"),
    Spoil("pickups", "Pick-up of parcel ", "DELETE FROM pickup"),
    Spoil("pickups", "Pick-up of parcel ", "UPDATE pickup SET collect_by = '2020-01-01'"),
    Spoil("line_heads", "Line ", "UPDATE order_line SET pickup_location_id = NULL"),
    Spoil("fulfillment_orders", "Fulfillment order ", "UPDATE fulfillment_order SET pickup_location_id = NULL"),
    Spoil("parcels", "Parcel ", "UPDATE parcel SET status = 'cancelled' WHERE status = 'arrived'"),
    Spoil("allocation_rows", "Allocation ", f"UPDATE allocation SET put_back = 0 WHERE order_id = {ASKED}"),
    Spoil("network", "The location or group KIEL: group_id is empty", "UPDATE location SET group_id = NULL"),
    Spoil("network", "The location or group KIEL: schedule is ", "UPDATE location SET schedule = '{}'"),
    Spoil("network", "The location or group NORTH: name is X", "UPDATE location_group SET name = 'X'"),
    Spoil("purchase_orders", "Purchase order PO", "UPDATE purchase_order SET supplier = 'Somebody'"),
    Spoil("purchase_orders", "Purchase order PO", "UPDATE purchase_order SET closed_at = now()"),
    Spoil("purchase_lines", "Line 1 of purchase order PO", "UPDATE purchase_order_line SET received = 7"),
    Spoil("purchase_lines", "Line 1 of purchase order PO", "UPDATE purchase_order_line SET due_at = now()"),
    Spoil("asns", "The ASN PO", "UPDATE asn SET reference = 'X'"),
    Spoil("asns", "The ASN PO", "DELETE FROM asn WHERE number = 2"),
    Spoil("bins", "What lies of D in bin D-2: quantity is 1,", "UPDATE bin_stock SET quantity = 1 WHERE quantity > 0"),
    Spoil(
        "bins_in_stock", "The bins of D at HAM: units is 999", "UPDATE bin_stock SET quantity = 999 WHERE quantity > 0"
    ),
    Spoil("purchase_receipts", "What came of D by purchase order PO", "UPDATE purchase_order_line SET damaged = 0"),
    Spoil(
        "backlog", "The backlog of D with priority 0: waiting is", "UPDATE backlog SET waiting = 1 WHERE waiting > 0"
    ),
    Spoil("backlog", "The backlog of D with priority 0 is missing", "DELETE FROM backlog"),
    Spoil("promises", "The promise for line 1 of order ", "UPDATE promise SET promised_at = now()"),
    Spoil("promises", "The promise for line 1 of order ", "UPDATE promise SET quantity = 1"),
    Spoil("promises", "The promise for line 1 of order ", "DELETE FROM promise"),
    Spoil("pools", "Pool launch of POOLED: taken is 5, the journal says 4", "UPDATE pool SET taken = taken + 1"),
    Spoil("pools", "Pool launch of POOLED: quantity is 99", "UPDATE pool SET quantity = 99"),
    Spoil("pools", "Pool launch of POOLED is missing", "DELETE FROM pool"),
    Spoil(
        "reservations", "Line 1 of reservation ", "UPDATE reservation_line SET quantity = 3 WHERE location_id IS NULL"
    ),
    Spoil(
        "reservations",
        "Line 1 of reservation ",
        "UPDATE reservation_line SET group_id = sku_id WHERE location_id IS NULL AND ended_as IS NULL",
    ),
    Spoil("pool_takes", "What line 1 of order ", "UPDATE pool_take SET quantity = quantity + 1"),
    Spoil("limited", "Stock of POOLED at HAM: limited is False", "UPDATE stock SET limited = false"),
    Spoil("unmatched_returns", "The unmatched return k-1: quantity is 5", "UPDATE unmatched_return SET quantity = 5"),
    Spoil(
        "availability_levels", "Level 3 of E: reached is False", "UPDATE availability_level SET reached = NOT reached"
    ),
    Spoil("availability_levels", "Level 9 of E is missing", "DELETE FROM availability_level WHERE level = 9"),
    Spoil("unmatched_returns", "The unmatched return k-1 is missing", "DELETE FROM unmatched_return"),
    Spoil("transfers", "Transfer T1005: reference is", "UPDATE transfer SET reference = 'Y' WHERE reference = 'X-1'"),
    Spoil(
        "transfers", "Transfer T1006: ready_at is empty", "UPDATE transfer SET ready_at = NULL WHERE closed_at IS NULL"
    ),
    Spoil("transfer_lines", "Line 1 of transfer T1005: damaged is 0", "UPDATE transfer_line SET damaged = 0"),
    Spoil(
        "transfers_posted",
        "What transfer T1006 moves of A: ready is 1",
        "UPDATE transfer_line SET ready = 1 WHERE ready = 2",
    ),
    Spoil(
        "transfers_posted", "What transfer T1005 moves of B: in_transit", "DELETE FROM posting WHERE to_bucket = 'lost'"
    ),
    Spoil("catalog", "L of the catalog: tracking is serial", "UPDATE sku SET tracking = 'serial' WHERE code = 'L'"),
    Spoil(
        "lots", "Lot L1 of L: expires_on is 2990-01-30", "UPDATE lot SET expires_on = expires_on - 1 WHERE lot = 'L1'"
    ),
    Spoil("lots", "Lot L2 of L: status is ok", "UPDATE lot SET status = 'ok'"),
    Spoil("return_lots", "Line 1 of return 10", "UPDATE return_line SET lot = 'L2' WHERE lot = 'L1'"),
    Spoil("corrections", "The correction of event ", "UPDATE correction SET corrected = corrected + 1"),
    Spoil("serials", "Serial S1 of S: place is damaged", "UPDATE serial SET place = 'damaged' WHERE serial = 'S1'"),
    Spoil(
        "serials", "Serial N1 of N: transfer_id is empty", "UPDATE serial SET transfer_id = NULL WHERE serial = 'N1'"
    ),
    Spoil(
        "transfer_lines",
        "Line 1 of transfer T",
        "UPDATE transfer_line SET serials = '[\"N1\"]' WHERE serials IS NOT NULL",
    ),
    Spoil(
        "count_entries",
        "Pass 1 of line 1 of count C",
        "UPDATE stock_count_entry SET missing = '[]' WHERE missing IS NOT NULL",
    ),
    Spoil(
        "count_entries",
        "Pass 1 of line 1 of count C",
        "UPDATE stock_count_entry SET strange = '[]' WHERE strange IS NOT NULL",
    ),
    Spoil(
        "count_entries",
        "Pass 1 of line 1 of count C",
        "UPDATE stock_count_entry SET serials = '[]' WHERE serials IS NOT NULL",
    ),
    Spoil(
        "count_variances",
        "Line 1 of count C",
        "UPDATE bin_posting SET quantity = 2 WHERE corrects AND event_id IN (SELECT event_id FROM event WHERE kind = 'count_approved')",
    ),
    Spoil(
        "count_lines",
        "Line 1 of count C",
        "UPDATE stock_count_line AS l SET snapshot = 9 FROM stock_count AS c WHERE c.id = l.count_id AND c.zone IS NOT NULL",
    ),
    Spoil("parcels", "Parcel 10", "UPDATE parcel SET status = 'packed' WHERE status = 'cancelled'"),
    Spoil(
        "reservations",
        "Line 1 of reservation ",
        "UPDATE reservation_line SET quantity = 5 WHERE location_id IS NULL AND quantity = 3",
    ),
    Spoil("serials", "Serial S3 of S is missing", "DELETE FROM serial WHERE serial = 'S3'"),
    Spoil("serials_in_stock", "The serials of S at HAM: on_shelf is 0", "DELETE FROM serial WHERE place = 'on_shelf'"),
    Spoil(
        "parcel_serials",
        "The serials in parcel 10",
        "UPDATE parcel_line SET serials = '[\"S9\"]' WHERE serials IS NOT NULL",
    ),
    Spoil("shortages", "The shortage of Q at HAM: remaining is 0", "UPDATE shortage SET remaining = 0"),
    Spoil("shortages", "The shortage of Q at HAM is missing", "DELETE FROM shortage"),
    Spoil(
        "shortage_entries", "A change of the shortage of Q at HAM: change is 9", "UPDATE shortage_entry SET change = 9"
    ),
    Spoil("shortage_entries", "A change of the shortage of Q at HAM is missing", "DELETE FROM shortage_entry"),
    Spoil("stock_short", "Stock of Q at HAM: short is 0", "UPDATE stock SET short = 0"),
    Spoil("waves", "Wave WV1", "UPDATE wave SET method = 'single' WHERE method = 'zone'"),
    Spoil("waves", "Wave WV1", "UPDATE wave SET closed_at = NULL WHERE closed_at IS NOT NULL"),
    Spoil("waves", "Wave WV1", "UPDATE wave SET units = units + 1 WHERE released_at IS NOT NULL"),
    Spoil("wave_orders", "Fulfillment order 1 of wave WV1", "UPDATE wave_order SET open = false WHERE open"),
    Spoil("wave_orders", "Fulfillment order 2 of wave WV1", "DELETE FROM wave_order WHERE number = 2"),
    Spoil("pick_lists", "Pick list 1 of wave WV1", "UPDATE pick_list SET picker = NULL"),
    Spoil("pick_lists", "Pick list 1 of wave WV1", "UPDATE pick_list SET route_cm = 1 WHERE route_cm IS NOT NULL"),
    Spoil("pick_tasks", "Task 2 of wave WV1", "UPDATE pick_task SET short = 1 WHERE short = 2"),
    Spoil("pick_tasks", "Task 1 of wave WV1", "UPDATE pick_task SET given_up = 0 WHERE given_up > 0 AND number = 1"),
    Spoil("pick_tasks", "Task 1 of wave WV1", "UPDATE pick_task SET bin = 'H-9' WHERE bin IS NOT NULL"),
    Spoil("layouts", "The layout of HAM: depot_cm is 1,", "UPDATE layout SET depot_cm = 1"),
    Spoil("places_of_bins", "Bin H-1: position_cm is 1,", "UPDATE bin SET position_cm = 1 WHERE aisle IS NOT NULL"),
    Spoil("counts", "Count C", "UPDATE stock_count SET blind = false"),
    Spoil("counts", "Count C", "UPDATE stock_count SET approved_at = NULL"),
    Spoil("count_lines", "Line 1 of count C", "UPDATE stock_count_line SET snapshot = 3"),
    Spoil("count_lines", "Line 1 of count C", "UPDATE stock_count_line SET pass = 1"),
    Spoil("count_entries", "Pass 2 of line 1 of count C", "UPDATE stock_count_entry SET counted = 7"),
    Spoil("count_entries", "Pass 1 of line 1 of count C", "UPDATE stock_count_entry SET expected = 0"),
    Spoil("count_entries", "Pass 1 of line 1 of count C", "DELETE FROM stock_count_entry WHERE pass = 1"),
    Spoil("count_variances", "Line 1 of count C", "UPDATE stock_count_line SET variance = -9"),
    Spoil(
        "told_late",
        "What was told late of Q at HAM: taken_back is -1",
        "UPDATE posting SET quantity = 1 WHERE event_id = (SELECT event_id FROM event WHERE kind = 'variance_taken_back')",
    ),
    Spoil(
        "told_late",
        "What was told late of Q at HAM: taken_back is empty",
        "DELETE FROM event WHERE kind = 'variance_taken_back'",
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
    Spoil("invoices", "Document 1 of order", "UPDATE invoice SET issued_on = issued_on - 1 WHERE kind = 'invoice'"),
    Spoil("invoices", "Document 2 of order", "UPDATE invoice SET credits = 2 WHERE kind = 'credit_note'"),
    Spoil("invoice_lines", "Line 1 of document 1 of order", "UPDATE invoice_line SET name = 'x' WHERE invoice = 1"),
    Spoil("invoice_charges", "Charge 3 on line 1 of document 1", "UPDATE invoice_charge SET rate = 7 WHERE rate = 19"),
    Spoil(
        "invoice_totals",
        "Document 1 of order",
        "UPDATE invoice_line SET goods_minor = goods_minor + 1 WHERE invoice = 1",
    ),
    Spoil("invoice_totals", "Document 2 of order", "UPDATE invoice SET tax_minor = 0 WHERE kind = 'credit_note'"),
    Spoil(
        "invoice_numbers",
        "The series INV of MAIN: last_serial",
        "UPDATE invoice_series SET last_serial = 99 WHERE series = 'INV'",
    ),
    Spoil("invoice_numbers", "The series CN of MAIN is missing", "DELETE FROM invoice_series WHERE series = 'CN'"),
    Spoil(
        "invoiced_value",
        "What was billed of line 1 of order",
        "UPDATE invoice_charge SET amount_minor = amount_minor - 1 WHERE kind = 'shipping' AND invoice = 1",
    ),
    Spoil(
        "invoiced_value",
        "What was billed of line 1 of order",
        "UPDATE invoice_line SET reason = 'returned' WHERE invoice = 2",
    ),
    Spoil("order_heads", "Order ", f"UPDATE orders SET ship_complete = false WHERE id = {EDITED}"),
    Spoil("line_heads", "Line 2 of order ", f"UPDATE order_line SET ship_complete = false WHERE order_id = {EDITED}"),
    Spoil(
        "fulfillment_orders",
        "Fulfillment order ",
        f"UPDATE fulfillment_order SET priority = 5 WHERE order_id = {EDITED}",
    ),
    Spoil(
        "order_attributes",
        "What is said of desk of order ",
        "UPDATE order_attribute SET value = 'b' WHERE code = 'desk'",
    ),
    Spoil("order_attributes", "What is said of wish of order ", "DELETE FROM order_attribute WHERE code = 'wish'"),
    Spoil(
        "product_attributes",
        "What is said of weave of G",
        "UPDATE product_attribute SET value = '8' WHERE code = 'weave'",
    ),
    Spoil("attributes", "The attribute desk of orders", "UPDATE attribute SET required = true WHERE code = 'desk'"),
    Spoil(
        "order_relations", "The relation split_into of order ", "DELETE FROM order_relation WHERE how = 'split_into'"
    ),
    Spoil(
        "order_relations",
        "The relation merged_",
        "UPDATE order_relation SET how = 'split_from' WHERE how = 'merged_from'",
    ),
    Spoil("order_notes", "Note 1 on order ", "UPDATE order_note SET audience = 'customer' WHERE number = 1"),
    Spoil("order_notes", "Note 2 on order ", "UPDATE order_note SET text = 'x', blanked_at = NULL WHERE number = 2"),
    Spoil("order_tags", "The tag vip of order ", "DELETE FROM order_tag WHERE tag = 'vip'"),
    Spoil("order_tags", "The tag late of order ", "UPDATE order_tag SET tag = 'late'"),
    Spoil("order_edits", "Edit 1 of order ", "UPDATE order_edit SET status = 'begun' WHERE number = 1"),
    Spoil("order_edits", "Edit 2 of order ", "UPDATE order_edit SET shown = '{}' WHERE status = 'dropped'"),
    Spoil("order_edits", "Edit 3 of order ", "DELETE FROM order_edit WHERE status = 'begun'"),
    Spoil("companies", "Company NORD: terms_days is 7", "UPDATE company SET terms_days = 7"),
    Spoil("companies", "Company NORD: limits is", "UPDATE company_credit SET limit_minor = 1"),
    Spoil(
        "company_credit",
        "What company NORD owes in EUR",
        "UPDATE company_credit SET exposure_minor = exposure_minor + 1",
    ),
    Spoil(
        "company_credit",
        "What company NORD owes in EUR",
        "UPDATE orders SET authorised_minor = 0, captured_minor = 0 WHERE captured_minor = 1500",
    ),
    Spoil("company_orders", "What company bought order", "UPDATE company_order SET due_on = due_on + 1"),
    Spoil(
        "company_orders",
        "What company bought order",
        "UPDATE company_order SET owed_minor = 1 WHERE purchase_order = 'PO 0'",
    ),
    Spoil("price_lists", "Price list HOTELS: priority is 3", "UPDATE price_list SET priority = 3"),
    Spoil("price_lists", "Price list HOTELS: version is 9", "UPDATE price_list SET version = 9"),
    Spoil("price_list_items", "What HOTELS says of DESK", "UPDATE price_list_item SET unit_prices = '{1,2}'"),
    Spoil("price_list_items", "What HOTELS says of DESK is missing", "DELETE FROM price_list_item"),
    Spoil("drafts", "Draft D", "UPDATE draft SET total_minor = 1 WHERE reference = 'Q-1'"),
    Spoil("drafts", "Draft D", "UPDATE draft SET status = 'draft', order_id = NULL WHERE reference = 'Q-1'"),
    Spoil("drafts", "Draft D", "DELETE FROM draft WHERE status = 'declined'"),
    Spoil("drafts", "Draft D", "UPDATE draft SET approval = 'needed' WHERE approval = 'given'"),
    Spoil("holds", "Hold 1 of order", "UPDATE hold SET released_at = NULL, released_by = NULL WHERE kind = 'approval'"),
    Spoil("line_heads", "Line 1 of order", "UPDATE order_line SET ship_to_id = NULL"),
    Spoil("fulfillment_orders", "Fulfillment order ", "UPDATE fulfillment_order SET ship_to_id = NULL"),
    Spoil("subscriptions", "Subscription S", "UPDATE subscription SET cycle = cycle + 1"),
    Spoil("subscriptions", "Subscription S", "DELETE FROM subscription WHERE status = 'cancelled'"),
    Spoil("draft_contents", "What stands in draft D", "UPDATE draft SET charges = '[]' WHERE reference = 'Q-1'"),
    Spoil("draft_contents", "What stands in draft D", "UPDATE draft SET wishes = '{\"gift\": true}'"),
    Spoil(
        "sscc_series", "The series of parcels of 4012345: last_serial is 3", "UPDATE sscc_series SET last_serial = 3"
    ),
    Spoil("print_jobs", "The print job over label", "UPDATE print_job SET attempts = 9 WHERE kind = 'label'"),
    Spoil(
        "print_jobs",
        "The print job over packing-slip",
        "UPDATE print_job SET status = 'printed' WHERE kind = 'packing-slip'",
    ),
    Spoil("cartons", "The carton M: tare_grams is 7", "UPDATE carton SET tare_grams = 7"),
    Spoil("cartons", "The parcel rate DE: mm3_per_gram is 4", "UPDATE parcel_rate SET mm3_per_gram = 4"),
    Spoil("parcels", "Parcel 10", "UPDATE parcel SET carton = 'L' WHERE carton = 'M'"),
    Spoil("parcels", "Parcel 10", "UPDATE parcel SET sscc = '401234500000000999' WHERE sscc = '040123450000000023'"),
    Spoil("catalog", "VASE of the catalog: fragile is False", "UPDATE sku SET fragile = false WHERE code = 'VASE'"),
    Spoil("order_details", "The details of order", "UPDATE order_detail SET gift = false WHERE gift"),
    Spoil("legal_entities", "Version 1 of the legal entity MAIN", "UPDATE legal_entity SET tax_number = ''"),
    Spoil(
        "sourcing_rules",
        "Version",
        "UPDATE policy SET value = '{}' WHERE name = 'sourcing_rules' AND value IS NOT NULL",
    ),
    Spoil("sourcing_previews", "Sourcing preview", "UPDATE sourcing_preview SET looked_at = 0"),
    Spoil("postal_areas", "Postal code DE 20457: latitude", "UPDATE postal_area SET latitude = 0"),
    Spoil("order_details", "The details of order", "UPDATE order_detail SET may_split = true WHERE may_split IS FALSE"),
    Spoil("exchange_rates", "What JPY is worth in EUR from 2026-01-01", "UPDATE exchange_rate SET rate = 1"),
    Spoil(
        "tax_rates",
        "The tax rate VAT of DE from 2026-01-01: rate is",
        "UPDATE tax_rate SET rate = 16 WHERE country = 'DE'",
    ),
    Spoil("charges", "Charge 1 of line 1 of order", "UPDATE charge SET source = 'person' WHERE source = 'code'"),
    Spoil("charges", "Charge 3 of line 1 of order", "UPDATE charge SET rate = 7 WHERE source = 'calculated'"),
    Spoil("order_details", "The details of order", "UPDATE order_detail SET shop_rate = 1 WHERE shop_currency = 'USD'"),
]


async def sum_days(shop: Shop) -> None:
    """The reader of the feed that sums the money ledger takes all there is."""
    going = True
    while going:
        async with shop.database.write(shop.merchant_id) as tx:
            await tx.execute("INSERT INTO consumer VALUES ($1, 'ledger_days', 0) ON CONFLICT DO NOTHING")
            going = await ledger.read_on(tx)


async def make_life(dsn: str) -> None:
    async with open_shop(dsn, "shop") as shop:
        await live(shop)
        await sum_days(shop)


@pytest.fixture(scope="module")
def lived(server_dsn: str, template: str) -> Iterator[str]:
    """A database with one merchant who has something of everything; each test takes back what it spoils."""
    with fresh_database(server_dsn, template) as dsn:
        run_apart(make_life(dsn))
        yield dsn


async def spoiled(dsn: str, statement: str, only: Collection[str] = NAMES) -> list[Difference]:
    """What the audit, or some checks of it, find after the statement, which is taken back."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("BEGIN")
        await connection.execute(statement)
        return await audit_merchant(Transaction(connection, 1), only)
    finally:
        await connection.close()


async def test_nothing_differs_where_nobody_spoiled_anything(lived: str) -> None:
    assert await audit_installation(lived) == {"shop": []}
    assert as_text({"shop": []}) == "no difference"


@pytest.mark.parametrize("spoil", SPOILS, ids=lambda spoil: f"{spoil.check}-{spoil.says[:40]}")
async def test_the_audit_names_what_was_spoiled(lived: str, spoil: Spoil) -> None:
    sentences = [each.sentence for each in await spoiled(lived, spoil.statement, [spoil.check])]
    assert any(sentence.startswith(spoil.says) for sentence in sentences), sentences


def test_every_check_has_been_seen_to_find_something() -> None:
    assert {spoil.check for spoil in SPOILS} == set(NAMES)


async def test_an_old_command_may_be_forgotten_and_a_young_one_may_not(lived: str) -> None:
    young = await spoiled(lived, "DELETE FROM command")
    aged = "UPDATE event SET recorded_at = recorded_at - interval '36 days'; DELETE FROM command"
    head = "UPDATE journal_head SET last_at = last_at - interval '36 days'"
    assert {each.check for each in young} == {"commands"}
    assert await spoiled(lived, f"{aged}; {head}") == []


async def test_the_audit_reads_one_merchant_or_all_of_them(database_dsn: str) -> None:
    async with open_shop(database_dsn, "first") as first, open_shop(database_dsn, "second") as second:
        await first.stock_up(1)
        await second.stock_up(1)
        connection = await asyncpg.connect(database_dsn)
        await connection.execute("UPDATE stock SET damaged = 5 WHERE merchant_id = $1", second.merchant_id)
        await connection.close()
    found = await audit_installation(database_dsn)
    assert found["first"] == [] and len(found["second"]) == 6
    assert as_text(found).splitlines()[0] == "second: Stock of A at BER: damaged is 5, the journal says 0."
    assert as_text(found).endswith("6 differences")
    assert list(await audit_installation(database_dsn, "first")) == ["first"]
    with pytest.raises(Trouble, match="no merchant 'third'"):
        await audit_installation(database_dsn, "third")


def test_the_command_line_says_it_and_exits_with_it(
    lived: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LADING_DATABASE_URL", lived)
    assert run(["audit"]) == 0
    assert capsys.readouterr().out == "no difference\n"
    of_c = "WHERE sku_id = (SELECT id FROM sku WHERE code = 'C')"
    run_apart(execute(lived, f"UPDATE stock SET damaged = damaged + 3 {of_c}"))
    try:
        assert run(["audit", "--merchant", "shop"]) == 1
        said = capsys.readouterr().out.splitlines()
        assert "Stock of C at HAM: damaged is 3, the journal says 0." in said and said[-1] == "2 differences"
        assert run(["audit", "--json"]) == 1
        told = msgspec.json.decode(capsys.readouterr().out)
        assert {each["field"] for each in told["shop"]} == {"damaged"}
        assert run(["audit", "--merchant", "nobody"]) == 1
        assert run(["audit", "--check", "tenders", "--check", "drafts"]) == 0
        assert run(["audit", "--check", "nothing"]) == 1
        assert "no check 'nothing'; known are" in capsys.readouterr().err
    finally:
        run_apart(execute(lived, f"UPDATE stock SET damaged = damaged - 3 {of_c}"))


async def test_each_event_of_a_long_life_is_told_in_german(lived: str) -> None:
    """Where whoever reads has another language, no sentence is left in English."""
    connection = await asyncpg.connect(lived)
    try:
        names = await read_names(Transaction(connection, 1))
        events = await connection.fetch("SELECT kind, data::text FROM event")
    finally:
        await connection.close()
    alike = set()
    for kind, data in events:
        told = {**json.loads(data)}
        english = sentence(kind, told, names)
        with phrases.read_by(translations("de").gettext):
            german = sentence(kind, told, names)
        if german == english:
            alike.add((kind, english))
    assert alike == set()
    assert {kind for kind, _ in events} <= SENTENCES.keys()
