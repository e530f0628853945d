"""Recall sheets: a Plan as a text that a person reads and edits (``*.recall.yaml``).

What is written is read back to the same numbers, bit for bit. What a person changed is checked, and
a fault is named with file and line: ``song.recall.yaml:31: release_ms=0.2: must be 1 to 1000 ms``.
"""

import math
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from burnish.audio import write_whole
from burnish.chain.plan import Plan, Step
from burnish.errors import InputError, SettingError
from burnish.processors import processor_type
from burnish.settings import Settings, inner_settings

HEADER = """\
# A burnish recall sheet: every setting that made this master, with the reason and the evidence.
#
#   burnish recall THIS-SHEET -o AGAIN.wav     the same mix and version give the same bits
#
# Change what you like: a value is checked against its range and respected. `bypass: true` leaves a
# step out, its place in the list is its place in the chain. Units stand in the names.
"""

MOST_BYTES = 4 * 1024 * 1024
"""A sheet holds some hundred lines; what is larger than this is not a sheet."""

STEP_ORDER = ("processor", "on", "bypass", "reason", "evidence", "settings")


def dump(plan: Plan) -> str:
    """The recall sheet of a plan, as text. ``load`` gives back an equal plan."""
    values = plan.model_dump()
    parts = [HEADER]
    for key, value in values.items():
        if key == "steps" and value:
            steps = [_block([{name: step[name] for name in STEP_ORDER}]) for step in value]
            parts.append("steps:\n" + "\n".join(_indented(step) for step in steps))
        elif key == "burnish":
            parts[-1] += _block({key: value})
        elif key == "stems":
            if value:  # the sheet of a file is as it was before there were stems
                parts.append("stems:\n" + "\n".join(_indented(_stem(stem)) for stem in value))
        else:
            parts.append(_block({key: value}))
    return "\n".join(parts)


def _stem(stem: dict[str, Any]) -> str:
    steps = [{name: step[name] for name in STEP_ORDER} for step in stem["steps"]]
    return _block([{**stem, "steps": steps}])


def save(plan: Plan, path: str | os.PathLike[str], overwrite: bool = False) -> None:
    """Write the sheet beside ``path`` and name it when it is whole.

    An existing file is an ``OutputError`` unless ``overwrite``; nothing half-written is left.
    """
    write_whole(dump(plan).encode("utf-8"), Path(path), overwrite)


def load(path: str | os.PathLike[str]) -> Plan:
    """Read and check a sheet. A fault in it is a ``SettingError`` with file and line.

    A sheet that cannot be read at all is an ``InputError``.
    """
    return _Sheet(str(path)).plan(_read(Path(path), "recall sheet"))


def loads(text: str, name: str = "sheet") -> Plan:
    """Read and check a sheet at hand as text, which faults call by ``name``."""
    return _Sheet(name).plan(text.encode("utf-8", errors="replace"))


def load_chain(path: str | os.PathLike[str]) -> tuple[Step, ...]:
    """Read and check a chain file: a sheet of which only ``steps`` counts, written by hand.

    A step names its ``processor``; what it leaves out of ``on``, ``bypass``, ``reason`` and
    ``settings`` is as by default. A recall sheet is a chain file too. Faults as with ``load``.
    """
    return _Sheet(str(path)).steps(_read(Path(path), "chain file"))


def load_record(path: str | os.PathLike[str], model: type[Settings], kind: str) -> Settings:
    """Read and check a YAML file that a person wrote as one record of settings.

    ``kind`` is what such a file is called in a sentence. Faults as with ``load``.
    """
    return load_written(path, model, kind).record


@dataclass(frozen=True)
class Written:
    """What a file says, and where: the line of each setting, by the way that leads to it."""

    record: Settings
    lines: Mapping[tuple[str | int, ...], int]

    def line(self, *way: str | int) -> int:
        """The line of a setting; of what holds it, where it does not stand there itself."""
        while way and way not in self.lines:
            way = way[:-1]
        return self.lines.get(way, 1)


def load_written(path: str | os.PathLike[str], model: type[Settings], kind: str) -> Written:
    """As ``load_record``, with the lines, for faults that only show when all is read."""
    return _Sheet(str(path)).written(_read(Path(path), kind), model, kind)


def _read(path: Path, kind: str) -> bytes:
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


def _block(value: Any) -> str:
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


def _indented(text: str) -> str:
    return "".join(f"  {line}" if line.strip() else line for line in text.splitlines(True))


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
    yaml_implicit_resolvers = _resolvers()

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            alias = self.get_event()  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(
                problem="a sheet has no anchors and aliases", problem_mark=alias.start_mark
            )
        return super().compose_node(parent, index)


