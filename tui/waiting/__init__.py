"""Waiting for targets to end: the rules, the events they make of what polling brings, and how events are written."""
