"""What a person can mend."""


class SimulatorError(Exception):
    """The message says what is wrong and what to do; it is shown as it is, without a trace."""
