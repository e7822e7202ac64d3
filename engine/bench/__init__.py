"""Benchmarks that a user can run; each prints a table with its floor beside it."""
