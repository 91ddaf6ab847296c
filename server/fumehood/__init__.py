"""A language server and linter for Alembic migrations on PostgreSQL."""

__version__ = "0.1.0"
