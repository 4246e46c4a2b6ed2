"""The people of the centre: accounts; forecast, staffing and adherence as they come.

May import core. Start reading at accounts.py.
"""
