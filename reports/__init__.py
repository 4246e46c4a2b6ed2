"""Metric definitions and the queries that fill them.

May import acd and core. Start reading at definitions.py: what each figure means.
"""
