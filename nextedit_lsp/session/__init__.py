"""Who asks when: open documents, newest-wins, cancelling, caching, re-basing, asking ahead.

In: what the editor and the disk report, and the predictor as a function.  Out: predictions that
apply to the documents as they are now.
Not here: the protocol (``server``), the prediction itself (``predictor``).
"""
