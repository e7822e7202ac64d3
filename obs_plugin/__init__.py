"""The OBS side of jikcam: a client of the control API, in a process of its own."""
