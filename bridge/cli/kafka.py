"""`bridge kafka`."""


def kafka() -> None:
    """To come."""
