"""Synthetic telephones that test the line and probe it in operation.

Each telephone is a process of its own, driven by JSON lines, because PJSIP is GPL and has a GIL of its own mind.
Start reading at phone.py.
"""
