"""WHEP: encoders that are shared, and the viewers who watch what they make."""
