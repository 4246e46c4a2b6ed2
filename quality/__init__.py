"""Quality forms, sampling, calibration and appeals.

May import core. Its first issue has not landed; the folder keeps its place in the layers.
"""
