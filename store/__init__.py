"""Tables, repositories and migrations; fills the ports of the folders below.

May import every folder but desk and sambung. SQLite by default, PostgreSQL by URL;
the same tests run on both.
Start reading at tables.py.
"""
