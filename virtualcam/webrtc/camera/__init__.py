"""WHIP in (RFC 9725): a phone or another program as the camera."""
