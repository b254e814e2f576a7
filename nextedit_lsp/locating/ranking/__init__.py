"""Which lines the user edits next: every line of the open documents, ranked by a learned forest.

In: the Snapshot and the user's intentions.  Out: ``RankedPlace``s with calibrated chances.
Not here: what will be written there; learning the forest (``tools/fit_places.py``).
"""
