"""Set-up scripts for a fresh machine. Standard library only: they run before anything is installed."""
