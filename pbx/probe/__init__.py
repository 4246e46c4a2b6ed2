"""Synthetic telephones that test the line and probe it in operation.

Each telephone is a process of its own, driven by JSON lines, because PJSIP is GPL and
holds the interpreter lock.
Start reading at phone.py; what a telephone process is told and tells is in protocol.py.
"""
