"""Make the peers' environment: ``python tests/benchmarks/peers/create.py FOLDER [PIP OPTIONS]``.

It takes 1.5 GB and a few minutes. PIP OPTIONS go to every installation, for example ``--index-url`` of an
index with torch built for processors only; without one, pip may fetch the larger build for graphics cards.
Nothing is installed into the environment that runs this.
"""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main(arguments: list[str]) -> int:
    """0 = made and able to list its peers."""
    if not arguments or arguments[0].startswith("-"):
        print(__doc__, file=sys.stderr)
        return 2
    folder, options = Path(arguments[0]).resolve(), arguments[1:]
    venv.create(folder, with_pip=True)
    where = {"base": str(folder), "platbase": str(folder)}
    python = Path(sysconfig.get_path("scripts", "venv", where)) / Path(sys.executable).name
    install = [str(python), "-m", "pip", "install", "--quiet", *options]
    for extra in (["-r", str(HERE / "requirements.txt")], ["--no-deps", "-r", str(HERE / "peers.txt")]):
        if subprocess.run([*install, *extra]).returncode != 0:
            return 1
    # The adapters beside this file are importable there as `peers`, wherever it is started.
    packages = Path(sysconfig.get_path("purelib", "venv", where))
    (packages / "jikcam_peers.pth").write_text(f"{HERE.parent}\n")
    print(f"{python}: give this to jikcam bench tracking as --peers-python")
    return subprocess.run([str(python), "-m", "peers", "list"]).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
