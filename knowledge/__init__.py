"""Articles and scripts that an agent reads during a contact.

May import core. Its first issue has not landed; the folder keeps its place in the layers.
"""
