"""Transcription: engines, worker, transcript, redaction and search.

May import quality and core. Its first issue has not landed; the folder keeps its place in the layers.
"""
