"""Which models there are: those known, those on this machine, and the one in use."""
