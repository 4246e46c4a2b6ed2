"""Recordings: policy, spool, finishing, encryption, retention and playback.

May import acd and core. A row comes before a file; the name is a UUID; times are UTC.
Start reading at policy.py (what makes a recording good, pure).
"""
