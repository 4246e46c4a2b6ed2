"""Video rooms, signalling and the forwarding unit behind panggilanvideo.

May import acd and core. Its first issue has not landed; the folder keeps its place in the layers.
"""
