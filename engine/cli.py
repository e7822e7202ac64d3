"""The `jikcam` command. Every failure that a user can cause is one line on stderr and exit code 2."""

from __future__ import annotations

import os
import sys

import cv2
import typer

from engine.commands import bench, demo, doctor, enroll, gallery, lan, models, obs, preset, run, track
from engine.errors import JikcamError
from virtualcam.sink import SinkError

app = typer.Typer(
    name="jikcam",
    help="Follow one chosen person in a wide picture and publish the crop as a virtual camera.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("run")(run.run)
app.command("demo")(demo.demo)
app.command(
    "obs",
    add_help_option=False,
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)(obs.obs)
app.command("doctor")(doctor.doctor)
app.command("lan")(lan.lan)
app.add_typer(models.app, name="models")
app.command("enroll")(enroll.enroll)
app.add_typer(gallery.app, name="gallery")
app.add_typer(preset.app, name="preset")
app.command("track")(track.track)
app.add_typer(bench.app, name="bench")


def main() -> None:
    """Run the command line; the process ends here."""
    # What OpenCV warns of comes back to the user as one line of ours.
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)
    try:
        app(prog_name="jikcam")
    except (JikcamError, SinkError) as error:
        print(f"jikcam: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # the reader of our output went away: `jikcam models list | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


if __name__ == "__main__":
    main()
