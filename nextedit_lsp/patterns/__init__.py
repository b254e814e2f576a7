"""What is being repeated: the last edits as examples, and the changes that they are instances of.

In: the edit history.  Out: examples (lines before and after) and the token hunks within them.
Not here: where a change applies next (``locating``), writing it there (``proposing``).
"""
