"""No endpoint runs a command, and none writes outside the folder of presets, whatever it is sent."""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from engine.control.endpoint import Role
from tests.integration.lan_rig import ENDPOINTS_ALL, Lan, lan, path_of

CONTROL = Path(__file__).parents[2] / "engine" / "control"
#: What Python itself reports when something is run or a file is changed (sys.addaudithook).
RUNS = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.startfile")
CHANGES = (
    "os.rename",
    "os.remove",
    "os.mkdir",
    "os.rmdir",
    "os.link",
    "os.symlink",
    "os.truncate",
    "os.chmod",
)
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
OUTSIDE = ("secret.toml", "sub", "elsewhere.toml")
#: In a file that no answer may show.
MARK = "plugh 4711"
GOOD = '[source]\nuri = "stage:crowd"\n'

TRICKS = st.sampled_from(
    [
        *("../secret", "..", ".", "/etc/passwd", "..\\secret", "%2e%2e%2fsecret", "....//secret"),
        *("a/../../secret", "link", "folder", "secret.toml", "CON", "nul", "com1.txt", "LPT9", "aux "),
        *("name.", "a\x00b", "\x00", "a\u2025b", "．．／secret", "a\u202eb", "e\u0301", "é", "ﬁ"),
        *("A" * 61, "ä" * 60, "-x", "--help", "~", "~root", "$HOME", "`id`", "$(id)", ";id", "|id"),
        *("a\nb", "a:b", "a:$DATA", "*", "?", "<x>", '"', " ", "", "webcam", "\\\\host\\share\\x"),
        *("file:///etc/passwd", "C:\\x", "good", "Good", "good "),
    ]
)
NAMES = TRICKS | st.text(max_size=70) | st.tuples(TRICKS, TRICKS).map("/".join)
VERBS = st.sampled_from([("PUT", ""), ("GET", ""), ("GET", "/compare"), ("POST", "/load"), ("DELETE", "")])
TEXTS = st.sampled_from([None, GOOD, "", "broken", GOOD + 'name = "x"\n'])


class Watcher:
    """Hears what Python does to the system; a hook can't be taken away, so it is told when to listen."""

    def __init__(self) -> None:
        self.listening = False
        self.ran: list[str] = []
        self.written: set[Path] = set()
        sys.addaudithook(self._hear)

    def _hear(self, event: str, args: tuple[Any, ...]) -> None:
        if not self.listening:
            return
        if event in RUNS:
            self.ran.append(f"{event} {args}")
        elif event in CHANGES or (event == "open" and isinstance(args[2], int) and args[2] & WRITES):
            paths = args[:1] if event == "open" else args
            self.written |= {Path(os.fsdecode(a)).absolute() for a in paths if isinstance(a, str | bytes)}


