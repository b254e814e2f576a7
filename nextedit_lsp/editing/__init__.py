"""What has the user done: documents, the edit history, the Snapshot.

In: texts and changes, with times given as arguments.  Out: frozen values that predict nothing.
Not here: I/O, clocks, the protocol.
"""
