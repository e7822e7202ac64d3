"""Measuring who-is-where and who-is-who on sequences of detections with truth; no pictures."""
