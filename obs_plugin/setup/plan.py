"""From what is in OBS and what is wanted there to the steps that add what is missing."""

from __future__ import annotations

from engine.presets import ObsLabelPreset
from obs_plugin.errors import ObsError
from obs_plugin.kinds import text_kind
from obs_plugin.labels import place, text_settings
from obs_plugin.setup.inventory import Inventory
from obs_plugin.setup.pictures import plan_picture
from obs_plugin.setup.spots import Spot, complete, create
from obs_plugin.setup.steps import Call, Plan, Step, quoted, remove_input
from obs_plugin.setup.wanted import Wanted, mark


def plan_setup(inventory: Inventory, wanted: Wanted) -> Plan:
    """Steps that add to OBS what is wanted and missing, and mend what would not work; none = all is there.

    What the user has changed of jikcam's own stays as it is: places, sizes, looks, what is hidden.

    Raises:
        ObsError: a name is taken by something of the user's own, or this OBS lacks a kind of source.
    """
    _check_names(inventory, wanted)
    steps = _stale_labels(inventory, wanted)
    for scene in wanted.scenes:
        if inventory.scene(scene.name) is None:
            ours = {"sourceName": scene.name, "sourceSettings": mark(scene.name)}
            calls = Call("CreateScene", {"sceneName": scene.name}), Call("SetSourcePrivateSettings", ours)
            steps.append(Step(f"add the scene {scene.name!r}", calls))
    for feed in wanted.feeds:
        steps += plan_picture(inventory, wanted, feed)
    steps += _label(inventory, wanted)
    return Plan(inventory.collection, tuple(steps), (*wanted.warnings, *_warnings(inventory, wanted)))


def _check_names(inventory: Inventory, wanted: Wanted) -> None:
    """OBS has one name space for scenes, groups and inputs."""
    inputs = {one.name: one for one in inventory.inputs}
    groups = {group.name for group in inventory.groups}
    scenes = {scene.name for scene in inventory.scenes}
    label = wanted.label.source
    for scene in wanted.scenes:
        if scene.name in inputs or scene.name in groups:
            raise ObsError(
                f"OBS has a source named {scene.name!r}, which is to be jikcam's scene",
                "rename the source in OBS, or the scene in the preset",
            )
    for feed in wanted.feeds:
        if feed.name in scenes | groups or (feed.name in inputs and not inputs[feed.name].ours):
            raise ObsError(
                f"OBS has something of your own named {feed.name!r}, which is to be jikcam's picture",
                "rename it in OBS, or delete it if nobody needs it",
            )
    if not wanted.label.enabled:
        return
    if label in wanted.names:
        raise ObsError(f"the label can't be named {label!r} as well", "set another source in [obs.label]")
    if label in scenes | groups or (label in inputs and not inputs[label].is_text):
        raise ObsError(
            f"{label!r} in OBS is no text source", "rename it in OBS, or set another source in [obs.label]"
        )


def _stale_labels(inventory: Inventory, wanted: Wanted) -> list[Step]:
    """A label that nobody writes to any more would show an old name on air."""
    current = wanted.label.source if wanted.label.enabled else None
    stale = [one.name for one in inventory.inputs if one.ours and one.is_text and one.name != current]
    why = "the preset has another one" if current else "the preset has none"
    return [remove_input(inventory, name, f"remove the label {name!r}: {why}") for name in stale]


def _label(inventory: Inventory, wanted: Wanted) -> list[Step]:
    """The label on top of the scenes; a text source of the user's own is added to nothing."""
    label = wanted.label
    there = inventory.input(label.source)
    if not label.enabled or (there and not there.ours):
        return []
    homes = [scene.name for scene in wanted.scenes if scene.label]
    if there:
        return complete(
            inventory, "label", label.source, homes, lambda home: _label_spot(inventory, label, home)
        )
    spots = [_label_spot(inventory, label, home) for home in inventory.lacking(homes, label.source)]
    if not spots:
        return []
    kind = text_kind(inventory.kinds)
    settings = text_settings(kind, label, "", inventory.canvas[1])
    return [create("label", label.source, kind, settings, spots)]


def _label_spot(inventory: Inventory, label: ObsLabelPreset, home: str) -> Spot:
    return Spot(home, place(label, inventory.canvas))


def _warnings(inventory: Inventory, wanted: Wanted) -> list[str]:
    texts = [
        f"the scene {one.name!r} is your own and stays as it is; "
        "rename it in OBS if jikcam is to make one of that name"
        for one in wanted.scenes
        if (scene := inventory.scene(one.name)) and not scene.ours and not inventory.is_bare(scene)
        if one.feed not in inventory.sources_in(scene)
    ]
    left = [scene.name for scene in inventory.scenes if scene.ours and scene.name not in wanted.names]
    left += [i.name for i in inventory.inputs if i.ours and not i.is_text and i.name not in wanted.names]
    if left:
        texts.append(f"no longer in the preset: {quoted(left)}; delete in OBS what nobody needs")
    return texts
