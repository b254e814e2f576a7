"""What there: the text for a place, synthesised from the example that is repeated there.

In: places.  Out: proposals, concrete changes of one document.
Not here: I/O, clocks; whether to show them (``vetting``).
"""
