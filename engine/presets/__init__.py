"""Preset files: one stage set-up in TOML, checked to the last key."""

from engine.presets.changes import changes
from engine.presets.dump import dump_preset
from engine.presets.identity import IdentityPreset
from engine.presets.load import builtin_presets, check_preset, json_schema, load_preset, parse_preset
from engine.presets.models import ControlPreset, PerceptionPreset, Preset, SourcePreset
from engine.presets.obs import ObsLabelPreset, ObsPreset, ObsRulePreset, ObsScenePreset
from engine.presets.target import parse_target
from engine.presets.view import (
    CameraPreset,
    DeviceSinkPreset,
    LostPreset,
    MovieSinkPreset,
    SinkPreset,
    ViewPreset,
)

__all__ = [
    "CameraPreset",
    "ControlPreset",
    "DeviceSinkPreset",
    "IdentityPreset",
    "LostPreset",
    "MovieSinkPreset",
    "ObsLabelPreset",
    "ObsPreset",
    "ObsRulePreset",
    "ObsScenePreset",
    "PerceptionPreset",
    "Preset",
    "SinkPreset",
    "SourcePreset",
    "ViewPreset",
    "builtin_presets",
    "changes",
    "check_preset",
    "dump_preset",
    "json_schema",
    "load_preset",
    "parse_preset",
    "parse_target",
]
