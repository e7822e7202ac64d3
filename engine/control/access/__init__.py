"""Who may use the control API: addresses, tokens, login, encryption, and the guard before every route."""
