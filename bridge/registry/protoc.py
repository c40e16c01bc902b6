"""Protobuf's own compiler, in a process of its own: what a registry keeps is the text of .proto files."""

import asyncio
import re
import sys
from base64 import b64decode
from binascii import Error as NotBase64
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from confluent_kafka.schema_registry.confluent import meta_pb2
from confluent_kafka.schema_registry.confluent.type import decimal_pb2, variant_pb2
from confluent_kafka.schema_registry.confluent.types import decimal_pb2 as old_decimal_pb2
from google.protobuf import descriptor_pb2
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from google.protobuf.message import DecodeError

from bridge.formats.schemas import Unfit, Written

MAIN = "bridge-schema.proto"
"""What the schema's own file is called."""
_LONGEST_REASON = 200
_SECONDS = 30.0
# Our own folder, before the name of a file.
_LINE_OF = re.compile(r"^\S*/sources/")
# What no producer registers, and neither Google's packages nor protoc have as files.
_KNOWN = (descriptor_pb2, meta_pb2, decimal_pb2, old_decimal_pb2, variant_pb2)


async def compiled(schema: Written) -> bytes:
    """The FileDescriptorSet of a schema with all that it imports, first what others need. Raises Unfit."""
    with TemporaryDirectory(prefix="campaign-bridge-") as folder:
        return await _compiled(schema, Path(folder))


async def _compiled(schema: Written, folder: Path) -> bytes:
    sources, known = folder / "sources", FileDescriptorSet()
    sources.mkdir()
    for module in _KNOWN:
        known.file.add().ParseFromString(module.DESCRIPTOR.serialized_pb)
    if any(part.name == MAIN for part in schema.parts):
        raise Unfit(f"it imports {MAIN}, which is what the schema itself is called here")
    for name, text in ((MAIN, schema.text), *((part.name, part.text) for part in schema.parts)):
        described = _described(text)
        if described is None:
            path = sources / _inside(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        else:
            described.name = name
            known.file.add().CopyFrom(described)
    (folder / "known").write_bytes(known.SerializeToString())
    await _run(
        f"-I{sources}",
        *(f"-I{root}" for root in _roots()),
        f"--descriptor_set_in={folder / 'known'}",
        "--include_imports",
        f"--descriptor_set_out={folder / 'compiled'}",
        MAIN,
    )
    return (folder / "compiled").read_bytes()


def _roots() -> list[Path]:
    """Where google/type/*.proto are."""
    found = find_spec("google.type")
    return [Path(place).parent.parent for place in (found and found.submodule_search_locations) or ()]


async def _run(*arguments: str) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-I", "-m", "grpc_tools.protoc", *arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(_SECONDS):
            _, said = await process.communicate()
    except TimeoutError:
        raise Unfit(f"protoc did not compile it within {_SECONDS:g} s") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        lines = [_LINE_OF.sub("", line) for line in said.decode("utf-8", "replace").splitlines()]
        lines = [line for line in lines if "warning:" not in line]
        raise Unfit(f"protoc does not compile it: {'; '.join(lines)}"[:_LONGEST_REASON])


def _described(text: str) -> FileDescriptorProto | None:
    """Some producers register a FileDescriptorProto in base64 in place of a text."""
    try:
        return FileDescriptorProto.FromString(b64decode(text, validate=True))
    except (NotBase64, ValueError, DecodeError):
        return None


def _inside(name: str) -> PurePosixPath:
    """The path of an imported file, which stays in its folder."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\0" in name or not path.name:
        raise Unfit(f"it imports {name!r}, which is no name of a file"[:_LONGEST_REASON])
    return path
