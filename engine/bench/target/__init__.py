"""How well a chosen person is held in a real film with truth, by the whole pipeline with real models."""
