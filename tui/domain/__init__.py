"""What scans are, in words of our own. Standard library only; knows no server, no wire and no screen."""
