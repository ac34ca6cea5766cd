"""Imports: what an adapter planned from a file is loaded through the operations, in batches."""
