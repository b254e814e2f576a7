"""The smallest edit to show, and how: inline, as a diff close by, or as a jump.

In: a proposal that passed vetting.  Out: a Suggestion, with the place of the cursor after it.
Not here: the protocol's items (``server``).
"""
