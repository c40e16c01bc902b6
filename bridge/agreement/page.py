"""The document as one HTML page that needs nothing else: no scripts, no fonts, nothing from anywhere."""

import orjson
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from bridge.agreement.model import Agreement
from bridge.agreement.visible import visible
from bridge.agreement.words import MODES


def as_html(agreement: Agreement) -> str:
    """The page. The template engine escapes whatever comes from the table."""
    environment = Environment(
        loader=PackageLoader("bridge.agreement", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_visible,
    )
    environment.filters["payload"] = _payload
    template = environment.get_template("page.html")
    return template.render(agreement=agreement, modes=MODES, kinds=_KINDS)


_KINDS = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "yes or no",
    "url": "link",
    "datetime": "date and time with its zone",
    "object": "several values with names",
    "array": "list",
}


def _visible(value: object) -> object:
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _payload(body: object) -> str:
    return orjson.dumps(body, option=orjson.OPT_INDENT_2).decode()
