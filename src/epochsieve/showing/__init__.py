"""Judgements -> pictures of them."""
