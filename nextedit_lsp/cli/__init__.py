"""The command line: ``nextedit serve | demo | replay | predict | evaluate | doctor``.

In: arguments, files.  Out: what a person (or with ``--json`` a program) reads, and exit codes.
Not here: predicting; every command calls the rooms below.
"""
