"""Customers over every channel: who is the same, what was before, and what was promised.

May import core. Start reading at model.py; policy.py says which addresses are one customer's.
"""
