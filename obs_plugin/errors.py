"""What can go wrong with OBS, one class per thing the caller does about it."""

from __future__ import annotations

from engine.errors import JikcamError


class ObsError(JikcamError):
    """Something is wrong between jikcam and OBS; one line that says what to do."""


class ObsAwayError(ObsError):
    """There is no connection: OBS does not run, its server is off, or the link was lost just now."""


class ObsRefusedError(ObsError):
    """OBS wants a password, or another one. The message never holds it."""


class ObsTimeoutError(ObsError):
    """OBS did not answer in time; the connection was thrown away: its next answer would be this one."""


class ObsRequestError(ObsError):
    """OBS answered that it can't do what was asked.

    Attributes:
        request: type of the request, as in the obs-websocket protocol.
        code: RequestStatus of the protocol; 600 = no such resource, 601 = exists already, 207 = not ready.
        comment: OBS's own words.
    """

    def __init__(self, request: str, code: int, comment: str = "") -> None:
        self.request, self.code, self.comment = request, code, comment
        super().__init__(f"OBS could not do {request} ({code}{': ' if comment else ''}{comment})")
