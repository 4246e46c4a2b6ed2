"""Asterisk: private root, rendered configuration, ARI client, AMI guard, calls and the trunk.

May import acd, ivr and core. Asterisk holds the channels (legs here); this folder decides what they do next.
Start reading at step.py (what a call does, pure) and service.py (the shell that does it).
"""