WATCHER = Watcher()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of presets with doors that lead out of it."""
    folder = tmp_path_factory.mktemp("home")
    (folder / "presets").mkdir()
    (folder / "sub").mkdir()
    (folder / "secret.toml").write_text(GOOD + f"# {MARK}\n")
    (folder / "elsewhere.toml").write_text(GOOD)
    (folder / "presets" / "link.toml").symlink_to(folder / "secret.toml")
    (folder / "presets" / "folder.toml").symlink_to(folder / "sub")
    (folder / "presets" / "good.toml").write_text(GOOD)
    return folder


@pytest.fixture(scope="module")
def there(home: Path) -> Iterator[Lan]:
    with lan(home / "presets") as running:
        yield running


@pytest.fixture(autouse=True)
def as_at_the_start(there: Lan) -> None:
    there.engine.preset = GOOD


def outside(home: Path) -> dict[str, str]:
    return {
        str(path.relative_to(home)): path.read_text() if path.is_file() else ""
        for path in sorted(home.rglob("*"))
        if path.relative_to(home).parts[0] != "presets"
    }


def watched(there: Lan, home: Path, method: str, path: str, body: Any) -> int:
    WATCHER.ran.clear()
    WATCHER.written.clear()
    WATCHER.listening = True
    try:
        answer = there.ask(method, path, body, token=there.token(Role.CONTROL))
    finally:
        WATCHER.listening = False
    assert WATCHER.ran == []
    stray = {p for p in WATCHER.written if home / "presets" not in p.parents and p != home / "presets"}
    assert stray == set(), f"{method} {path}"
    assert answer.status != 500 and MARK.encode() not in answer.body
    return answer.status


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@example(verb=("PUT", ""), name="link", toml=GOOD)
@example(verb=("PUT", ""), name="Folder", toml=None)
@given(verb=VERBS, name=NAMES, toml=TEXTS)
def test_no_name_of_a_preset_leads_out_of_its_folder(
    there: Lan, home: Path, verb: tuple[str, str], name: str, toml: str | None
) -> None:
    method, rest = verb
    body = {"toml": toml} if method == "PUT" else None
    for written in (quote(name, safe="", errors="replace"), quote(name, safe="/", errors="replace")):
        status = watched(there, home, method, f"/api/presets/{written}{rest}", body)
        assert status in (200, 400, 403, 404, 405, 415)
    assert set(outside(home)) == set(OUTSIDE)
    assert outside(home)["secret.toml"].endswith(f"# {MARK}\n")
    # Names of ours, plain files all of them; or the doors that were there.
    for path in (home / "presets").iterdir():
        assert path.is_symlink() or (path.suffix == ".toml" and not path.name.startswith("."))
        assert path.is_symlink() == (path.name in ("link.toml", "folder.toml"))


@pytest.mark.parametrize("name", ["CON", "nul", "LPT9", "com1"])
def test_names_that_windows_keeps_for_itself_are_refused(there: Lan, home: Path, name: str) -> None:
    assert watched(there, home, "PUT", f"/api/presets/{name}", {"toml": GOOD}) == 400


def test_nothing_is_run_or_written_by_any_endpoint(there: Lan, home: Path) -> None:
    bodies: list[Any] = [None, {}, {"view": "main"}, {"toml": GOOD}, {"toml": None}]
    bodies += [{"view": "main", "kind": "next"}, {"view": "main", "changes": {"shot": "$(id)"}}]
    bodies += [
        {"person": 1, "name": "../../x"},
        {"name": "Mina"},
        {"view": "main", "mode": "wide"},
        b"v=0\r\n",
    ]
    for endpoint in ENDPOINTS_ALL:
        endless = endpoint.socket or any("multipart" in kind for _, kind in endpoint.answers)
        if not endless:
            for body in bodies:
                watched(there, home, endpoint.method, path_of(endpoint), body)


def test_the_watcher_hears(home: Path) -> None:
    """Else the tests above would prove nothing."""
    WATCHER.written.clear()
    WATCHER.listening = True
    try:
        (home / "elsewhere.toml").write_text(GOOD)
        os.system("true")
    finally:
        WATCHER.listening = False
    assert home / "elsewhere.toml" in WATCHER.written and WATCHER.ran
    WATCHER.ran.clear()


def test_the_control_room_imports_nothing_that_runs_commands() -> None:
    banned = {"subprocess", "pty", "multiprocessing", "ctypes", "pickle", "shlex", "importlib", "runpy"}
    for path in CONTROL.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
            module = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not banned & {name.partition(".")[0] for name in [*names, *module]}, path
            called = node.func if isinstance(node, ast.Call) else None
            assert not (
                isinstance(called, ast.Name) and called.id in ("eval", "exec", "compile", "__import__")
            )
            assert not (isinstance(called, ast.Attribute) and called.attr in ("system", "popen", "startfile"))


VIEW = GOOD + '[[view]]\nname = "main"\n'
FILM = VIEW + '[[view.sink]]\nkind = "movie"\npath = "/tmp/x.mp4"\n'
THIEF = VIEW + '[[view.sink]]\nkind = "whip"\nurl = "https://evil.example/"\ntoken_file = "/x"\n'


@pytest.mark.parametrize(
    "toml",
    [FILM, THIEF, '[source]\nuri = "/etc/passwd.mp4"\n', GOOD + '[obs]\npassword_file = "/etc/shadow"\n'],
)
def test_a_director_elsewhere_reaches_no_files_or_hosts_through_a_preset(there: Lan, toml: str) -> None:
    token, preset = there.token(Role.CONTROL), there.engine.preset
    for method, path in (("POST", "/api/preset"), ("PUT", "/api/presets/mine")):
        answer = there.ask(method, path, {"toml": toml}, token=token)
        assert answer.status == 403 and "computer where jikcam runs" in answer.error
        assert there.engine.preset == preset
    assert there.ask("GET", "/api/presets/mine", token=token).status == 404
    here = {"Host": f"127.0.0.1:{there.port}"}
    assert there.ask("PUT", "/api/presets/mine", {"toml": toml}, headers=here).status == 200
    assert there.ask("DELETE", "/api/presets/mine", headers=here).status == 200


def test_a_director_elsewhere_changes_the_show_but_not_where_pictures_go(there: Lan) -> None:
    token = there.token(Role.CONTROL)
    allowed = {"toml": VIEW + 'shot = "face"\n'}
    assert there.ask("PUT", "/api/presets/mine", allowed, token=token).status == 200
    assert there.ask("DELETE", "/api/presets/mine", token=token).status == 200
