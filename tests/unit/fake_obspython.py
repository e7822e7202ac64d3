"""The part of OBS that a Python script sees, without OBS; settings are dicts, properties are remembered."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

SCRIPT = Path(__file__).resolve().parents[2] / "obs_plugin" / "script" / "jikcam.py"


class Property:
    def __init__(self, description: str = "", callback: Any = None) -> None:
        self.description, self.callback = description, callback
        self.items: list[tuple[str, Any]] = []


class FakeObs(ModuleType):
    """obspython; `load` and `unload` call a script in the order in which OBS 29 does."""

    LOG_INFO, LOG_WARNING = 300, 200
    OBS_TEXT_INFO, OBS_TEXT_DEFAULT, OBS_PATH_FILE = 3, 0, 0
    OBS_COMBO_TYPE_LIST, OBS_COMBO_TYPE_EDITABLE, OBS_COMBO_FORMAT_STRING = 2, 1, 3

    def __init__(self) -> None:
        super().__init__("obspython")
        self.hotkeys: dict[int, tuple[str, str, Callable[[bool], None]]] = {}
        self.keys: dict[int, list[Any]] = {}
        self.timers: list[Callable[[], None]] = []
        self.log: list[tuple[int, str]] = []
        self._last_hotkey = 0

    # -- what OBS does

    def load(self, script: ModuleType, settings: dict[str, Any]) -> None:
        script.script_defaults(settings)
        script.script_load(settings)
        script.script_update(settings)

    def unload(self, script: ModuleType) -> None:
        self.hotkeys.clear()
        self.timers.clear()
        script.script_unload()

    def press(self, name: str, down: bool = True) -> None:
        for hotkey in [h for h in self.hotkeys.values() if h[0] == name]:
            hotkey[2](down)

    def tick(self) -> list[str]:
        """Let the timers run; the whole log."""
        for timer in list(self.timers):
            timer()
        return [text for _, text in self.log]

    # -- what scripts call

    def script_log(self, level: int, text: str) -> None:
        assert "\0" not in text
        self.log.append((level, text))

    def timer_add(self, callback: Callable[[], None], interval_ms: int) -> None:
        self.timers.append(_plain(callback))

    def obs_hotkey_register_frontend(self, name: str, title: str, callback: Any) -> int:
        self._last_hotkey += 1
        self.hotkeys[self._last_hotkey] = (name, title, _plain(callback))
        return self._last_hotkey

    def obs_hotkey_load(self, hotkey: int, keys: list[Any]) -> None:
        self.keys[hotkey] = keys

    def obs_hotkey_save(self, hotkey: int) -> list[Any]:
        return self.keys.get(hotkey, [])

    def obs_data_get_array(self, settings: dict[str, Any], name: str) -> list[Any]:
        found: list[Any] = settings.get(name, [])
        return found

    def obs_data_set_array(self, settings: dict[str, Any], name: str, value: list[Any]) -> None:
        settings[name] = value

    def obs_data_array_release(self, array: list[Any]) -> None:
        assert isinstance(array, list)

    def obs_data_get_string(self, settings: dict[str, Any], name: str) -> str:
        return str(settings.get(name, ""))

    def obs_data_set_string(self, settings: dict[str, Any], name: str, value: str) -> None:
        settings[name] = value

    def obs_data_set_default_string(self, settings: dict[str, Any], name: str, value: str) -> None:
        settings.setdefault(name, value)

    def obs_properties_create(self) -> dict[str, Property]:
        return {}

    def obs_properties_get(self, props: dict[str, Property], name: str) -> Property:
        return props[name]

    def _add(self, props: dict[str, Property], name: str, text: str, *more: Any) -> Property:
        assert name not in props
        props[name] = Property(text)
        return props[name]

    obs_properties_add_text = obs_properties_add_list = obs_properties_add_path = _add

    def obs_properties_add_button(
        self, props: dict[str, Property], name: str, text: str, callback: Any
    ) -> Property:
        props[name] = Property(text, _plain(callback))
        return props[name]

    def obs_property_set_modified_callback(self, prop: Property, callback: Any) -> None:
        prop.callback = _plain(callback)

    def obs_property_set_description(self, prop: Property, text: str) -> None:
        prop.description = text

    def obs_property_set_long_description(self, prop: Property, text: str) -> None:
        assert text

    def obs_property_list_clear(self, prop: Property) -> None:
        prop.items.clear()

    def obs_property_list_add_string(self, prop: Property, text: str, value: str) -> None:
        prop.items.append((text, value))


def _plain(callback: Any) -> Any:
    """OBS silently ignores anything but a plain function (PyFunction_Check)."""
    assert type(callback) is FunctionType
    return callback


def import_script(path: Path = SCRIPT, name: str = "jikcam") -> ModuleType:
    """Import ``path`` as OBS does; loaded under that name before, it is run again in its old namespace."""
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules.get(name) or importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
