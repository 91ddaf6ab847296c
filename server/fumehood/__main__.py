"""`python -m fumehood`."""

from fumehood.main import main

if __name__ == "__main__":  # else it is a process that the first one has started
    main()
