"""The command line, one file per command family; nothing heavy is imported until a command runs."""
