"""The text source with the target's name, in the running OBS."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engine.presets import ObsPreset
from obs_plugin.errors import ObsRequestError
from obs_plugin.kinds import text_kind
from obs_plugin.labels import place, text_only, text_settings
from obs_plugin.setup.wanted import MARK

Request = Callable[[str, Mapping[str, Any] | None], dict[str, Any]]


class LabelSource:
    """Makes the text source when it is missing, and keeps its text up to date. For one connection.

    Args:
        request: asks OBS (``Link.request``).
        preset: the [obs] table.
    """

    def __init__(self, request: Request, preset: ObsPreset) -> None:
        self._request = request
        self._preset = preset
        self._kind: str | None = None
        self._written: str | None = None
        self.problem = ""

    def prepare(self, scenes: Sequence[str]) -> None:
        """Find the source, or make it in jikcam's scenes.

        Args:
            scenes: the names of all scenes in OBS.

        Raises:
            ObsError: OBS refuses or is away.
        """
        label = self._preset.label
        inputs = self._request("GetInputList", None)["inputs"]
        kinds = {str(one["inputName"]): str(one["inputKind"]) for one in inputs}
        self._kind = kinds.get(label.source)
        if self._kind is None and label.enabled:
            homes = [s.name for s in self._preset.scene if s.label and s.name in scenes]
            if homes:
                self._make(homes)
            else:
                self.problem = "no scene for the label; run: jikcam obs setup"

    def write(self, text: str) -> None:
        """Show ``text``; does nothing when it is shown already, or there is no source.

        Raises:
            ObsError: OBS refuses or is away.
        """
        if not self._preset.label.enabled:
            text = ""
        if self._kind is None or text == self._written:
            return
        source = self._preset.label.source
        data = {"inputName": source, "inputSettings": text_only(self._kind, text), "overlay": True}
        try:
            self._request("SetInputSettings", data)
        except ObsRequestError:
            self._kind = None
            self.problem = f"the text source {source!r} is gone; run: jikcam obs setup"
            return
        self._written = text

    def _make(self, homes: Sequence[str]) -> None:
        label = self._preset.label
        video = self._request("GetVideoSettings", None)
        canvas = int(video["baseWidth"]), int(video["baseHeight"])
        kind = text_kind(self._request("GetInputKindList", None)["inputKinds"])
        first, *others = homes
        created = self._request(
            "CreateInput",
            {
                "sceneName": first,
                "inputName": label.source,
                "inputKind": kind,
                "inputSettings": {**text_settings(kind, label, "", canvas[1]), **MARK},
            },
        )
        items = [(first, created["sceneItemId"])]
        for scene in others:
            made = self._request("CreateSceneItem", {"sceneName": scene, "sourceName": label.source})
            items.append((scene, made["sceneItemId"]))
        for scene, item in items:
            self._request(
                "SetSceneItemTransform",
                {"sceneName": scene, "sceneItemId": item, "sceneItemTransform": place(label, canvas)},
            )
        self._kind, self._written = kind, ""
