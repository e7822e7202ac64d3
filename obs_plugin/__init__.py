"""The OBS side: a client of jikcam's control API in a process of its own (obsws-python is GPL-3.0-only)."""
