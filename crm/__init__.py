"""Customers, cases and their history over every channel.

May import core. Its first issue has not landed; the folder keeps its place in the layers.
"""
