"""What became of each suggestion, kept on this machine.

In: outcomes.  Out: a local file and counts.
Not here: source text, the network.
"""
