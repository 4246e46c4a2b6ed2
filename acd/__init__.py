"""The line: interactions, agents, offers and routing. A pure core and one engine task.

May import core only. ``model.py`` and ``effects.py`` say what goes in and what comes out.
Start reading at step.py: ``step(state, event, now) -> effects``, and the two tables at its end.
"""
