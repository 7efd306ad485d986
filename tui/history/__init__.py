"""What was seen, on disk (SQLite): transitions and what can be learnt of them. Knows no server and no screen."""
