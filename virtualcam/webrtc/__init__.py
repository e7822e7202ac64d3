"""WebRTC in a process of its own, that delays no picture: WHEP viewers, WHIP to an SFU, cameras in."""
