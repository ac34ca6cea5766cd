"""The way to PostgreSQL: server, pool, transaction, named queries, lanes, failpoints, migrations."""
