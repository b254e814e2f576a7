"""LSP in and out: messages become calls, suggestions become protocol items.

In: bytes of an editor.  Out: bytes for it.
Not here: policy and time (``session``).  Only this room imports pygls and lsprotocol.
"""
