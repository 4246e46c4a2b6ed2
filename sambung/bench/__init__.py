"""Measurements beside a peer in the same run, so that a figure means something on any machine.

May import everything. Start reading at table.py (what a figure is); ``bin/bench`` runs the suites.
"""
