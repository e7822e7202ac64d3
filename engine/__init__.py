"""jikcam engine: pixels in, shots out. See docs/architecture.md for the map of the rooms."""
