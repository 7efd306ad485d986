"""When to ask which server, and what is remembered of the answers. Knows no HTTP library and no screen."""
