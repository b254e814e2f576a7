"""The prompt dialects of model families: a Snapshot and a spot become a prompt, the answer becomes an edit.

In: a Snapshot, the spot to write at, a completion.  Out: a Task for an engine; the changes that the completion means.
Not here: running a model (``engine``), choosing the spot (``proposing``), I/O.  One module a family, pinned by golden
tests: a format is a fact about weights.  A released format is never edited; another one is added.

The families share: ``excerpts`` (which rows to show), ``events`` (the history as diffs), ``regions`` (rows to rewrite,
and their new text carried back), ``answers`` (what a model wrote around that text), ``segments`` (text and control
tokens put together), ``intent`` (the edits in plain words).  ``catalogue`` lists them all.
"""
