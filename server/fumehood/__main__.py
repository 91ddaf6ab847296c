"""The command `fumehood`, and `python -m fumehood`."""

import signal


def run() -> None:
    """Run the command; Ctrl-C ends it at any time without a traceback."""
    handler = signal.getsignal(signal.SIGINT)
    answers = handler is signal.default_int_handler  # else it was told to ignore it
    if answers:  # While modules are imported and at the exit, there is nothing to put in order.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from fumehood.main import main

    try:
        if answers:
            signal.signal(signal.SIGINT, handler)
        main()
    finally:
        if answers:
            signal.signal(signal.SIGINT, signal.SIG_DFL)


if __name__ == "__main__":  # else it is a process that the first one has started
    run()
