"""What clients may POST, as pydantic models: unknown keys, wrong types and non-finite numbers are errors."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    JsonValue,
    RootModel,
    Tag,
    ValidationError,
    field_validator,
)

from engine.direction.target import TargetKind, TargetRequest
from engine.errors import JikcamError
from engine.geometry import Box, Point
from engine.presets.area import AreaPreset, Corners
from engine.presets.target import MAX_NAME

#: Beyond this a JSON number is no longer exact in JavaScript (ECMA-262, Number.MAX_SAFE_INTEGER).
MAX_INTEGER = 2**53 - 1

#: Of all polygons of a show together.
MOST_CORNERS_IN_ALL = 500

Pixel = Annotated[float, Field(allow_inf_nan=False, ge=-1e6, le=1e6)]


def _has_area(box: list[float]) -> list[float]:
    if not (box[0] < box[2] and box[1] < box[3]):
        raise ValueError("must be [x0, y0, x1, y1] with x0 < x1 and y0 < y1")
    return box


#: ``[x0, y0, x1, y1]`` in source pixels.
BoxCorners = Annotated[list[Pixel], Field(min_length=4, max_length=4), AfterValidator(_has_area)]


def _a_name(text: str) -> str:
    """One line of readable letters."""
    name = " ".join(text.split())
    if not name or not name.isprintable():
        raise ValueError("must be a name in readable letters")
    return name


PersonName = Annotated[str, Field(min_length=1, max_length=MAX_NAME), AfterValidator(_a_name)]
ViewName = Annotated[str, Field(min_length=1, max_length=100)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class _Target(_Body):
    view: ViewName
    frame: int | None = Field(default=None, ge=0, le=MAX_INTEGER, description="picture the user looked at")


class PlainTarget(_Target):
    """A rule or a step that needs nothing more: ``{"view": "main", "kind": "next"}``."""

    kind: Literal["largest", "leftmost", "rightmost", "center", "next", "previous", "none"]

    def request(self) -> TargetRequest:
        return TargetRequest(TargetKind(self.kind), frame_index=self.frame)


class IndexTarget(_Target):
    """The n-th person from the left, from 1: ``{"view": "main", "kind": "index", "number": 2}``."""

    kind: Literal["index"]
    number: int = Field(ge=1, le=1000)

    def request(self) -> TargetRequest:
        return TargetRequest(TargetKind.INDEX, number=self.number, frame_index=self.frame)


class MemberTarget(_Target):
    """The n-th enrolled person, from 1; from the left where nobody is enrolled."""

    kind: Literal["member"]
    number: int = Field(ge=1, le=1000)

    def request(self) -> TargetRequest:
        return TargetRequest(TargetKind.MEMBER, number=self.number, frame_index=self.frame)


class NameTarget(_Target):
    """An enrolled person, here or not: ``{"view": "main", "kind": "name", "name": "Mina"}``."""

    kind: Literal["name"]
    name: PersonName

    def request(self) -> TargetRequest:
        return TargetRequest(TargetKind.NAME, name=self.name, frame_index=self.frame)


class PersonTarget(_Target):
    """By the id that the state shows: ``{"view": "main", "kind": "person", "number": 7}``."""

    kind: Literal["person"]
    number: int = Field(ge=0, le=MAX_INTEGER)

    def request(self) -> TargetRequest:
        return TargetRequest(TargetKind.PERSON, number=self.number, frame_index=self.frame)


class PointTarget(_Target):
    """Whoever stands there, in source pixels: ``{"view": "main", "kind": "point", "x": 9, "y": 9}``."""

    kind: Literal["point"]
    x: Pixel
    y: Pixel

    def request(self) -> TargetRequest:
        return TargetRequest(TargetKind.POINT, point=Point(self.x, self.y), frame_index=self.frame)


class BoxTarget(_Target):
    """Whoever fills the box ``[x0, y0, x1, y1]`` best, in source pixels."""

    kind: Literal["box"]
    box: BoxCorners

    def request(self) -> TargetRequest:
        return TargetRequest(TargetKind.BOX, box=Box(*self.box), frame_index=self.frame)


class TargetBody(
    RootModel[
        Annotated[
            PlainTarget | IndexTarget | MemberTarget | NameTarget | PersonTarget | PointTarget | BoxTarget,
            Field(discriminator="kind"),
        ]
    ]
):
    """Body of ``POST /api/target`` and of ``POST /api/preview``."""


class ViewBody(_Body):
    """Body of ``POST /api/view``: keys as in the preset's ``[[view]]`` table; the engine judges them."""

    view: ViewName
    changes: dict[str, JsonValue] = Field(min_length=1)

    @field_validator("changes")
    @classmethod
    def _finite(cls, changes: dict[str, JsonValue]) -> dict[str, JsonValue]:
        if not _is_finite(changes):
            raise ValueError("NaN and infinity are not allowed")
        return changes


