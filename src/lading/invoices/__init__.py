"""Invoices and credit notes: what was billed of orders, under numbers without a gap."""
