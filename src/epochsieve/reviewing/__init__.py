"""Findings -> an astronomer's verdicts: the page that asks for them, and what is learnt from them."""
