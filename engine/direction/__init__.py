"""Per View: is my person held, what to show, how the camera moves."""
