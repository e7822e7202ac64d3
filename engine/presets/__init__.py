"""Preset files: one stage set-up in TOML, checked to the last key."""

from engine.presets.area import AreaPreset, LensPreset
from engine.presets.camera import CameraPreset, PathPreset
from engine.presets.changes import changes
from engine.presets.dump import dump_preset
from engine.presets.identity import IdentityPreset
from engine.presets.load import (
    builtin_presets,
    check_preset,
    json_schema,
    load_preset,
    parse_preset,
    user_presets,
)
from engine.presets.lost import AutoPreset, LostPreset
from engine.presets.members import with_members
from engine.presets.models import ControlPreset, PerceptionPreset, Preset, SourcePreset
from engine.presets.obs import ObsLabelPreset, ObsPreset, ObsRulePreset, ObsScenePreset
from engine.presets.sink import DeviceSinkPreset, MovieSinkPreset, SinkPreset, WhipSinkPreset
from engine.presets.target import parse_target
from engine.presets.view import ViewPreset
from engine.presets.webrtc import WebrtcPreset
from engine.presets.where import presets_folder

__all__ = [
    "AreaPreset",
    "AutoPreset",
    "CameraPreset",
    "ControlPreset",
    "DeviceSinkPreset",
    "IdentityPreset",
    "LensPreset",
    "LostPreset",
    "MovieSinkPreset",
    "ObsLabelPreset",
    "ObsPreset",
    "ObsRulePreset",
    "ObsScenePreset",
    "PathPreset",
    "PerceptionPreset",
    "Preset",
    "SinkPreset",
    "SourcePreset",
    "ViewPreset",
    "WebrtcPreset",
    "WhipSinkPreset",
    "builtin_presets",
    "changes",
    "check_preset",
    "dump_preset",
    "json_schema",
    "load_preset",
    "parse_preset",
    "parse_target",
    "presets_folder",
    "user_presets",
    "with_members",
]
