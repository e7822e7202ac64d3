"""The parts of the OBS script that know nothing of OBS.

Standard library only, Python 3.8 and newer: this runs in the Python that OBS brings or was given. No thread
that is made here calls OBS: doing so after the script was unloaded crashes OBS.
"""
