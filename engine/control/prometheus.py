"""The metrics in the Prometheus text exposition format, version 0.0.4."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.direction.target import LockState
from engine.state import EngineMetrics, EngineState

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Sample = tuple[Mapping[str, str], float]
#: Name without prefix, kind, meaning, samples.
Family = tuple[str, str, str, Iterable[Sample]]


def metrics_text(
    metrics: EngineMetrics,
    state: EngineState,
    clients: Mapping[str, int],
    more: Iterable[Family] = (),
) -> str:
    """One page of metrics; stage times are in milliseconds and cover the last few seconds.

    Args:
        clients: who is connected how often, by name of the gauge.
        more: families of other rooms; one without samples is left out.
    """
    lines: list[str] = []

    def family(name: str, kind: str, help_text: str, samples: Iterable[Sample]) -> None:
        lines.append(f"# HELP jikcam_{name} {help_text}")
        lines.append(f"# TYPE jikcam_{name} {kind}")
        lines.extend(f"jikcam_{name}{_labels(labels)} {_value(value)}" for labels, value in samples)

    def counter(name: str, help_text: str, value: int) -> None:
        family(f"{name}_total", "counter", help_text, [({}, value)])

    def gauge(name: str, help_text: str, value: float) -> None:
        family(name, "gauge", help_text, [({}, value)])

    counter("pictures", "Pictures sent to the sinks.", metrics.pictures)
    counter("late_pictures", "Pictures sent later than their time.", metrics.late_pictures)
    counter("source_frames", "Frames the source delivered.", metrics.source_frames)
    counter("dropped_frames", "Source frames that were not shown.", metrics.dropped_frames)
    counter("repeated_pictures", "Pictures shown again for want of a new one.", metrics.repeated_pictures)
    counter("observations", "Pictures that perception looked at.", metrics.observations)
    gauge("uptime_seconds", "Time since the start.", metrics.uptime_s)
    gauge("perception_hertz", "Observations per second of late.", metrics.perception_hz)
    gauge("memory_megabytes", "Resident memory of the engine.", metrics.memory_mb)
    gauge("people", "People visible in the wide picture.", len(state.people))
    for name, count in clients.items():
        gauge(name, "Connections of that kind that are open.", count)
    family(
        "view_lock",
        "gauge",
        "1 for the lock state that the View is in.",
        [({"view": v.name, "lock": s.value}, v.lock is s) for v in state.views for s in LockState],
    )
    family(
        "sink_ok",
        "gauge",
        "1 when the sink takes pictures.",
        [({"view": v.name, "sink": n}, text == "ok") for v in state.views for n, text in v.sinks.items()],
    )
    family(
        "stage_milliseconds",
        "gauge",
        "Time that one stage took per picture.",
        [
            ({"stage": s.name, "quantile": quantile}, value)
            for s in metrics.stages
            for quantile, value in (
                ("0.5", s.p50_ms),
                ("0.95", s.p95_ms),
                ("0.99", s.p99_ms),
                ("1", s.max_ms),
            )
        ],
    )
    family(
        "stage_samples",
        "gauge",
        "How many runs of the stage the times are taken from.",
        [({"stage": s.name}, s.count) for s in metrics.stages],
    )
    for name, kind, help_text, samples in more:
        if known := tuple(samples):
            family(name, kind, help_text, known)
    return "\n".join(lines) + "\n"


def _labels(labels: Mapping[str, str]) -> str:
    return "{" + ",".join(f'{k}="{_escaped(v)}"' for k, v in labels.items()) + "}" if labels else ""


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _value(value: float) -> str:
    # The format spells them NaN, +Inf and -Inf; repr() gives nan, inf and -inf.
    return {"nan": "NaN", "inf": "+Inf", "-inf": "-Inf"}.get(text := repr(float(value)), text)
