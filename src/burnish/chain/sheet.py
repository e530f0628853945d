"""Sheets: records of settings as YAML that a person reads and edits, and read again with care.

What is written is read back to the same numbers, bit for bit. What a person changed is checked, and
a fault is named with file and line: ``song.recall.yaml:31: release_ms=0.2: must be 1 to 1000 ms``.
"""

import math
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import yaml

from burnish.chain.plan import Step
from burnish.errors import InputError, SettingError
from burnish.processors import processor_type
from burnish.settings import Settings, inner_settings

Record = TypeVar("Record", bound=Settings)

MOST_BYTES = 4 * 1024 * 1024
"""A sheet holds some hundred lines; what is larger than this is not a sheet."""


def load_record(path: str | os.PathLike[str], model: type[Record], kind: str) -> Record:
    """Read and check a YAML file that a person wrote as one record of settings.

    ``kind`` is what such a file is called in a sentence. Faults as with ``load``.
    """
    return load_written(path, model, kind).record


@dataclass(frozen=True)
class Written(Generic[Record]):
    """What a file says, and where: the line of each setting, by the way that leads to it."""

    record: Record
    lines: Mapping[tuple[str | int, ...], int]

    def line(self, *way: str | int) -> int:
        """The line of a setting; of what holds it, where it does not stand there itself."""
        while way and way not in self.lines:
            way = way[:-1]
        return self.lines.get(way, 1)


def load_written(path: str | os.PathLike[str], model: type[Record], kind: str) -> Written[Record]:
    """As ``load_record``, with the lines, for faults that only show when all is read."""
    return SheetReader(str(path)).written(read_sheet(Path(path), kind), model, kind)


