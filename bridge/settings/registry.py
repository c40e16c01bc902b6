"""The settings of the schema registry."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from bridge.settings.kinds import Key, Kind, Password, Text, Whole, is_loopback
from bridge.settings.section import Positive, Section


def _urls(value: str) -> str:
    return ",".join(_url(one.strip()) for one in value.split(","))


def _url(value: str) -> str:
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    if parts.scheme not in ("http", "https") or not host:
        raise ValueError("must be a URL, as in https://registry:8081, or several of them with commas between")
    if parts.username is not None or parts.query or parts.fragment:
        raise ValueError("must be a URL without user, query and fragment: credentials are registry.user and .password")
    return value.rstrip("/")


class RegistrySettings(Section):
    """The schema registry of sources in avro, protobuf and json-schema. It speaks Confluent's interface."""

    url: Annotated[str, AfterValidator(_urls), Kind("URL, ...")] = Field(
        description="Where it is; with commas between, others to ask when the first does not answer. With credentials https, "
        "except for a loopback address. Redirects are not followed."
    )
    user: Text | None = Field(default=None, description="The user of basic authentication, with `password`.")
    password: Password | None = Field(
        default=None, description="Its password. Best from a mounted file: `${file:/etc/bridge/registry/password}`."
    )
    token: Key | None = Field(default=None, description="A bearer token, in place of user and password.")
    ca_file: Text | None = Field(
        default=None, description="Certificates (PEM) that may sign the registry's; default: the public ones."
    )
    cert_file: Text | None = Field(default=None, description="A certificate of ours (PEM), where it asks for one.")
    key_file: Text | None = Field(
        default=None,
        description="Its key (PEM); default: it is in `cert_file`. Files are read again for each question.",
    )
    timeout: Positive = Field(default=5_000, description="How long one answer may take.")
    patience: Positive = Field(
        default=10_000,
        description="How old a record is at least when its schema is taken to be missing: until then the registry may not "
        "have it on all of its nodes yet. Then the record goes to the dead letters.",
    )
    cache: Annotated[Whole, Field(ge=100, le=100_000)] = Field(
        default=1_000, description="Schemas that are kept in memory; those used last."
    )

    @model_validator(mode="after")
    def _fit(self) -> "RegistrySettings":
        if (self.user is None) != (self.password is None):
            raise ValueError("user and password belong together: set both")
        if self.token is not None and self.user is not None:
            raise ValueError("has a token and a user: the registry takes one of them")
        if self.key_file is not None and self.cert_file is None:
            raise ValueError("has a key_file without its cert_file")
        secret = self.user is not None or self.token is not None
        for url in self.url.split(","):
            parts = urlsplit(url)
            if secret and parts.scheme == "http" and not is_loopback(str(parts.hostname)):
                raise ValueError(
                    f"the credentials would travel to {url} unencrypted: it must begin with https "
                    "(http with credentials is for loopback addresses only)"
                )
        return self
