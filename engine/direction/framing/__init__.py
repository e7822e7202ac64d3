"""What to show of a person: the shot an operator would like to have."""

from engine.direction.framing.config import Framed, FramingConfig, Hands, ShotSize
from engine.direction.framing.framer import Framer, frame_person
from engine.direction.framing.group import frame_group

__all__ = ["Framed", "Framer", "FramingConfig", "Hands", "ShotSize", "frame_group", "frame_person"]
