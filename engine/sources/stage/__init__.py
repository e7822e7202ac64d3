"""Scripted performers with full truth: for tests, benchmarks and for trying the program without a camera."""

from engine.sources.stage.barcode import read_index
from engine.sources.stage.choreography import CHOREOGRAPHIES, scene
from engine.sources.stage.looks import GroundTruthLooks, LookNoise
from engine.sources.stage.oracle import GroundTruthDetector
from engine.sources.stage.puppet import Puppet
from engine.sources.stage.request import parse_stage
from engine.sources.stage.scene import Performer, PerformerTruth, Scene
from engine.sources.stage.source import Painter, StageSource
from engine.sources.stage.sprite import Sprite

__all__ = [
    "CHOREOGRAPHIES",
    "GroundTruthDetector",
    "GroundTruthLooks",
    "LookNoise",
    "Painter",
    "Performer",
    "PerformerTruth",
    "Puppet",
    "Scene",
    "Sprite",
    "StageSource",
    "parse_stage",
    "read_index",
    "scene",
]
