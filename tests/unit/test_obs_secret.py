"""Where OBS's password comes from, and that it is not shown on the way."""

from __future__ import annotations

import logging
import os
import pickle
import sys
import threading
import types
from pathlib import Path
from typing import Any

import pytest

from engine.errors import JikcamError
from obs_plugin import obs_settings
from obs_plugin import secret as secrets
from obs_plugin.obs_settings import read_obs_settings
from obs_plugin.secret import Secret, find_secret, keep_secret

HERE = "127.0.0.1"


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No password of this computer: neither its keyring nor its OBS."""
    monkeypatch.delenv("JIKCAM_OBS_PASSWORD", raising=False)
    monkeypatch.setitem(sys.modules, "keyring", None)
    monkeypatch.setattr(obs_settings, "obs_folders", lambda: (tmp_path / "a", tmp_path / "b"))
    monkeypatch.setattr(secrets, "_has_session_bus", lambda: True)
    monkeypatch.setattr(secrets, "_lookups", {})
    secrets._warn_once.cache_clear()


def keyring(monkeypatch: pytest.MonkeyPatch, **functions: Any) -> None:
    monkeypatch.setitem(sys.modules, "keyring", types.SimpleNamespace(**functions))


def newer(folder: Path, text: str) -> None:
    path = folder / "plugin_config" / "obs-websocket" / "config.json"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")


def ini(folder: Path, *lines: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "global.ini").write_text("\n".join(lines), encoding="utf-8-sig")


def revealed(found: Secret | None) -> str | None:
    return found.reveal() if found else None


def test_a_secret_does_not_show_itself() -> None:
    secret = Secret("hunter2")
    shown = [repr(secret), str(secret), f"{secret}", f"{secret!r:>9}", repr([secret])]
    assert not any("hunter2" in text for text in shown)
    assert secret == Secret("hunter2") and secret != Secret("hunter3") and secret != "hunter2"
    assert secret.reveal() == "hunter2" and not hasattr(secret, "__dict__")
    with pytest.raises(TypeError):
        pickle.dumps(secret)


@pytest.mark.parametrize(
    ("data", "password"),
    [
        (b"pa ss\n", "pa ss"),
        (b"pass\r\n", "pass"),
        (b"pass\n\n", "pass\n"),
        (b" pass ", " pass "),
        (b"\xef\xbb\xbfp\xc3\xa4ss\n", "päss"),
    ],
)
def test_file(tmp_path: Path, data: bytes, password: str) -> None:
    path = tmp_path / "password"
    path.write_bytes(data)
    assert revealed(find_secret(str(path), HERE, 4455)) == password


@pytest.mark.parametrize("data", [None, b"", b"\n", b"\r\n", b"x" * 5000, b"hunter2\xff"])
def test_a_file_that_will_not_do_is_told_without_its_contents(tmp_path: Path, data: bytes | None) -> None:
    path = tmp_path / "password"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(JikcamError) as caught:
        find_secret(str(path), HERE, 4455)
    assert caught.value.fix and "hunter2" not in str(caught.value)
    assert caught.value.__context__ is None or "hunter2" not in repr(caught.value.__context__)


def test_a_folder_is_no_password_file(tmp_path: Path) -> None:
    with pytest.raises(JikcamError, match="password file"):
        find_secret(str(tmp_path), HERE, 4455)


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_a_file_that_others_can_read_is_warned_of_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "password"
    path.write_text("hunter2")
    path.chmod(0o600)
    find_secret(str(path), HERE, 4455)
    assert not caplog.records
    path.chmod(0o644)
    find_secret(str(path), HERE, 4455)
    find_secret(str(path), HERE, 4455)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "chmod 600" in caplog.text and "hunter2" not in caplog.text


def test_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    newer(tmp_path / "a", '{"server_password": "of OBS", "server_port": 4455}')
    assert revealed(find_secret("", HERE, 4455)) == "of OBS"
    asked = []
    keyring(monkeypatch, get_password=lambda service, user: asked.append((service, user)) or "of keyring")
    assert revealed(find_secret("", HERE, 4455)) == "of keyring"
    assert asked == [("jikcam-obs", "127.0.0.1:4455")]
    monkeypatch.setenv("JIKCAM_OBS_PASSWORD", "of environment")
    assert revealed(find_secret("", HERE, 4455)) == "of environment"
    (tmp_path / "password").write_text("of file")
    assert revealed(find_secret(str(tmp_path / "password"), HERE, 4455)) == "of file"


def test_nothing_anywhere_is_none() -> None:
    assert find_secret("", HERE, 4455) is None


def test_a_broken_keyring_is_none_and_its_words_stay_with_it(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    def broken(*_: str) -> str:
        raise RuntimeError("hunter2")

    keyring(monkeypatch, get_password=broken, set_password=broken)
    assert find_secret("", HERE, 4455) is None
    with pytest.raises(JikcamError) as caught:
        keep_secret(HERE, 4455, "hunter2")
    assert caught.value.__context__ is None
    assert "hunter2" not in str(caught.value) + caplog.text


def test_a_keyring_that_waits_for_its_user_is_asked_once_and_answers_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    unlocked, asked = threading.Event(), []

    def waits(service: str, user: str) -> str:
        asked.append(user)
        unlocked.wait(10)
        return "late"

    monkeypatch.setattr(secrets, "_KEYRING_S", 0.05)
    keyring(monkeypatch, get_password=waits)
    assert find_secret("", HERE, 4455) is None
    assert find_secret("", HERE, 4455) is None
    unlocked.set()
    secrets._lookups["127.0.0.1:4455"].result(10)
    assert revealed(find_secret("", HERE, 4455)) == "late"
    assert len(asked) == 1


def test_without_a_session_bus_no_keyring_is_touched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(obs_settings, "obs_folders", lambda: ())
    for name in ("JIKCAM_OBS_PASSWORD", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)
    keyring(monkeypatch, get_password=lambda *_: "touched")
    assert find_secret("", HERE, 4455) is None


def test_keep_then_find(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: dict[tuple[str, str], str] = {}
    keyring(
        monkeypatch,
        get_password=lambda service, user: kept.get((service, user)),
        set_password=lambda service, user, text: kept.update({(service, user): text}),
    )
    keep_secret("studio", 4460, "hunter2")
    assert revealed(find_secret("", "studio", 4460)) == "hunter2"
    assert find_secret("", "studio", 4461) is None
    with pytest.raises(JikcamError):
        keep_secret("studio", 4460, "")


@pytest.mark.parametrize(
    ("host", "is_here"),
    [
        ("localhost", True),
        ("127.0.0.2", True),
        ("::1", True),
        ("[::1]", True),
        ("192.0.2.7", False),
        ("a.example", False),
    ],
)
def test_obs_own_password_is_only_for_obs_on_this_computer(tmp_path: Path, host: str, is_here: bool) -> None:
    newer(tmp_path / "b", '{"server_password": "own", "server_port": 4455}')
    assert revealed(find_secret("", host, 4455)) == ("own" if is_here else None)


def test_the_obs_with_the_right_port_is_chosen(tmp_path: Path) -> None:
    newer(tmp_path / "a", '{"server_password": "one", "server_port": 4455}')
    ini(tmp_path / "b", "[OBSWebSocket]", "ServerPort=4460", "ServerPassword=two")
    assert revealed(find_secret("", HERE, 4455)) == "one"
    assert revealed(find_secret("", HERE, 4460)) == "two"
    assert find_secret("", HERE, 4461) is None


def test_an_obs_that_wants_no_password_gets_none(tmp_path: Path) -> None:
    newer(tmp_path / "a", '{"server_password": "one", "server_port": 4455, "auth_required": false}')
    assert find_secret("", HERE, 4455) is None


def test_ini_as_libobs_reads_it(tmp_path: Path) -> None:
    ini(
        tmp_path,
        "[General]",
        "ServerPassword=of another table",
        "[OBSWebSocket]",
        "ServerEnabled=true",
        "ServerPort=4461",
        "AuthRequired=true",
        r'ServerPassword= a"b\\c;d=%e #é\\n\n ',
        "[Basic]",
        "ServerPort=1",
    )
    settings = read_obs_settings(tmp_path)
    assert settings is not None and settings.password is not None
    assert settings.password.reveal() == ' a"b\\c;d=%e #é\\n\n '
    assert (settings.port, settings.server_enabled, settings.auth_required) == (4461, True, True)
    assert "%e" not in repr(settings)


def test_the_newer_place_counts_first(tmp_path: Path) -> None:
    ini(tmp_path, "[OBSWebSocket]", "ServerPort=1")
    newer(tmp_path, '{"server_enabled": true, "server_port": 4462, "server_password": ""}')
    settings = read_obs_settings(tmp_path)
    assert settings is not None
    assert (settings.port, settings.server_enabled, settings.password) == (4462, True, None)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"server_port": "x"}', '{"server_port": null}', "\x00"])
def test_settings_that_cannot_be_read_are_none(tmp_path: Path, text: str) -> None:
    newer(tmp_path, text)
    ini(tmp_path, "[General]", "x=1")
    assert read_obs_settings(tmp_path) is None


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_every_system_has_its_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, platform: str) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", "")
    monkeypatch.setenv("APPDATA", "")
    first = obs_settings.obs_folders()[0].relative_to(tmp_path).as_posix()
    expected = {
        "linux": ".config/obs-studio",
        "darwin": "Library/Application Support/obs-studio",
        "win32": "AppData/Roaming/obs-studio",
    }
    assert first == expected[platform]
