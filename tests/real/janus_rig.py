"""A real Janus with a VideoRoom, and Debian's simple-whip-server in front of it.

    with JanusRig(tmp_path) as rig:
        url = rig.endpoint("stage", token="secret")  # publish there (WHIP)
        ...  # watch ROOM at rig.socket_url (tests/real/janus_room.py)

Both are reached over loopback alone. For pictures Janus has this machine's own address, as it passes over
loopback there.

Known good: Janus 1.1.2, simple-whip-server of 2023-02-01. Nothing outlives the test run (see `guarded.py`).
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any

import psutil

from tests.ports import free_port
from tests.real.browser import missing
from tests.real.guarded import Guarded
from tests.waiting import until

ROOM = 1234
ROOM_VP8_ONLY = 1235

_TOOLS = Path(os.environ.get("JIKCAM_CI_TOOLS", "/opt/jikcam-ci")) / "whip-server"
_DEBIAN = Path("/usr/share/simple-whip-server/src")
_LIBRARIES = {"plugins": "libjanus_videoroom.so", "transports": "libjanus_websockets.so"}


def need_janus() -> None:
    """Skip this test where Janus or its WHIP server isn't installed; in CI fail."""
    if not (shutil.which("janus") and shutil.which("node") and _whip_server()):
        missing("janus or simple-whip-server isn't installed (.ci/packages installs them on Debian)")


class JanusRig:
    """One Janus and one WHIP server; starts, dies and comes back as told.

    Args:
        workdir: folder for all that they write; made if missing.
    """

    def __init__(self, workdir: Path) -> None:
        need_janus()
        workdir.mkdir(parents=True, exist_ok=True)
        self._workdir = workdir
        self._socket_port, self._whip_port = free_port(), free_port()
        self._janus: Guarded | None = None
        self._whip: Guarded | None = None
        _configure_janus(workdir, self._socket_port)
        _configure_whip(workdir, self._whip_port, self._socket_port)

    @property
    def socket_url(self) -> str:
        """Janus' API as a WebSocket, protocol "janus-protocol"."""
        return f"ws://127.0.0.1:{self._socket_port}"

    def __enter__(self) -> JanusRig:
        try:
            self.start_janus()
            self._start_whip()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def endpoint(self, name: str, *, token: str = "", room: int = ROOM) -> str:
        """A new WHIP address that leads into a room."""
        body = json.dumps({"id": name, "room": room, "token": token, "label": f"jikcam {name}"})
        self._call("create", body)
        return f"http://127.0.0.1:{self._whip_port}/whip/endpoint/{name}"

    def in_use(self, name: str) -> bool:
        """Whether the WHIP server thinks that somebody publishes there."""
        return any(one["id"] == name and one["enabled"] for one in json.loads(self._call("endpoints")))

    def start_janus(self) -> None:
        """Janus, once its API answers."""
        command = ["janus", "-F", str(self._workdir / "janus"), "-o"]
        self._janus = Guarded(
            command, env=dict(os.environ), cwd=self._workdir, log=self._workdir / "janus.log"
        )
        self._listens(self._janus, self._socket_port)

    def kill_janus(self) -> None:
        """As a crash does: nobody is told. The WHIP server finds out by itself."""
        if self._janus is not None:
            self._janus.end()

    def janus_cpu_s(self) -> float:
        """Processor time that Janus has used so far."""
        assert self._janus is not None
        times = psutil.Process(self._janus.pid).cpu_times()
        return float(times.user + times.system)

    def stop(self) -> None:
        """End both; may be called twice."""
        for program in (self._whip, self._janus):
            if program is not None:
                program.end(signal.SIGTERM, 2.0)

    def _start_whip(self) -> None:
        env = dict(os.environ) | {"NODE_PATH": str(_TOOLS / "node_modules"), "DEBUG": "whip:*,janus:*"}
        whip = self._workdir / "whip"
        self._whip = Guarded(["node", "server.js"], env=env, cwd=whip, log=self._workdir / "whip.log")
        self._listens(self._whip, self._whip_port)

    def _listens(self, program: Guarded, port: int) -> None:
        def listens() -> bool:
            assert program.code is None, f"it ended: {program.log.read_text()[-2000:]}"
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0

        until(listens)

    def _call(self, path: str, body: str | None = None) -> str:
        request: Any = urllib.request.Request(
            f"http://127.0.0.1:{self._whip_port}/whip/{path}",
            data=None if body is None else body.encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return str(answer.read().decode())


def _whip_server() -> Path | None:
    """The folder with the server's scripts."""
    if (_TOOLS / "ready").exists():
        return _TOOLS
    return _DEBIAN if (_DEBIAN / "server.js").exists() else None


def _configure_janus(workdir: Path, port: int) -> None:
    """Settings in libconfig's format. Of the libraries only two are there: others open ports of their own."""
    folder = workdir / "janus"
    folder.mkdir(exist_ok=True)
    for kind in ("plugins", "transports", "events", "loggers"):
        (folder / kind).mkdir(exist_ok=True)
        for library in Path("/usr/lib").glob(f"*/janus/{kind}/{_LIBRARIES.get(kind, 'none')}"):
            (folder / kind / library.name).symlink_to(library)
    folders = "".join(f'{kind}_folder = "{folder / kind}"\n' for kind in ("plugins", "transports"))
    folders += "".join(f'{kind}_folder = "{folder / kind}"\n' for kind in ("events", "loggers"))
    (folder / "janus.jcfg").write_text(
        f'general: {{\nconfigs_folder = "{folder}"\n{folders}debug_level = 4\n}}\n'
        "media: {\nipv6 = false\n}\n"
    )
    (folder / "janus.transport.websockets.jcfg").write_text(
        f'general: {{\nws = true\nws_port = {port}\nws_ip = "127.0.0.1"\nwss = false\n}}\n'
    )
    (folder / "janus.plugin.videoroom.jcfg").write_text(
        f'room-{ROOM}: {{\ndescription = "jikcam"\npublishers = 6\nvideocodec = "h264,vp8"\n}}\n'
        f'room-{ROOM_VP8_ONLY}: {{\ndescription = "as it comes"\npublishers = 6\n}}\n'
    )


def _configure_whip(workdir: Path, port: int, janus_port: int) -> None:
    server = _whip_server()
    assert server is not None
    folder = workdir / "whip"
    folder.mkdir(exist_ok=True)
    for script in ("server.js", "whip-janus.js"):
        shutil.copy(server / script, folder)
    # The port goes to Node's listen() as it is, which takes a host too; a number would mean everywhere.
    config = {
        "janus": {"address": f"ws://127.0.0.1:{janus_port}"},
        "port": {"port": port, "host": "127.0.0.1"},
        "rest": "/whip",
        "allowTrickle": True,
        "strictETags": True,
        "iceServers": [],
    }
    (folder / "config.js").write_text(f"module.exports = {json.dumps(config)};\n")
