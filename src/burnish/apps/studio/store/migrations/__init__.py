"""Migrations of the studio's tables, one file a step; Alembic runs them when the studio starts."""
