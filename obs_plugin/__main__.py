"""``python -m obs_plugin``: the same as ``jikcam obs``."""

from obs_plugin.cli import main

main()
