"""Why nothing is promoted."""


class PromotionError(Exception):
    """The message says what is wrong and what to do, one reason a line; it is shown as it is, without a trace."""
