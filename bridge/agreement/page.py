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
    environment.filters |= {"payload": _payload, "long": _long, "breaking": _breaking}
    template = environment.get_template("page.html")
    return template.render(agreement=agreement, modes=MODES)


def _visible(value: object) -> object:
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _payload(body: object) -> str:
    return orjson.dumps(body, option=orjson.OPT_INDENT_2).decode()


_LONG = 36  # letters: a UUID stays whole


def _long(text: str) -> Markup:
    """What lets code break that is longer than a UUID: if all could break, UUIDs would, at their hyphens."""
    return Markup(' class="long"') if len(text) > _LONG else Markup("")


def _breaking(text: str) -> Markup:
    """What lets a text break within a word, where one is too long."""
    return Markup(' class="long"') if max(map(len, text.split()), default=0) > _LONG else Markup("")
