"""Protobuf: payloads become JSON values under the names that the .proto file gives. Google's runtime does the parsing.

Not by its own JSON mapping, which writes 64-bit integers as texts and says nothing of fields that are at their default.
"""

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf import json_format
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass

from bridge.errors import Undecodable
from bridge.formats.bounds import DEEPEST, too_deep
from bridge.formats.schemas import Reader, Unfit
from bridge.formats.values import number, octets
from bridge.formats.wire import Framed

_LONGEST_REASON = 200
_WRAPPERS = frozenset(
    f"google.protobuf.{kind}Value"
    for kind in ("Bool", "Bytes", "Double", "Float", "Int32", "Int64", "String", "UInt32", "UInt64")
)
# As JSON by the runtime itself: what their own mapping says is what people expect.
_BY_THE_RUNTIME = frozenset(
    f"google.protobuf.{kind}" for kind in ("Duration", "FieldMask", "ListValue", "Struct", "Timestamp", "Value")
)
_ANY = "google.protobuf.Any"

_Plan = list[tuple[str, FieldDescriptor, Callable[[Any, int], Any]]]
"""The fields of a message: name, what it is, and what makes a value of it that stands so many levels deep."""


def protobuf_reader(kind: str, files: bytes, main: str) -> Reader:
    """The reader of a schema that was compiled: `files` is a FileDescriptorSet, first what others need; `main` the name of
    the schema's own file. Raises Unfit.
    """
    pool = DescriptorPool()
    try:
        described = FileDescriptorSet.FromString(files)
        for file in described.file:
            pool.AddSerializedFile(file.SerializeToString())
    except (DecodeError, TypeError, ValueError) as error:
        raise Unfit(f"it can't be used: {error}"[:_LONGEST_REASON]) from error
    (own,) = (file for file in described.file if file.name == main)
    classes: dict[tuple[int, ...], type[Message]] = {}
    values = _Values(pool)

    def body(framed: Framed) -> Any:
        message_class = classes.get(framed.message)
        if message_class is None:
            found = pool.FindMessageTypeByName(_full_name(own, framed.message))
            message_class = classes[framed.message] = GetMessageClass(found)
        try:
            message = message_class.FromString(framed.payload)
        except DecodeError as error:
            raise Undecodable("the payload does not fit its schema: it can't be parsed as Protobuf") from error
        if not message.IsInitialized():
            raise Undecodable("the payload lacks a field that its schema requires")
        return values.of(message, 1)

    return Reader(kind, body)


def _full_name(file: FileDescriptorProto, indexes: tuple[int, ...]) -> str:
    """Of the message that indexes name: in the file, then within each other. Raises Undecodable."""
    inside, path = file.message_type, [file.package] if file.package else []
    for index in indexes:
        # What the compiler makes of a map counts among the messages, but nobody publishes it.
        if index >= len(inside) or inside[index].options.map_entry:
            raise Undecodable(f"its schema has no message {'.'.join(map(str, indexes))}")
        path.append(inside[index].name)
        inside = inside[index].nested_type
    return ".".join(path)


class _Values:
    """Messages as JSON values."""

    def __init__(self, pool: DescriptorPool) -> None:
        self._pool = pool
        self._plans: dict[str, _Plan] = {}
        self._special: Mapping[str, Callable[[Any, int], Any]] = {
            **dict.fromkeys(_BY_THE_RUNTIME, _by_the_runtime),
            **dict.fromkeys(_WRAPPERS, self._wrapped),
            _ANY: self._any,
        }

    def of(self, message: Message, depth: int) -> Any:
        """A message that stands `depth` levels deep. Raises Undecodable."""
        if depth > DEEPEST:
            raise too_deep()
        descriptor = message.DESCRIPTOR
        special = self._special.get(descriptor.full_name)
        if special is not None:
            return special(message, depth)
        plan = self._plans.get(descriptor.full_name)
        if plan is None:
            plan = self._plans[descriptor.full_name] = self._planned(descriptor)
        # What has no presence is at its default when it is not there: the producer can't have meant anything else.
        return {
            name: value(getattr(message, name), depth)
            for name, field, value in plan
            if not field.has_presence or message.HasField(name)
        }

    def _planned(self, descriptor: Any) -> _Plan:
        return [(field.name, field, self._field(field)) for field in descriptor.fields]

    def _field(self, field: FieldDescriptor) -> Callable[[Any, int], Any]:
        if not field.is_repeated:
            return self._one(field)
        inner = field.message_type
        if inner is not None and inner.GetOptions().map_entry:
            value = self._one(inner.fields_by_name["value"])
            return lambda entries, depth: {_key(key): value(entries[key], depth + 1) for key in entries}
        item = self._one(field)
        return lambda items, depth: [item(one, depth + 1) for one in items]

    def _one(self, field: FieldDescriptor) -> Callable[[Any, int], Any]:
        match field.cpp_type:
            case FieldDescriptor.CPPTYPE_MESSAGE:
                return lambda message, depth: self.of(message, depth + 1)
            case FieldDescriptor.CPPTYPE_FLOAT | FieldDescriptor.CPPTYPE_DOUBLE:
                return lambda value, _: number(value)
            case FieldDescriptor.CPPTYPE_ENUM:
                enum: Any = field.enum_type
                names = {one.number: one.name for one in reversed(enum.values)}
                # A number that the schema has no name for stays a number.
                return lambda value, _: names.get(value, value)
            case _:
                return (lambda value, _: octets(value)) if field.type == field.TYPE_BYTES else (lambda value, _: value)

    def _wrapped(self, message: Any, depth: int) -> Any:
        return self._one(message.DESCRIPTOR.fields_by_name["value"])(message.value, depth)

    def _any(self, message: Any, depth: int) -> Any:
        """What is packed in it beside its type; of a type that the schema does not have, the bytes."""
        try:
            descriptor = self._pool.FindMessageTypeByName(message.type_url.rpartition("/")[2])
            inner = self.of(GetMessageClass(descriptor).FromString(message.value), depth + 1)
        except KeyError:
            inner = octets(message.value)
        except DecodeError as error:
            raise Undecodable("an Any does not hold what it says") from error
        return {"@type": message.type_url, **(inner if isinstance(inner, dict) else {"value": inner})}


def _key(key: Any) -> str:
    """A map's key: a text, an integer or a boolean."""
    return ("true" if key else "false") if isinstance(key, bool) else str(key)


def _by_the_runtime(message: Message, _: int) -> Any:
    try:
        return json_format.MessageToDict(message)
    except (json_format.SerializeToJsonError, ValueError) as error:
        raise Undecodable(f"a {message.DESCRIPTOR.full_name} can't be written") from error
