"""Who is who: what is remembered of people, what new evidence says, and the belief over everybody."""
