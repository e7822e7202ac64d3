"""The link and OBS's password: missing, wrong, changed; and that it shows up nowhere."""

from __future__ import annotations

import json
import logging
import os
import traceback
from collections.abc import Iterator
from typing import Any

import pytest

if not os.environ.get("CI"):
    pytest.importorskip("obsws_python", reason="jikcam[obs] is not installed")

from engine.errors import JikcamError
from obs_plugin.errors import ObsAwayError, ObsError, ObsRefusedError
from obs_plugin.link import Link, LinkState
from obs_plugin.secret import Secret
from tests.unit.obs_scripted import QUICK, WAIT_S, LinkRig, ScriptedObs
from tests.waiting import until

PASSWORD = "s3cr3t-Pässwörd"


@pytest.fixture
def rig() -> Iterator[LinkRig]:
    with ScriptedObs() as obs:
        rig = LinkRig(obs)
        yield rig
        rig.link.stop()


def test_passwords_wrong_missing_changed(rig: LinkRig) -> None:
    rig.obs.password = PASSWORD
    rig.link.start()
    assert "wants a password" in rig.until_state(LinkState.REFUSED).text
    with pytest.raises(ObsRefusedError):
        rig.link.request("GetVersion")
    rig.secret = Secret("wrong")
    until(lambda: "did not accept" in rig.link.status.text)
    rig.secret = Secret(PASSWORD)
    assert rig.link.wait_up(WAIT_S)
    rig.obs.password = "another"
    rig.obs.cut()
    assert "did not accept" in rig.until_state(LinkState.REFUSED).text


def test_a_password_that_cannot_be_found_is_told(rig: LinkRig) -> None:
    def fails() -> Secret | None:
        raise JikcamError("password file x is empty", "fill it")

    rig.link = Link("127.0.0.1", rig.obs.port, fails, config=QUICK)
    rig.link.start()
    assert rig.until_state(LinkState.REFUSED).text == "password file x is empty; fill it"


def test_proxies_of_the_environment_and_config_files_are_not_used(
    rig: LinkRig, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "config.toml").write_text('[connection]\nhost = "192.0.2.1"\nport = 1\npassword = "x"\n')
    monkeypatch.chdir(tmp_path)
    rig.up()


def test_the_password_is_nowhere(rig: LinkRig, caplog: Any, monkeypatch: Any) -> None:
    """Everything logged at DEBUG, on any logger, every repr, every error with its whole chain."""
    kept: list[str] = []
    caplog.set_level(logging.DEBUG)
    for name in ("obsws_python", "obsws_python.baseclient", "obsws_python.baseclient.ObsClient", "websocket"):
        monkeypatch.setattr(logging.getLogger(name), "level", logging.DEBUG)
        logging.getLogger(name).addHandler(caplog.handler)
    rig.secret = Secret(PASSWORD)
    from obs_plugin import connection as connections

    typed = connections.Connection._typed

    def keep(self: Any, error: Exception, *rest: Any) -> ObsError:
        found = typed(self, error, *rest)
        kept.extend([repr(self), repr(vars(self)), "".join(traceback.format_exception(error)), repr(error)])
        for session in self._sessions():
            kept.extend([repr(session), str(vars(session))])
        return found

    monkeypatch.setattr(connections.Connection, "_typed", keep)
    rig.obs.password = "another"
    rig.link.start()
    rig.until_state(LinkState.REFUSED)
    for bad in ({}, {"salt": "\ud800", "challenge": "x"}, {"salt": 1, "challenge": []}):
        rig.obs.hello, seen = json.dumps({"op": 0, "d": {"authentication": bad}}), len(kept)
        until(lambda seen=seen: len(kept) > seen + 20)
    rig.obs.hello, rig.obs.password = None, PASSWORD
    assert rig.link.wait_up(WAIT_S)
    current = rig.link._current
    kept += [repr(rig.link), repr(vars(rig.link)), repr(vars(current)), repr(current._events)]
    kept += [str(vars(current._events)), str(vars(current._requests))]
    rig.obs.turn = lambda session, request: session.close(1011)
    with pytest.raises(ObsAwayError) as caught:
        rig.link.request("Say")
    kept += traceback.format_exception(caught.value)
    rig.link.stop()
    for name in ("obsws_python", "obsws_python.baseclient", "obsws_python.baseclient.ObsClient", "websocket"):
        logging.getLogger(name).removeHandler(caplog.handler)
    assert len(kept) > 10
    for text in (*kept, caplog.text, repr(rig.statuses), repr(rig.secret), str(rig.secret), f"{rig.secret}"):
        assert PASSWORD not in text and "wörd" not in text
