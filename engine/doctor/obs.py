"""OBS as the doctor sees it: through the OBS side's own process, because its libraries stay out of ours."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence

from engine.doctor.finding import Finding
from virtualcam.obs_app import ObsApp, find_obs

ANSWER_TIMEOUT_S = 10.0
CHECK = (sys.executable, "-m", "obs_plugin", "check", "--json")
_BY_HAND = "run: jikcam obs check"


class ObsCheck:
    """Asks the OBS side in the background, from the start to ``findings``.

    Args:
        command: what answers with a JSON list of {"name", "ok", "text"}.
        timeout_s: how long ``findings`` waits at most.
    """

    def __init__(self, command: Sequence[str] = CHECK, timeout_s: float = ANSWER_TIMEOUT_S) -> None:
        self._timeout_s = timeout_s
        self._problem = ""
        self._process: subprocess.Popen[str] | None = None
        try:
            self._process = subprocess.Popen(
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                encoding="utf-8",
                errors="replace",
            )
        except OSError as error:
            self._problem = f"the check didn't start ({error.strerror or error}); {_BY_HAND}"

    def close(self) -> None:
        """End the check; may be called twice."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def findings(self) -> list[Finding]:
        """What the OBS side found, or one finding that says why it couldn't look."""
        if self._process is None:
            return [Finding("OBS", False, self._problem or f"the check was stopped; {_BY_HAND}")]
        try:
            answer, complaint = self._process.communicate(timeout=self._timeout_s)
        except subprocess.TimeoutExpired:
            self.close()
            text = f"no answer in {self._timeout_s:g} s; restart OBS, then {_BY_HAND}"
            return [Finding("OBS", False, text)]
        code = self._process.returncode
        self._process = None
        try:
            return parse(answer)
        except ValueError:
            return [Finding("OBS", False, explain(code, complaint))]


def parse(answer: str) -> list[Finding]:
    """The findings of the OBS side's last line.

    Raises:
        ValueError: it is not a list of findings.
    """
    lines = answer.strip().splitlines()
    entries = json.loads(lines[-1] if lines else "")
    if not isinstance(entries, list) or not entries:
        raise ValueError("no list of findings")
    findings = []
    for entry in entries:
        match entry:
            case {"name": str(name), "ok": bool(ok), "text": str(text)}:
                findings.append(Finding(_one_line(name), ok, _one_line(text)))
            case _:
                raise ValueError(f"no finding: {entry!r}")
    return findings


def explain(code: int, complaint: str) -> str:
    """Why there was no usable answer and what to do, out of the last line on stderr."""
    lines = complaint.strip().splitlines()
    last = _one_line(lines[-1]) if lines else ""
    if "No module named" in last or "cannot import" in last:
        return f"the OBS part isn't complete ({last}); in jikcam's folder run: pip install '.[obs]'"
    if last.startswith("jikcam obs: "):
        return last.removeprefix("jikcam obs: ")
    return f"the check ended with exit code {code}{f' ({last})' if last else ''}; {_BY_HAND}"


def with_installed(app: ObsApp | None, findings: list[Finding]) -> list[Finding]:
    """The findings with a line on whether OBS is installed; a missing OBS needs no further complaints."""
    if app is not None:
        text = f"{app.path} {app.version}".strip()
        return [Finding("OBS Studio", True, text), *findings]
    if any(finding.ok for finding in findings):  # another computer's, or a place of its own
        return findings
    text = "not found here; only needed to show jikcam in OBS: install it from obsproject.com"
    return [Finding("OBS Studio", False, text)]


def check_obs(check: ObsCheck) -> list[Finding]:
    """Whether OBS is installed, its WebSocket server answers, and jikcam's parts are in it."""
    return with_installed(find_obs(), check.findings())


def _one_line(text: str) -> str:
    return " ".join(text.split())
