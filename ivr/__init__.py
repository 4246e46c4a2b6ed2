"""Menus as data, their interpreter, business hours and prompts.

May import core only. A flow is parsed once (``parse.py``) and walked by a pure function (``step.py``);
whoever holds the call performs the effects and reports back.
Start reading at model.py.
"""
