"""The WebRTC side of the metrics: per View what its viewers get, per encoder what it takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from engine.control.prometheus import Family, Sample
from engine.control.statistics import Measured

#: Key of a viewer's row -> name and meaning of its gauge; of all viewers of a View their median and 95 %.
_SPREAD = {
    "delay_ms": ("viewer_delay_milliseconds", "From capture to display, as the viewers' pages measure it."),
    "rtt_ms": ("viewer_round_trip_milliseconds", "To the viewers and back."),
    "jitter_buffer_ms": ("viewer_jitter_buffer_milliseconds", "What the viewers' browsers hold back."),
    "kbps": ("viewer_kilobits_per_second", "What one viewer gets."),
    "fps": ("viewer_pictures_per_second", "What one viewer sees."),
    "key_frame_interval_s": ("viewer_key_frame_interval_seconds", "Between two key frames."),
}
_SUMS = {
    "packets_lost": ("viewer_packets_lost", "By all present viewers since they came."),
    "packets_unrecovered": ("viewer_packets_unrecovered", "Of these, not made up for by sending again."),
    "nack": ("viewer_nacks", "Asked by present viewers to be sent again."),
    "freezes": ("viewer_freezes", "Seen by present viewers since they came."),
}
_ENCODER = {
    "fps": ("encoder_pictures_per_second", "Of one encoder."),
    "kbps": ("encoder_kilobits_per_second", "Of one encoder."),
    "viewers": ("encoder_viewers", "Who share one encoder."),
}


def streaming_families(measured: Measured, views: Iterable[str]) -> Iterator[Family]:
    """Of ``GET /metrics``."""
    names = tuple(views)
    rows = {name: [row for row in measured.viewers if row["view"] == name] for name in names}
    counts: list[Sample] = [({"view": name}, len(rows[name])) for name in names]
    yield "viewers", "gauge", "Viewers over WebRTC.", counts
    for key, (name, text) in _SPREAD.items():
        spread = {view: _known(rows[view], key) for view in names}
        yield (
            *(name, "gauge", text),
            [
                ({"view": view, "quantile": str(q)}, float(np.quantile(values, q)))
                for view, values in spread.items()
                if values
                for q in (0.5, 0.95)
            ],
        )
    for key, (name, text) in _SUMS.items():
        yield name, "gauge", text, [({"view": view}, sum(_known(rows[view], key))) for view in names]
    renditions = measured.measures.renditions
    yield (
        *("encode_milliseconds", "gauge", "Time that one encoder takes for a picture."),
        [
            ({**_rendition(row), "quantile": quantile}, row[key])
            for row in renditions
            for quantile, key in (("0.5", "encode_ms_p50"), ("0.95", "encode_ms_p95"))
            if row.get(key) is not None
        ],
    )
    for key, (name, text) in _ENCODER.items():
        known = [row for row in renditions if row.get(key) is not None]
        yield name, "gauge", text, [(_rendition(row), row[key]) for row in known]
    for name, text, value in (
        ("process_cpu_percent", "Of one core, by the engine.", measured.cpu_percent),
        (
            *("streaming_cpu_percent", "Of one core, by the streaming process."),
            measured.streaming_cpu_percent,
        ),
        ("streaming_memory_megabytes", "Of the streaming process.", measured.measures.memory_mb or None),
    ):
        yield name, "gauge", text, [] if value is None else [({}, value)]


def _known(rows: list[dict[str, Any]], key: str) -> list[float]:
    return [row[key] for row in rows if row[key] is not None]


def _rendition(row: dict[str, Any]) -> dict[str, str]:
    return {key: str(row.get(key, "")) for key in ("view", "codec", "height")}
