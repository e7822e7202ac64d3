"""Learning the tracker's pair cost on synthetic dancers: ``python -m engine.bench.learning --out FILE``."""
