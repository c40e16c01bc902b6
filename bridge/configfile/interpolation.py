"""References inside a text: `${NAME}`, `${NAME:-default}` and `${file:/path}`.

They are read after parsing, so a value can never change the structure of a file, and what comes out is always text.
An empty variable counts as unset. `$${` stands for a literal `${`.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from bridge.configfile.files import read_file

_REFERENCE = re.compile(r"\$(?P<literal>\$)\{|\$\{(?P<inside>[^}]*)(?P<end>\}?)")
_VARIABLE = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>.*))?", re.DOTALL)
_FILE = "file:"
_LARGEST_SECRET = 65_536


def interpolate(
    text: str,
    environ: Mapping[str, str],
    complain: Callable[[str], None],
    reads: Callable[[Path], None] = lambda _: None,
) -> str:
    """`text` with its references replaced. Each that can't be is told to `complain`, and replaced by nothing.

    `reads` is told of every file that is referred to, also of one that can't be read.
    """

    def replacement(match: re.Match[str]) -> str:
        if match["literal"]:
            return "${"
        try:
            return _value(match["inside"], environ, reads, closed=bool(match["end"]))
        except ValueError as error:
            complain(str(error))
            return ""

    return _REFERENCE.sub(replacement, text) if "${" in text else text


def _value(inside: str, environ: Mapping[str, str], reads: Callable[[Path], None], *, closed: bool) -> str:
    if not closed:
        raise ValueError("${ without its }; write $${ for a literal ${")
    if inside.startswith(_FILE):
        return _secret(inside.removeprefix(_FILE), reads)
    variable = _VARIABLE.fullmatch(inside)
    if variable is None:
        raise ValueError(
            # Without what stands there: it may be a part of a password.
            "what begins with ${ is none of ${NAME}, ${NAME:-default} and ${file:/path}; write $${ for a literal ${"
        )
    name, default = variable["name"], variable["default"]
    value = environ.get(name) or default
    if value is None:
        raise ValueError(
            f"the environment variable {name} is not set (or empty): set it, or give a default as in ${{{name}:-default}}"
        )
    return value


def _secret(name: str, reads: Callable[[Path], None]) -> str:
    path = Path(name)
    if not path.is_absolute():
        raise ValueError(f"${{file:{name}}}: the path must begin with /")
    reads(path)
    try:
        content = read_file(path, _LARGEST_SECRET + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a path"
        raise ValueError(f"can't read the file {name}: {reason}; mount the secret there, or mend the path") from error
    if len(content) > _LARGEST_SECRET:
        raise ValueError(f"the file {name} is larger than {_LARGEST_SECRET} bytes: that is no secret")
    try:
        text = content.decode().strip()
    except UnicodeDecodeError as error:
        raise ValueError(f"the file {name} is not UTF-8") from error
    if not text:
        raise ValueError(f"the file {name} is empty")
    return text
