"""From what is in OBS to the steps that take away what jikcam has made."""

from __future__ import annotations

from engine.presets.obs import SCENE_PREFIX
from obs_plugin.setup.inventory import Inventory, Scene
from obs_plugin.setup.steps import Call, Plan, Step, draw, quoted, remove_input


def plan_remove(inventory: Inventory) -> Plan:
    """Steps that remove jikcam's pictures, label and scenes.

    A scene stays that holds something of the user's own, or without which OBS would have none.
    """
    emptied = [scene for scene in inventory.scenes if scene.ours and inventory.is_bare(scene)]
    warnings = [_kept(inventory, scene) for scene in inventory.scenes if scene.ours and scene not in emptied]
    warnings += [
        f"the scene {scene.name!r} stays: it does not bear jikcam's mark; delete it in OBS if nobody needs it"
        for scene in inventory.scenes
        if not scene.ours and _looks_like_ours(scene) and inventory.is_bare(scene)
    ]
    staying = [scene for scene in inventory.scenes if scene not in emptied]
    others = [scene.name for scene in sorted(staying, key=lambda scene: scene.ours)]
    if emptied and not others:
        last = next((scene for scene in emptied if scene.name == inventory.program), emptied[0])
        emptied.remove(last)
        others = [last.name]
        warnings.append(f"the scene {last.name!r} stays, empty: OBS needs one")
    steps: list[Step] = []
    if inventory.program in (scene.name for scene in emptied):
        switch = Call("SetCurrentProgramScene", {"sceneName": others[0]})
        steps.append(Step(f"switch to the scene {others[0]!r}", (switch,)))
    for one in inventory.inputs:
        if one.ours:
            what = "label" if one.is_text else "picture"
            steps.append(remove_input(inventory, one.name, f"remove the {what} {one.name!r}"))
    steps += [_remove_scene(inventory, scene, [s.name for s in emptied]) for scene in emptied]
    return Plan(inventory.collection, tuple(steps), tuple(warnings))


def _remove_scene(inventory: Inventory, scene: Scene, going: list[str]) -> Step:
    holders = [holder.name for holder in inventory.holders(scene.name) if holder.name not in going]
    text = f"remove the scene {scene.name!r}"
    if holders:
        text += f" (it is also in your {quoted(holders)})"
    calls = Call("RemoveScene", {"sceneName": scene.name}), *map(draw, holders)
    return Step(text, tuple(calls), gone=(scene.name,))


def _kept(inventory: Inventory, scene: Scene) -> str:
    return f"the scene {scene.name!r} stays: it holds {quoted(inventory.users_items(scene))} of your own"


def _looks_like_ours(scene: Scene) -> bool:
    return scene.name == SCENE_PREFIX or scene.name.startswith(SCENE_PREFIX + " ")
