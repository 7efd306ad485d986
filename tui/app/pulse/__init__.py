"""What the pulse view says, made of values: one block a server, and how the blocks stand on the screen."""
