"""Who is where over time."""
