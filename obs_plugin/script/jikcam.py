"""jikcam in OBS Studio: hotkeys, and a small panel in Tools > Scripts. Add this file there.

Runs inside OBS, in the Python of OBS: standard library only, Python 3.8 and newer. OBS calls the functions
here from its threads, the one that renders among them, so none of them does any I/O: they hand jobs to
`jikcam_script.worker` and copy what it knows. The folder `jikcam_script` must lie beside this file.
"""

from __future__ import annotations

import atexit
import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import obspython as obs  # type: ignore[import-not-found]

PARTS = "jikcam_script"


def _load_parts() -> None:
    """Load the folder beside this file anew: OBS's Python keeps modules while a script is loaded again.

    Otherwise an upgraded file here would meet the old ones there.
    """
    for name in [n for n in sys.modules if n == PARTS or n.startswith(PARTS + ".")]:
        del sys.modules[name]
    folder = Path(__file__).resolve().parent / PARTS
    if not folder.is_dir():
        raise ImportError(f"the folder {PARTS} is missing beside jikcam.py; copy both")
    spec = importlib.util.spec_from_file_location(
        PARTS, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[PARTS] = module
    spec.loader.exec_module(module)


if TYPE_CHECKING:
    from obs_plugin.script.jikcam_script.actions import ACTIONS, Action, person
    from obs_plugin.script.jikcam_script.address import DEFAULT_ADDRESS
    from obs_plugin.script.jikcam_script.process import EngineProcess, command_line, end_kept, find_program
    from obs_plugin.script.jikcam_script.worker import EngineWorker
else:
    _load_parts()
    from jikcam_script.actions import ACTIONS, Action, person
    from jikcam_script.address import DEFAULT_ADDRESS
    from jikcam_script.process import EngineProcess, command_line, end_kept, find_program
    from jikcam_script.worker import EngineWorker

NEWS_EVERY_MS = 250
#: Actions that have a button too.
BUTTONS = ("jikcam.next", "jikcam.previous", "jikcam.wide", "jikcam.hold", "jikcam.release")
#: Of the list of people: nobody chosen. Text, because OBS gives a number as 0 when it shows the panel.
NOBODY = ""
#: Counts loaded copies of this script, on the module that all scripts share.
COPIES = "jikcam_copies"


class Session(NamedTuple):
    """What lives between script_load and script_unload."""

    worker: EngineWorker
    process: EngineProcess
    hotkeys: dict[str, int]


class StartChoice(NamedTuple):
    """What Start engine starts."""

    program: str
    preset: str
    arguments: str


#: Stays when the script is loaded again, as Python runs a reloaded module in its old namespace: the engine
#: that was started (so that the show goes on), and how often OBS has this very module loaded.
_kept: dict[str, Any] = globals().get("_kept") or {"loads": 0, "session": None}
_start = StartChoice("", "", "")


def _end_engine() -> None:
    end_kept(_kept)


if "ends" not in _kept:
    _kept["ends"] = True
    # OBS ends its Python when it quits, and only then; a reload or another scene collection does not.
    atexit.register(_end_engine)


def script_description() -> str:
    """Shown above the panel; OBS takes HTML."""
    return (
        "<b>jikcam</b>: follow one chosen person. Set keys in Settings &gt; Hotkeys, they begin with "
        "<i>jikcam:</i>. After an upgrade press Reload Scripts."
    )


def script_defaults(settings: Any) -> None:
    """What holds until the user says otherwise."""
    obs.obs_data_set_default_string(settings, "address", DEFAULT_ADDRESS)


def script_load(settings: Any) -> None:
    """Register the hotkeys and start the worker."""
    _kept["loads"] += 1
    copies = getattr(obs, COPIES, 0) + 1
    setattr(obs, COPIES, copies)
    if copies > 1:
        obs.script_log(
            obs.LOG_WARNING,
            "jikcam is in the list of scripts twice; remove one and restart OBS (this one rests)",
        )
        return
    process = EngineProcess(_kept)
    worker = EngineWorker(process.tend, lambda: process.running)
    hotkeys = {action.name: _register(action, settings) for action in ACTIONS}
    _kept["session"] = Session(worker, process, hotkeys)
    script_update(settings)
    worker.start()
    obs.timer_add(_tell_news, NEWS_EVERY_MS)


def script_update(settings: Any) -> None:
    """The user has changed something in the panel; also called after script_load."""
    global _start
    _start = StartChoice(*(obs.obs_data_get_string(settings, key).strip() for key in StartChoice._fields))
    if (session := _session()) is not None:
        session.worker.configure(
            obs.obs_data_get_string(settings, "address"), obs.obs_data_get_string(settings, "view")
        )


def script_save(settings: Any) -> None:
    """OBS saves the scene collection: add which keys are bound."""
    if (session := _session()) is not None:
        for name, hotkey in session.hotkeys.items():
            keys = obs.obs_hotkey_save(hotkey)
            obs.obs_data_set_array(settings, name, keys)
            obs.obs_data_array_release(keys)


def script_unload() -> None:
    """The script is removed or loaded again, or OBS quits: never wait. OBS has dropped the callbacks."""
    _kept["loads"] -= 1
    setattr(obs, COPIES, getattr(obs, COPIES, 1) - 1)
    session = _session()
    if session is not None and _kept["loads"] == 0:
        _kept["session"] = None
        session.worker.close()


def script_properties() -> Any:
    """The panel, with what is known now; OBS asks for it anew after a button."""
    props = obs.obs_properties_create()
    target = obs.obs_properties_add_list(
        props, "target", "Follow", obs.OBS_COMBO_TYPE_LIST, obs.OBS_COMBO_FORMAT_STRING
    )
    obs.obs_property_set_modified_callback(target, _on_target)
    for action in ACTIONS:
        if action.name in BUTTONS:
            label = action.title[:1].upper() + action.title[1:]
            obs.obs_properties_add_button(props, action.name, label, _button(action))
    # Below those buttons: the status grows and shrinks, and on air they must not move under the mouse.
    obs.obs_properties_add_text(props, "status", "", obs.OBS_TEXT_INFO)
    obs.obs_properties_add_button(props, "refresh", "Refresh", _on_refresh)
    view = obs.obs_properties_add_list(
        props, "view", "View (empty: the first)", obs.OBS_COMBO_TYPE_EDITABLE, obs.OBS_COMBO_FORMAT_STRING
    )
    obs.obs_property_set_long_description(view, "Which of the engine's pictures the keys steer")
    obs.obs_properties_add_text(props, "address", "Engine address", obs.OBS_TEXT_DEFAULT)
    obs.obs_properties_add_button(props, "start", "Start engine", _on_start)
    obs.obs_properties_add_button(props, "stop", "Stop engine", _on_stop)
    obs.obs_properties_add_text(props, "preset", "Preset (empty: webcam)", obs.OBS_TEXT_DEFAULT)
    obs.obs_properties_add_text(props, "arguments", "More options of jikcam run", obs.OBS_TEXT_DEFAULT)
    obs.obs_properties_add_path(
        props, "program", "jikcam program (empty: find it)", obs.OBS_PATH_FILE, "", ""
    )
    _fill(props)
    return props


def _session() -> Session | None:
    session: Session | None = _kept["session"]
    return session


def _register(action: Action, settings: Any) -> int:
    hotkey: int = obs.obs_hotkey_register_frontend(action.name, "jikcam: " + action.title, _pressed(action))
    keys = obs.obs_data_get_array(settings, action.name)
    obs.obs_hotkey_load(hotkey, keys)
    obs.obs_data_array_release(keys)
    return hotkey


# OBS takes plain functions only, no bound methods and no partials.
def _pressed(action: Action) -> Callable[[bool], None]:
    def pressed(down: bool) -> None:
        if down:
            _send(action)

    return pressed


def _button(action: Action) -> Callable[[Any, Any], bool]:
    def clicked(props: Any, prop: Any) -> bool:
        _send(action)
        return _on_refresh(props, prop)

    return clicked


def _send(action: Action) -> None:
    if (session := _session()) is not None:
        session.worker.send(action.title, action.calls)


def _on_refresh(props: Any, prop: Any) -> bool:
    _fill(props)
    return True


def _on_target(props: Any, prop: Any, settings: Any) -> bool:
    number = obs.obs_data_get_string(settings, "target")
    if not number.isdigit():  # OBS calls this when it shows the panel, too
        return False
    # The list gives orders and keeps none: nobody must be chosen anew when OBS starts.
    obs.obs_data_set_string(settings, "target", NOBODY)
    _send(person(int(number)))
    return True


def _on_start(props: Any, prop: Any) -> bool:
    if (session := _session()) is not None:
        choice = _start
        session.worker.post("Start engine", lambda: _start_engine(session, choice))
    return _on_refresh(props, prop)


def _on_stop(props: Any, prop: Any) -> bool:
    if (session := _session()) is not None:
        session.worker.post("Stop engine", session.process.stop)
    return _on_refresh(props, prop)


def _start_engine(session: Session, choice: StartChoice) -> str:
    """In the worker's thread."""
    port = session.worker.port_to_start_at()
    program = choice.program or find_program(Path(__file__))
    return session.process.start(command_line(program, choice.preset, choice.arguments, port))


def _tell_news() -> None:
    if (session := _session()) is not None:
        for line in session.worker.take_news():
            # No warning: it would open OBS's log window over the show.
            obs.script_log(obs.LOG_INFO, line)


def _fill(props: Any) -> None:
    """Put what the worker knows into the panel."""
    session = _session()
    if session is None:
        return
    sight = session.worker.sight
    obs.obs_property_set_description(obs.obs_properties_get(props, "status"), sight.status)
    target = obs.obs_properties_get(props, "target")
    obs.obs_property_list_clear(target)
    obs.obs_property_list_add_string(
        target, "choose a person..." if sight.people else "nobody is seen", NOBODY
    )
    for place, (number, called) in enumerate(sight.people, 1):
        obs.obs_property_list_add_string(target, f"{place} from the left: {called}", str(number))
    view = obs.obs_properties_get(props, "view")
    obs.obs_property_list_clear(view)
    for name in ("", *sight.views):
        obs.obs_property_list_add_string(view, name, name)
