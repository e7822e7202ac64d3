"""The word that the OBS controller leaves with the engine."""

from __future__ import annotations

from engine.control.board import SILENCE_S, ObsBoard, ObsState


def test_without_a_controller_there_is_nothing_to_tell() -> None:
    board = ObsBoard()
    board.release()
    assert board.state is None


def test_a_silent_controller_is_taken_for_gone() -> None:
    now = [100.0]
    board = ObsBoard(lambda: now[0])
    board.report(ObsState("up", "OBS 29.0.2", "Main", "manual"))
    now[0] += SILENCE_S
    assert board.state == ObsState("up", "OBS 29.0.2", "Main", "manual", 0)
    now[0] += 0.1
    gone = board.state
    assert gone and gone.state == "stopped" and gone.scene is None and "jikcam obs run" in gone.text


def test_every_release_is_counted_and_outlives_reports() -> None:
    board = ObsBoard()
    board.report(ObsState("up", "", "Main", "manual"))
    board.release()
    board.release()
    assert board.state and board.state.release == 2
    board.report(ObsState("up", "", "Main", "auto"))
    assert board.state == ObsState("up", "", "Main", "auto", 2)
