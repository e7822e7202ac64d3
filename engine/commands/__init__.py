"""The sub-commands of `jikcam`, one file each."""
