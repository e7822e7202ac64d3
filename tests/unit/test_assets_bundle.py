"""The .task bundle: a stored, aligned, dateless zip."""

from __future__ import annotations

import io
import struct
import zipfile

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.assets.bundle import Member, task_bundle

MEMBERS = st.lists(
    st.builds(
        Member, entry=st.from_regex(r"[a-z_]{1,30}\.tflite", fullmatch=True), model=st.binary(max_size=200)
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda member: member.entry,
)


@settings(max_examples=40)
@given(MEMBERS)
def test_models_lie_uncompressed_at_multiples_of_16(members: list[Member]) -> None:
    data = task_bundle(members)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert [info.filename for info in archive.infolist()] == [member.entry for member in members]
        for info, member in zip(archive.infolist(), members, strict=True):
            name_bytes, extra_bytes = struct.unpack_from("<HH", data, info.header_offset + 26)
            start = info.header_offset + 30 + name_bytes + extra_bytes
            assert start % 16 == 0
            assert info.compress_type == zipfile.ZIP_STORED
            assert data[start : start + info.file_size] == member.model


def test_neither_clock_nor_system_shows() -> None:
    data = task_bundle([Member("a.tflite", b"model")])
    assert data == task_bundle([Member("a.tflite", b"model")])
    (info,) = zipfile.ZipFile(io.BytesIO(data)).infolist()
    assert info.date_time == (1980, 1, 1, 0, 0, 0)
    assert info.create_system == 3
