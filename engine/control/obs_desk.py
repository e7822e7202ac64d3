"""The endpoints between the OBS controller and everybody else."""

from __future__ import annotations

from aiohttp import web

from engine.control.answers import Done
from engine.control.board import ObsBoard, ObsState
from engine.control.bodies import ObsBody, ObsReportBody, parse
from engine.control.commands import done
from engine.control.endpoint import Endpoint, Role

JSON = "application/json"


class ObsDesk:
    """Takes the controller's reports, and the wish that its rules go on."""

    def __init__(self, board: ObsBoard) -> None:
        self._board = board

    def endpoints(self) -> tuple[Endpoint, ...]:
        control = Role.CONTROL
        release, report = "Give the scenes back to the rules", "What the OBS controller tells of itself"
        return (
            Endpoint("POST", "/api/obs", self.release, control, release, ObsBody, JSON, answer=Done),
            Endpoint(
                "POST", "/api/obs/report", self.report, control, report, ObsReportBody, JSON, answer=Done
            ),
        )

    async def release(self, request: web.Request) -> web.Response:
        parse(ObsBody, await request.read())
        self._board.release()
        return done()

    async def report(self, request: web.Request) -> web.Response:
        body = parse(ObsReportBody, await request.read())
        self._board.report(ObsState(body.state, body.text, body.scene, body.scenes))
        return done()
