"""The API against its own document, with cases made by schemathesis.

``JIKCAM_FUZZ_S`` says for how many seconds, in rounds with a seed each.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import from_schema
from schemathesis.engine.events import EngineFinished, FatalError, NonFatalError, ScenarioFinished
from schemathesis.generation import GenerationMode

from engine.control import ControlServer
from engine.control.library import PresetLibrary
from tests.integration.control_rig import ask, serving
from tests.integration.fuzz_engine import PRESET, PresetEngine, ShortStreaming

FUZZ_S = int(os.environ.get("JIKCAM_FUZZ_S", "20"))
ROUND_S = 20
FIRST_SEED = 20250704
#: These answer without an end, or with another protocol; tests of their own hold them to that.
ENDLESS = r"/stream/.*"
CONFIG: dict[str, Any] = {
    "max-time": ROUND_S,
    "request-timeout": 10,
    "continue-on-failure": True,
    "generation": {"max-examples": 40, "database": "none", "no-shrink": True},
    "checks": {
        # 503 is an answer where the document says so, which another check sees to.
        "not_a_server_error": {"expected-statuses": ["2xx", "3xx", "4xx", "503"]},
        # A body may be of the right shape and still name nobody; this machine needs no token.
        "positive_data_acceptance": {"enabled": False},
        "ignored_auth": {"enabled": False},
    },
}
#: Names and texts that lead further than letters by chance do.
LIKELY: dict[str, list[Any]] = {
    "view": ["main", "tall"],
    "name": ["mine", "webcam", "a b", "../mine", "Mina"],
    "toml": [
        PRESET,
        "",
        "x = 1",
        "a = " + "[" * 9000,
        "[[view]]\nname = 'main'\n[[view]]\nname='tall'\n",
        None,
    ],
    "person": ["1", "2", "9" * 16],
    "id": ["0", "1", "2"],
}


@schemathesis.serializer("application/sdp")
def offer(_context: Any, value: Any) -> bytes:
    """Half of the texts that are posted begin as an offer does."""
    if not isinstance(value, str):
        return repr(value).encode()
    return ("v=0\r\n" * (len(value) % 2) + value).encode("utf-8", "replace")


@dataclass
class Tally:
    """What a run did."""

    cases: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    operations: Counter[str] = field(default_factory=Counter)
    failures: dict[str, str] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, event: Any) -> None:
        if isinstance(event, ScenarioFinished):
            recorder = event.recorder
            self.cases += len(recorder.interactions)
            self.operations[recorder.label] += len(recorder.interactions)
            for case_id, interaction in recorder.interactions.items():
                if interaction.response is not None:
                    self.statuses[interaction.response.status_code] += 1
                for check in recorder.checks.get(case_id, ()):
                    if check.failure_info is not None:
                        case = recorder.cases[case_id].value
                        told = f"{check.failure_info.failure}\n  {case.method} {case.formatted_path}"
                        told += f" query={case.query} body={str(case.body)[:300]}"
                        self.failures.setdefault(f"{check.name} at {recorder.label}", told)
        elif isinstance(event, NonFatalError | FatalError):
            self.errors.append(str(getattr(event, "info", None) or getattr(event, "exception", event)))
        elif isinstance(event, EngineFinished):
            self.seconds += event.running_time


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ControlServer]:
    engine = PresetEngine()
    library = PresetLibrary(tmp_path / "presets")
    library.save("mine", PRESET)
    engine.run(30)
    with serving(engine, library=library, streams=ShortStreaming()) as running:
        yield running


def likely(random_: random.Random, values: Any) -> None:
    """Half of the values that stand under a likely key become likely ones."""
    if isinstance(values, dict):
        for key in values.keys() & LIKELY.keys():
            if random_.random() < 0.5:
                values[key] = random_.choice(LIKELY[key])


def run(server: ControlServer, seed: int, tally: Tally) -> None:
    """One round."""
    schema = schemathesis.openapi.from_url(
        f"{server.url}/api/openapi.json", config=SchemathesisConfig.from_dict({**CONFIG, "seed": seed})
    ).exclude(path_regex=ENDLESS)
    random_ = random.Random(seed)

    @schema.hook
    def map_case(_context: Any, case: Any) -> Any:
        if case.meta is not None and case.meta.generation.mode is GenerationMode.POSITIVE:
            likely(random_, case.body)
            likely(random_, case.path_parameters)
        return case

    for event in from_schema(schema).execute():
        tally.add(event)


@pytest.mark.slow
def test_the_api_is_as_its_document_says(server: ControlServer, tmp_path: Path) -> None:
    before = {path for path in tmp_path.rglob("*") if path.parent != tmp_path / "presets"}
    tally = Tally()
    for seed in range(FIRST_SEED, FIRST_SEED + max(1, FUZZ_S // ROUND_S)):
        run(server, seed, tally)
    print(f"\n{tally.cases} cases in {tally.seconds:.0f} s: {dict(sorted(tally.statuses.items()))}")
    print("; ".join(f"{name}: {count}" for name, count in tally.operations.most_common()))
    assert not tally.errors, "\n".join(tally.errors)
    assert not tally.failures, "\n\n".join(f"{name}:\n{told}" for name, told in tally.failures.items())
    assert tally.cases > 300 and tally.statuses[200] > 50 and tally.statuses[500] == 0
    assert {path for path in tmp_path.rglob("*") if path.parent != tmp_path / "presets"} == before
    assert all(path.suffix == ".toml" for path in (tmp_path / "presets").iterdir())
    assert ask(server, "/api/state").status == 200
