"""What is a text, a span, an edit, a diff: values without I/O or clocks.

In: strings and offsets.  Out: texts, changes, positions, tokens, names.
Not here: documents (``editing``), syntax trees (``syntax``).
"""
