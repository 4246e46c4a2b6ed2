"""Alembic's environment; versions/ has one file a change of the tables. New ones: see env.py."""
