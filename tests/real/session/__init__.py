"""A session of docker commands, played on real engines and recorded: what the simulated engine is held against.

``chapters`` is the session as people would type it, ``recordings`` what each engine answered.  To hold another engine
against them: for each ``(engine, name)`` of ``recording.recorded()`` load it, begin with ``base.base_image()``, play
each answer's ``step``, put what was written through ``normalising.Names`` and ``normalising.unordered``, and compare
with the answer.  ``record`` is the command that records; ``engines`` starts the engines, ``probing`` asks them what
they have.
"""
