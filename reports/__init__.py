"""Metric definitions and the queries that fill them.

May import acd and core. Its first issue has not landed; the folder keeps its place in the layers.
"""
