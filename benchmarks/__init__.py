"""Benchmarks: how fast, how large.  Run by ``make bench``, never by the tests."""
