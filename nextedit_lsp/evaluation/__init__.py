"""How good are the predictions: cases, metrics, runners, with the same Snapshot and pipeline as the server.

In: episodes of edits and a predictor.  Out: one judged row per round, and what they sum up to.
Not here: the protocol, and changing anything that predicts.
"""
