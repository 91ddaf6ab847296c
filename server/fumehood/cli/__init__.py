"""The command line: check, fix, try and rule."""
