"""A history played again: from its transitions back to what the screens showed. Asks no server and writes no file."""
