"""`bridge check`."""


def check() -> None:
    """To come."""
