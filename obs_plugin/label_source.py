"""The text source with the target's name, in the running OBS."""

from __future__ import annotations

from collections.abc import Sequence

from engine.presets import ObsPreset
from obs_plugin.errors import ObsRequestError
from obs_plugin.kinds import text_kind
from obs_plugin.labels import place, text_only, text_settings
from obs_plugin.setup import Request, mark
from obs_plugin.setup.wanted import is_ours


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

    @property
    def missing(self) -> bool:
        """Whether there is none though there should be."""
        return self._kind is None and self._preset.label.enabled

    def find(self) -> None:
        """See whether the source is there.

        Raises:
            ObsError: OBS refuses or is away.
        """
        inputs = self._request("GetInputList", None)["inputs"]
        kinds = {str(one["inputName"]): str(one["inputKind"]) for one in inputs}
        self._kind, self._written, self.problem = kinds.get(self._preset.label.source), None, ""

    def make(self) -> None:
        """Make the source in those of jikcam's own scenes that OBS has.

        Raises:
            ObsError: OBS refuses or is away.
        """
        there = {str(scene["sceneName"]) for scene in self._request("GetSceneList", None)["scenes"]}
        wanted = [scene.name for scene in self._preset.scene if scene.label]
        homes = [name for name in wanted if name in there and self._is_ours(name)]
        if homes:
            self._make_in(homes)
        else:
            self.problem = "no scene for the label; run: jikcam obs setup"

    def _is_ours(self, scene: str) -> bool:
        private = self._request("GetSourcePrivateSettings", {"sourceName": scene})["sourceSettings"]
        return is_ours(private, scene)

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
        except ObsRequestError as error:
            self._kind = None
            self.problem = f"the text source {source!r} does not take the label ({error.code})"
            return
        self._written = text

    def _make_in(self, homes: Sequence[str]) -> None:
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
                "inputSettings": {**text_settings(kind, label, "", canvas[1]), **mark(label.source)},
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