class ClaimPoint(_Target):
    """Whoever stands there, in source pixels, is the View's own person."""

    x: Pixel
    y: Pixel

    def request(self) -> TargetRequest:
        return TargetRequest(TargetKind.POINT, point=Point(self.x, self.y), frame_index=self.frame)


class ClaimBox(_Target):
    """Whoever fills the box ``[x0, y0, x1, y1]`` best, in source pixels, is the View's own person."""

    box: BoxCorners

    def request(self) -> TargetRequest:
        return TargetRequest(TargetKind.BOX, box=Box(*self.box), frame_index=self.frame)


def _kind_of_claim(body: Any) -> str:
    return "box" if isinstance(body, ClaimBox) or (isinstance(body, dict) and "box" in body) else "point"


class ClaimBody(
    RootModel[
        Annotated[
            Annotated[ClaimPoint, Tag("point")] | Annotated[ClaimBox, Tag("box")],
            Discriminator(_kind_of_claim),
        ]
    ]
):
    """Body of ``POST /api/claim``."""


class EnrolBody(_Body):
    """Body of ``POST /api/enrol``: give the person of that id a name."""

    person: int = Field(ge=0, le=MAX_INTEGER)
    name: PersonName


class ForgetBody(_Body):
    """Body of ``POST /api/forget``: take a name back, and what is remembered under it."""

    name: PersonName


class CameraBody(_Body):
    """Body of ``POST /api/camera``: who moves the camera of a View."""

    view: ViewName
    mode: Literal["follow", "hold", "wide"]


class TakeBody(_Body):
    """Body of ``POST /api/take``: put on air who is previewed; ``how`` left out = as the preset says."""

    view: ViewName
    how: Literal["cut", "move"] | None = None


class GuardBody(_Body):
    """Body of ``POST /api/guard``: forbid changes by hand in a View that is on air, or allow them again."""

    view: ViewName
    on: bool


class ObsBody(_Body):
    """Body of ``POST /api/obs``: "auto" gives the scenes back to the rules after a switch by hand."""

    scenes: Literal["auto"]


class ObsReportBody(_Body):
    """Body of ``POST /api/obs/report``, which the OBS controller sends."""

    state: Literal["connecting", "up", "away", "refused", "stopped"]
    text: str = Field(max_length=500)
    scene: str | None = Field(default=None, max_length=500)
    scenes: Literal["auto", "manual"]


class PresetBody(_Body):
    """Body of ``POST /api/preset``.

    ``base`` is the text the editor started from. When the running preset is another by now the answer
    is 409, so that two open pages do not undo one another's work; left out, the newest wins.
    """

    toml: str
    base: str | None = None


class SaveBody(_Body):
    """Body of ``PUT /api/presets/{name}``: null keeps the running preset."""

    toml: str | None


class AreaBody(AreaPreset):
    """Body of ``POST /api/area``: polygons of corners [x, y], shares 0 to 1 of the source picture.

    Both keys must be there, so that nobody clears the stage who only meant a screen.
    """

    exclude: tuple[Corners, ...] = Field(strict=False, max_length=50)
    inside: Corners | None = Field(strict=False)

    @field_validator("exclude", mode="before")
    @classmethod
    def _not_too_fine(cls, value: Any) -> Any:
        """Checking a polygon takes the square of its corners."""
        if (
            isinstance(value, list)
            and sum(len(v) for v in value if isinstance(v, list)) > MOST_CORNERS_IN_ALL
        ):
            raise ValueError(f"too many corners; {MOST_CORNERS_IN_ALL} in all are enough")
        return value

    def preset(self) -> AreaPreset:
        return AreaPreset(exclude=self.exclude, inside=self.inside)


_Model = TypeVar("_Model", bound=BaseModel)


def parse(model: type[_Model], body: bytes) -> _Model:
    """The validated body.

    Raises:
        JikcamError: not JSON, or not of that shape; names the first key that is wrong.
    """
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        path = first["loc"]
        if len(path) > 1 and path[0] in set(TargetKind):  # "point" and "box" of a claim are such, too
            path = path[1:]  # the kind leads the path within a tagged union; users know only keys
        where = ".".join(str(part) for part in path)
        problem = f"body: {where}: {first['msg']}" if where else f"body: {first['msg']}"
        raise JikcamError(problem) from error


def _is_finite(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, dict):
        return all(_is_finite(v) for v in value.values())
    return all(_is_finite(v) for v in value) if isinstance(value, list) else True
