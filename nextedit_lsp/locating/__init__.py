"""Where next: candidate places, each with its reason, ranked.

In: the Snapshot.  Out: places.  One module a locator; ``places`` calls them all.
Not here: I/O, clocks, the engine; what to write at a place (``proposing``).
"""
