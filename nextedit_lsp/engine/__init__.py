"""Runs a model fast, in a process of its own; knows tokens, not edits."""
