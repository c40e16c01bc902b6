"""`bridge simulate`."""


def simulate() -> None:
    """To come."""
