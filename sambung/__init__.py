"""The application: settings, one main per process, the command line and HTTP assembly.

May import everything; nobody imports it. Start reading at control.py (what is wired to what).
"""
