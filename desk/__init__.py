"""What people see: agent desk, supervisor, wallboard, visitor page and kiosk.

May import everything below it. Its first issue has not landed; the folder keeps its place in the layers.
"""
