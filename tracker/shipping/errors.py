"""How shipping fails, told apart without importing MLflow."""


class ShippingError(Exception):
    """MLflow did not take what was to be written; says what to do."""


class Refused(ShippingError):
    """MLflow will not take this one thing; others may pass."""


class Unreachable(ShippingError):
    """MLflow cannot be reached or does not work now; what is recorded waits in the journal.

    `iteration` is the one that was being written, empty before the first: the next try takes it last.
    """

    iteration = ""
