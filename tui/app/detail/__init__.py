"""What a detail screen says, as lines: pure functions from an entry to pieces of text. No widget."""
