"""A simulator of the three servers, over real HTTP on loopback. Only the command line and tests know of it."""
