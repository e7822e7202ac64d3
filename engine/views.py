"""From the Views of a preset to Views at work: those that show others are built upon those they show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.content import Content, Grid, Preview, Single, Split
from engine.errors import JikcamError
from engine.geometry import Size
from engine.presets import ViewPreset
from engine.presets.convert import overlay_of, view_config
from engine.timing import StageTimes
from engine.view import View
from virtualcam.sink import Sink


def build_views(
    wanted: Sequence[ViewPreset], source_size: Size, sinks: Mapping[str, Sequence[Sink]], times: StageTimes
) -> list[View]:
    """Every View, in the order of the preset.

    Args:
        sinks: of each View, by its name.

    Raises:
        JikcamError: a View shows one that is not there, or goes by one that follows nobody itself.
    """
    return _Builder(wanted, source_size, sinks, times).build()


class _Builder:
    def __init__(
        self,
        wanted: Sequence[ViewPreset],
        source_size: Size,
        sinks: Mapping[str, Sequence[Sink]],
        times: StageTimes,
    ) -> None:
        self._wanted = {view.name: view for view in wanted}
        self._source_size = source_size
        self._sinks = sinks
        self._times = times
        self._built: dict[str, View] = {}

    def build(self) -> list[View]:
        return [self._view(name, name) for name in self._wanted]

    def _view(self, name: str, shown_by: str) -> View:
        if name in self._built:
            return self._built[name]
        table = self._wanted.get(name)
        if table is None:
            raise JikcamError(
                f"view {shown_by!r} shows {name!r}, which is not there",
                f"the views are: {', '.join(self._wanted)}",
            )
        config, overlay = view_config(table), overlay_of(table)
        content = self._content(table)
        view = View(config, self._source_size, self._sinks.get(name, ()), overlay, self._times, content)
        self._built[name] = view
        return view

    def _content(self, table: ViewPreset) -> Content:
        config, size = view_config(table), self._source_size
        if table.grid:
            return Grid([self._view(name, table.name) for name in table.grid])
        if table.split:
            a, b = (self._single(name, table.name) for name in table.split)
            return Split(config, size, (a, b))
        if table.preview_of:
            return Preview(config, size, self._single(table.preview_of, table.name), table.preview_of)
        return Single(config, size)

    def _single(self, name: str, shown_by: str) -> Single:
        content = self._view(name, shown_by).content
        if not isinstance(content, Single):
            raise JikcamError(
                f"view {shown_by!r} goes by view {name!r}, which follows nobody itself",
                "name a View with a person of its own",
            )
        return content
