"""Show it or stay silent: small named checks, and the chance of acceptance.

In: a proposal and the Snapshot.  Out: None where it may be shown, else the reason why not.
Not here: making proposals (``proposing``), showing them (``presenting``).
"""