class _Sheet:
    """Builds the records of one sheet from its nodes, which know their lines."""

    def __init__(self, name: str) -> None:
        self.name = name

    def plan(self, data: bytes) -> Plan:
        node = self._composed(data)
        if not isinstance(node, yaml.MappingNode):
            raise self._fault(1, "recall-not-a-sheet", "this is not a recall sheet")
        pairs = dict(self._pairs(node))
        if "recall" not in pairs:
            raise self._fault(1, "recall-not-a-sheet", "recall: must be given; is this a sheet?")
        version = self._plain(pairs["recall"])
        if not isinstance(version, int) or version < 1:
            raise self._fault(
                self._line(pairs["recall"]), "recall-version", f"recall={version}: must be a number"
            )
        if version > Plan.FORMAT:
            raise self._fault(
                self._line(pairs["recall"]),
                "recall-newer",
                f"recall={version}: this sheet comes from a newer burnish; "
                f"this one reads versions up to {Plan.FORMAT}",
            )
        plan = self._record(Plan, node)
        if not isinstance(plan, Plan):  # what mypy cannot see
            raise TypeError(type(plan))
        return plan

    def steps(self, data: bytes) -> tuple[Step, ...]:
        node = self._composed(data)
        pairs = dict(self._pairs(node)) if isinstance(node, yaml.MappingNode) else {}
        found = pairs.get("steps")
        if not isinstance(found, yaml.SequenceNode):
            line = 1 if found is None else self._line(found)
            raise self._fault(line, "chain-not-a-chain", "steps: must be given, a list of steps")
        for key in pairs:
            if key not in Plan.model_fields:
                line = next(self._line(k) for k, _ in node.value if k.value == key)  # type: ignore[union-attr]
                raise self._fault(line, "setting-unknown", f"{key}: a chain file has only steps")
        made = [self._record(Step, item) for item in found.value]
        return tuple(step for step in made if isinstance(step, Step))

    def written(self, data: bytes, model: type[Settings], kind: str) -> Written:
        node = self._composed(data)
        if not isinstance(node, yaml.MappingNode):
            raise self._fault(1, "recall-not-a-sheet", f"this is not a {kind}")
        return Written(self._record(model, node), dict(self._places(node)))

    def _places(
        self, node: yaml.Node, way: tuple[str | int, ...] = ()
    ) -> Iterator[tuple[tuple[str | int, ...], int]]:
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                yield (*way, str(key.value)), self._line(key)
                yield from self._places(value, (*way, str(key.value)))
        elif isinstance(node, yaml.SequenceNode):
            for i, item in enumerate(node.value):
                yield (*way, i), self._line(item)
                yield from self._places(item, (*way, i))

    def _composed(self, data: bytes) -> yaml.Node | None:
        try:
            text = data.decode("utf-8-sig")
            reader = _Reader(text)
            try:
                node: yaml.Node | None = reader.get_single_node()
            finally:
                reader.dispose()
        except UnicodeDecodeError as error:
            line = data[: error.start].count(b"\n") + 1
            raise self._fault(line, "recall-yaml", "this is not UTF-8 text") from None
        except yaml.reader.ReaderError as error:
            line = text[: error.position].count("\n") + 1
            raise self._fault(
                line, "recall-yaml", f"character #x{error.character:x} is not allowed"
            ) from None
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            raise self._fault(
                mark.line + 1 if mark else 1, "recall-yaml", f"bad YAML: {error.problem}"
            ) from None
        except RecursionError:
            raise self._fault(1, "recall-yaml", "bad YAML: nested too deep") from None
        return node

    def _record(self, model: type[Settings], node: yaml.Node) -> Settings:
        if not isinstance(node, yaml.MappingNode):
            raise self._fault(
                self._line(node), "setting-range", f"must hold settings: {_names(model)}"
            )
        pairs = dict(self._pairs(node))
        values: dict[str, Any] = {}
        for name, value in pairs.items():
            inner = inner_settings(model, name)
            if model is Step and name == "settings":
                inner = self._processor(pairs, node)
                if inner is not None and self._plain(value) is not None:
                    values[name] = self._record(inner, value)
                    continue
            if inner is not None and isinstance(value, yaml.MappingNode):
                values[name] = self._record(inner, value)
            elif inner is not None and isinstance(value, yaml.SequenceNode):
                values[name] = tuple(self._record(inner, item) for item in value.value)
            elif _is_text(model, name) and isinstance(value, yaml.ScalarNode):
                # A song may be called 1999 or 007, a UPC may begin with 0: text keeps its letters.
                values[name] = None if self._plain(value) is None else str(value.value)
            else:
                values[name] = self._plain(value)
        try:
            return model(**values)
        except SettingError as error:
            # The sentence begins with the setting's name: "release_ms=0.2: must be ...".
            named = re.match(r"\w+", error.sentence)
            lines = {key.value: self._line(key) for key, _ in node.value}
            line = lines.get(named.group() if named else "", self._line(node))
            raise self._fault(line, error.code, error.sentence) from None

    def _processor(self, pairs: dict[str, yaml.Node], node: yaml.Node) -> type[Settings] | None:
        if "processor" not in pairs:
            return None  # Step says that it is missing
        try:
            return processor_type(str(self._plain(pairs["processor"])))
        except SettingError as error:
            raise self._fault(self._line(pairs["processor"]), error.code, error.sentence) from None

    def _pairs(self, node: yaml.MappingNode) -> Iterator[tuple[str, yaml.Node]]:
        seen: set[str] = set()
        for key, value in node.value:
            name = str(key.value) if isinstance(key, yaml.ScalarNode) else ""
            if not name or name in seen:
                raise self._fault(
                    self._line(key),
                    "recall-yaml",
                    f"{name}: is there twice" if name else "bad YAML: a name must be a word",
                )
            seen.add(name)
            yield name, value

    def _plain(self, node: yaml.Node) -> Any:
        if isinstance(node, yaml.MappingNode):
            return {name: self._plain(value) for name, value in self._pairs(node)}
        if isinstance(node, yaml.SequenceNode):
            return [self._plain(item) for item in node.value]
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
        raise self._fault(self._line(node), "recall-yaml", f"bad YAML: {node.tag} is not allowed")

    def _line(self, node: yaml.Node) -> int:
        return int(node.start_mark.line) + 1

    def _fault(self, line: int, code: str, sentence: str) -> SettingError:
        return SettingError(code, f"{self.name}:{line}: {sentence}")


def _is_text(model: type[Settings], name: str) -> bool:
    field = model.model_fields.get(name)
    return field is not None and field.annotation is str


def _names(model: type[Settings]) -> str:
    return ", ".join(model.model_fields)
