"""Forecast, staffing and adherence.

May import core. Its first issue has not landed; the folder keeps its place in the layers.
"""
