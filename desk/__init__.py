"""What people see: agent desk, supervisor, wallboard, visitor page and kiosk; the interface they use, and who may.

May import everything below it. Start reading at routes.py: one table of every request, who may, and its types.
"""
