"""How well a camera operator works: every law of motion on the same people, judged by the same figures."""
