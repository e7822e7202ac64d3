"""jikcam engine: pixels in, shots out. See docs/architecture.md for the map of the rooms."""

import os

# Before numpy is loaded anywhere: OpenBLAS spins up a thread per core for matrices far too small for it,
# which makes the pair cost of the tracker seven times slower and takes the cores from models and pictures.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
