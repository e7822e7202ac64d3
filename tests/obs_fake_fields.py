"""The fields of a request, checked as obs-websocket checks them: same order, same codes, same words."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Any


class Status(IntEnum):
    """RequestStatus of the protocol, as far as the fake uses it."""

    SUCCESS = 100
    UNKNOWN_REQUEST_TYPE = 204
    NOT_READY = 207
    MISSING_FIELD = 300
    MISSING_DATA = 301
    INVALID_FIELD = 400
    INVALID_FIELD_TYPE = 401
    OUT_OF_RANGE = 402
    FIELD_EMPTY = 403
    STUDIO_MODE_NOT_ACTIVE = 506
    NOT_FOUND = 600
    ALREADY_EXISTS = 601
    INVALID_TYPE = 602
    INVALID_STATE = 604
    INVALID_INPUT_KIND = 605
    INVALID_FILTER_KIND = 607
    CREATION_FAILED = 700
    CANNOT_ACT = 703


class RequestRefusedError(Exception):
    """What the request asks can't be done: RequestStatus and OBS's comment."""

    def __init__(self, code: Status, comment: str = "") -> None:
        super().__init__(f"{int(code)} {comment}")
        self.code, self.comment = code, comment


class Fields:
    """A request's `requestData`. A field that is null counts as left out, as in OBS.

    Args:
        data: whatever the client sent, of any type.
    """

    def __init__(self, data: object) -> None:
        self._data = data

    def text(self, name: str) -> str:
        """A required string, not empty."""
        return self._checked_text(name, self._required(name))

    def optional_text(self, name: str) -> str | None:
        """A string that may be left out but not be empty."""
        value = self._optional(name)
        return None if value is None else self._checked_text(name, value)

    def number(self, name: str, low: float = float("-inf"), high: float = float("inf")) -> float:
        """A required number in [low, high]."""
        return self._checked_number(name, self._required(name), low, high)

    def optional_number(
        self, name: str, low: float = float("-inf"), high: float = float("inf")
    ) -> float | None:
        """A number in [low, high] that may be left out."""
        value = self._optional(name)
        return None if value is None else self._checked_number(name, value, low, high)

    def switch(self, name: str) -> bool:
        """A required boolean."""
        return self._checked_switch(name, self._required(name))

    def optional_switch(self, name: str, default: bool) -> bool:
        """A boolean that may be left out."""
        value = self._optional(name)
        return default if value is None else self._checked_switch(name, value)

    def table(self, name: str, *, empty: bool) -> dict[str, Any]:
        """A required object; `empty` = may be {}."""
        return self._checked_table(name, self._required(name), empty)

    def optional_table(self, name: str) -> dict[str, Any]:
        """An object that may be left out or be {}."""
        value = self._optional(name)
        return {} if value is None else self._checked_table(name, value, True)

    def anything(self, name: str) -> Any:
        """A required value of any type."""
        return self._required(name)

    def _required(self, name: str) -> Any:
        if not isinstance(self._data, dict):
            raise RequestRefusedError(
                Status.MISSING_DATA, "Your request data is missing or invalid (non-object)"
            )
        value = self._data.get(name)
        if value is None:
            raise RequestRefusedError(Status.MISSING_FIELD, f"Your request is missing the `{name}` field.")
        return value

    def _optional(self, name: str) -> Any:
        return self._data.get(name) if isinstance(self._data, dict) else None

    @staticmethod
    def _checked_text(name: str, value: object) -> str:
        if not isinstance(value, str):
            raise _wrong_type(name, "a string")
        if not value:
            raise RequestRefusedError(Status.FIELD_EMPTY, f"The field value of `{name}` must not be empty.")
        return value

    @staticmethod
    def _checked_number(name: str, value: object, low: float, high: float) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise _wrong_type(name, "a number")
        if value < low:
            raise RequestRefusedError(
                Status.OUT_OF_RANGE, f"The field value of `{name}` is below the minimum of `{low:f}`"
            )
        if value > high:
            raise RequestRefusedError(
                Status.OUT_OF_RANGE, f"The field value of `{name}` is above the maximum of `{high:f}`"
            )
        return value

    @staticmethod
    def _checked_switch(name: str, value: object) -> bool:
        if not isinstance(value, bool):
            raise RequestRefusedError(
                Status.INVALID_FIELD_TYPE, f"The field value of `{name}` must be boolean."
            )
        return value

    @staticmethod
    def _checked_table(name: str, value: object, empty: bool) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise _wrong_type(name, "an object")
        if not value and not empty:
            raise RequestRefusedError(Status.FIELD_EMPTY, f"The field value of `{name}` must not be empty.")
        return dict(value)


def _wrong_type(name: str, wanted: str) -> RequestRefusedError:
    return RequestRefusedError(Status.INVALID_FIELD_TYPE, f"The field value of `{name}` must be {wanted}.")
