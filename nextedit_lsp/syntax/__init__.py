"""Syntax trees kept incrementally, and what they tell: scopes, definitions, references, calls, error counts."""