def read_sheet(path: Path, kind: str) -> bytes:
    """The bytes of a sheet; what cannot be one is an ``InputError`` that calls it a ``kind``."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise InputError(
            "recall-unreadable", f"{path}: cannot be read: {error.strerror or error}"
        ) from None
    if len(data) > MOST_BYTES or b"\0" in data:
        raise InputError("recall-unreadable", f"{path}: this is not a {kind}")
    return data


def block(value: Any) -> str:
    """A value as it stands in a sheet, over as many lines as it takes."""
    return yaml.dump(
        value, Dumper=_Writer, sort_keys=False, allow_unicode=True, width=100, indent=2
    )


def one_line(value: Any) -> str:
    """A value of a sheet in one line, whatever it holds."""
    text = yaml.dump(
        value,
        Dumper=_LineWriter,
        sort_keys=False,
        allow_unicode=True,
        width=math.inf,
        default_flow_style=True,
    )
    return str(text).removesuffix("...\n").rstrip("\n")


# What a plain word may mean: fewer things than YAML 1.1 makes of it. `on`, `no` and `12:30` are
# words, 1e-3 is a number, 2026-11-20 is not a date.
_PLAIN = {
    "tag:yaml.org,2002:bool": (r"true|True|false|False", "tTfF"),
    "tag:yaml.org,2002:null": (r"~|null|Null|", "~nN\0"),
    "tag:yaml.org,2002:int": (r"[-+]?[0-9]+", "-+0123456789"),
    "tag:yaml.org,2002:float": (
        r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|[-+]?\.inf|\.nan",
        "-+.0123456789",
    ),
}


def _resolvers() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    found: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
    for tag, (pattern, firsts) in _PLAIN.items():
        for first in firsts:
            found.setdefault("" if first == "\0" else first, []).append(
                (tag, re.compile(rf"^(?:{pattern})$"))
            )
    return found


class _Writer(yaml.SafeDumper):
    """Block style for people, rows of numbers on one line, no anchors."""

    yaml_implicit_resolvers = _resolvers()

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _row(writer: yaml.SafeDumper, values: Any) -> yaml.Node:
    flat = all(isinstance(value, int | float) for value in values)
    return writer.represent_sequence("tag:yaml.org,2002:seq", values, flow_style=flat)


_Writer.add_representer(list, _row)
_Writer.add_representer(tuple, _row)


class _LineWriter(_Writer):
    """Text with more than one line stays in quotes on one."""


def _quoted(writer: yaml.SafeDumper, text: str) -> yaml.Node:
    style = '"' if len(f"{text}.".splitlines()) > 1 else None
    return writer.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _flowing(writer: yaml.SafeDumper, values: Any) -> yaml.Node:
    return writer.represent_sequence("tag:yaml.org,2002:seq", values, flow_style=True)


_LineWriter.add_representer(str, _quoted)
_LineWriter.add_representer(list, _flowing)


class _Reader(yaml.SafeLoader):
    """Plain words as above, and neither anchors nor aliases."""

    yaml_implicit_resolvers = _resolvers()

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            alias = self.get_event()  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(
                problem="a sheet has no anchors and aliases", problem_mark=alias.start_mark
            )
        return super().compose_node(parent, index)


class SheetReader:
    """Builds the records of one sheet, which faults call by ``name``, from nodes with lines."""

    def __init__(self, name: str) -> None:
        self.name = name

    def written(self, data: bytes, model: type[Record], kind: str) -> Written[Record]:
        """A whole sheet as one record."""
        node = self.composed(data)
        if not isinstance(node, yaml.MappingNode):
            raise self.fault(1, "recall-not-a-sheet", f"this is not a {kind}")
        return Written(self.record(model, node), dict(self._places(node)))

    def _places(
        self, node: yaml.Node, way: tuple[str | int, ...] = ()
    ) -> Iterator[tuple[tuple[str | int, ...], int]]:
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                yield (*way, str(key.value)), self.line(key)
                yield from self._places(value, (*way, str(key.value)))
        elif isinstance(node, yaml.SequenceNode):
            for i, item in enumerate(node.value):
                yield (*way, i), self.line(item)
                yield from self._places(item, (*way, i))

    def composed(self, data: bytes) -> yaml.Node | None:
        """The sheet as nodes; None: it is empty."""
        try:
            text = data.decode("utf-8-sig")
            reader = _Reader(text)
            try:
                node: yaml.Node | None = reader.get_single_node()
            finally:
                reader.dispose()
        except UnicodeDecodeError as error:
            line = data[: error.start].count(b"\n") + 1
            raise self.fault(line, "recall-yaml", "this is not UTF-8 text") from None
        except yaml.reader.ReaderError as error:
            line = text[: error.position].count("\n") + 1
            raise self.fault(
                line, "recall-yaml", f"character #x{error.character:x} is not allowed"
            ) from None
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            raise self.fault(
                mark.line + 1 if mark else 1, "recall-yaml", f"bad YAML: {error.problem}"
            ) from None
        except RecursionError:
            raise self.fault(1, "recall-yaml", "bad YAML: nested too deep") from None
        return node

    def record(self, model: type[Record], node: yaml.Node) -> Record:
        """The record that stands at a node, with all that is in it."""
        if not isinstance(node, yaml.MappingNode):
            raise self.fault(
                self.line(node), "setting-range", f"must hold settings: {_names(model)}"
            )
        pairs = dict(self.pairs(node))
        values: dict[str, Any] = {}
        for name, value in pairs.items():
            inner = inner_settings(model, name)
            if model is Step and name == "settings":
                inner = self._processor(pairs, node)
                if inner is not None and self.plain(value) is not None:
                    values[name] = self.record(inner, value)
                    continue
            if inner is not None and isinstance(value, yaml.MappingNode):
                values[name] = self.record(inner, value)
            elif inner is not None and isinstance(value, yaml.SequenceNode):
                values[name] = tuple(self.record(inner, item) for item in value.value)
            elif _is_text(model, name) and isinstance(value, yaml.ScalarNode):
                # A song may be called 1999 or 007, a UPC may begin with 0: text keeps its letters.
                values[name] = None if self.plain(value) is None else str(value.value)
            else:
                values[name] = self.plain(value)
        try:
            return model(**values)
        except SettingError as error:
            # The sentence begins with the setting's name: "release_ms=0.2: must be ...".
            named = re.match(r"\w+", error.sentence)
            lines = {key.value: self.line(key) for key, _ in node.value}
            line = lines.get(named.group() if named else "", self.line(node))
            raise self.fault(line, error.code, error.sentence) from None

    def _processor(self, pairs: dict[str, yaml.Node], node: yaml.Node) -> type[Settings] | None:
        if "processor" not in pairs:
            return None  # Step says that it is missing
        try:
            return processor_type(str(self.plain(pairs["processor"])))
        except SettingError as error:
            raise self.fault(self.line(pairs["processor"]), error.code, error.sentence) from None

    def pairs(self, node: yaml.MappingNode) -> Iterator[tuple[str, yaml.Node]]:
        """Names and what they hold; a name that is there twice is a fault."""
        seen: set[str] = set()
        for key, value in node.value:
            name = str(key.value) if isinstance(key, yaml.ScalarNode) else ""
            if not name or name in seen:
                raise self.fault(
                    self.line(key),
                    "recall-yaml",
                    f"{name}: is there twice" if name else "bad YAML: a name must be a word",
                )
            seen.add(name)
            yield name, value

    def plain(self, node: yaml.Node) -> Any:
        """Numbers, words, lists and mappings, as they stand there."""
        if isinstance(node, yaml.MappingNode):
            return {name: self.plain(value) for name, value in self.pairs(node)}
        if isinstance(node, yaml.SequenceNode):
            return [self.plain(item) for item in node.value]
        text = str(node.value)
        match node.tag.removeprefix("tag:yaml.org,2002:"):
            case "str":
                return text
            case "null":
                return None
            case "bool":
                return text.lower() == "true"
            case "int":
                return int(text)
            case "float":
                return float(text.replace(".inf", "inf").replace(".nan", "nan"))
        raise self.fault(self.line(node), "recall-yaml", f"bad YAML: {node.tag} is not allowed")

    def line(self, node: yaml.Node) -> int:
        """Where a node stands."""
        return int(node.start_mark.line) + 1

    def fault(self, line: int, code: str, sentence: str) -> SettingError:
        """An error with the file and the line."""
        return SettingError(code, f"{self.name}:{line}: {sentence}")


def _is_text(model: type[Settings], name: str) -> bool:
    field = model.model_fields.get(name)
    return field is not None and field.annotation is str


def _names(model: type[Settings]) -> str:
    return ", ".join(model.model_fields)
