"""WHIP out (RFC 9725): a View published to an SFU for as long as the show lasts."""
