"""Digital channels: the contract, webhook inbox and outbox that WhatsApp, e-mail and the others share.

May import acd and core. Its first issue has not landed; the folder keeps its place in the layers.
"""
