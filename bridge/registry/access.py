"""How the registry is reached, and who we are there."""

from dataclasses import dataclass, field

from bridge.settings import RegistrySettings


@dataclass(frozen=True, slots=True)
class Access:
    """All that a question needs. Made anew for each one, from the settings that are in force then."""

    urls: str
    timeout: float
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    ca_file: str | None = None
    cert_file: str | None = None
    key_file: str | None = None

    @classmethod
    def of(cls, settings: RegistrySettings) -> "Access":
        """As the settings say."""
        return cls(
            settings.url,
            settings.timeout / 1000,
            settings.user,
            None if settings.password is None else settings.password.get_secret_value(),
            None if settings.token is None else settings.token.get_secret_value(),
            settings.ca_file,
            settings.cert_file,
            settings.key_file,
        )
