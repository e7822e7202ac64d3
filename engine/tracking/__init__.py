"""Who is where over time."""

from engine.tracking.config import AssociationConfig, FilterConfig, TrackerConfig
from engine.tracking.tracker import Tracker

__all__ = ["AssociationConfig", "FilterConfig", "Tracker", "TrackerConfig"]
