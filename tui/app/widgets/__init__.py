"""Widgets: they draw values on the line API; none of them asks a server anything."""
