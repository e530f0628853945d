"""Recall sheets: a Plan as a text that a person reads and edits (``*.recall.yaml``).

``load`` gives back the plan that ``save`` was given, bit for bit. ``sheet.py`` writes and reads.
"""

import os
from pathlib import Path
from typing import Any

import yaml

from burnish.audio import write_whole
from burnish.chain.plan import Plan, Step
from burnish.chain.sheet import SheetReader, block, read_sheet

HEADER = """\
# A burnish recall sheet: every setting that made this master, with the reason and the evidence.
#
#   burnish recall THIS-SHEET -o AGAIN.wav     the same mix and version give the same bits
#
# Change what you like: a value is checked against its range and respected. `bypass: true` leaves a
# step out, its place in the list is its place in the chain. Units stand in the names.
"""

STEP_ORDER = ("processor", "on", "bypass", "reason", "evidence", "settings")


def dump(plan: Plan) -> str:
    """The recall sheet of a plan, as text. ``load`` gives back an equal plan."""
    values = plan.model_dump()
    parts = [HEADER]
    for key, value in values.items():
        if key == "burnish":
            parts[-1] += block({key: value})
        elif key == "steps" and value:
            parts.append("steps:\n" + "\n".join(_item(_ordered(step)) for step in value))
        elif key == "stems" and value:
            parts.append("stems:\n" + "\n".join(_item(_stem(stem)) for stem in value))
        elif key == "tags":
            parts += [block({key: plan.tags.told})] if plan.tags.told else []
        elif key != "stems":  # the sheet of a file is as it was before there were stems
            parts.append(block({key: value}))
    return "\n".join(parts)


def _item(values: dict[str, Any]) -> str:
    """One of a list, which stands two letters in."""
    lines = block([values]).splitlines(keepends=True)
    return "".join(f"  {line}" if line.strip() else line for line in lines)


def _ordered(step: dict[str, Any]) -> dict[str, Any]:
    return {name: step[name] for name in STEP_ORDER}


def _stem(stem: dict[str, Any]) -> dict[str, Any]:
    return {**stem, "steps": [_ordered(step) for step in stem["steps"]]}


def save(plan: Plan, path: str | os.PathLike[str], overwrite: bool = False) -> None:
    """Write the sheet beside ``path`` and name it when it is whole.

    An existing file is an ``OutputError`` unless ``overwrite``; nothing half-written is left.
    """
    write_whole(dump(plan).encode("utf-8"), Path(path), overwrite)


def load(path: str | os.PathLike[str]) -> Plan:
    """Read and check a sheet. A fault in it is a ``SettingError`` with file and line.

    A sheet that cannot be read at all is an ``InputError``.
    """
    return _RecallReader(str(path)).plan(read_sheet(Path(path), "recall sheet"))


def loads(text: str, name: str = "sheet") -> Plan:
    """Read and check a sheet at hand as text, which faults call by ``name``."""
    return _RecallReader(name).plan(text.encode("utf-8", errors="replace"))


def load_chain(path: str | os.PathLike[str]) -> tuple[Step, ...]:
    """Read and check a chain file: a sheet of which only ``steps`` counts, written by hand.

    A step names its ``processor``; what it leaves out of ``on``, ``bypass``, ``reason`` and
    ``settings`` is as by default. A recall sheet is a chain file too. Faults as with ``load``.
    """
    return _RecallReader(str(path)).steps(read_sheet(Path(path), "chain file"))


class _RecallReader(SheetReader):
    """Builds a plan, or a chain's steps, from the nodes of a sheet."""

    def plan(self, data: bytes) -> Plan:
        node = self.composed(data)
        if not isinstance(node, yaml.MappingNode):
            raise self.fault(1, "recall-not-a-sheet", "this is not a recall sheet")
        pairs = dict(self.pairs(node))
        if "recall" not in pairs:
            raise self.fault(1, "recall-not-a-sheet", "recall: must be given; is this a sheet?")
        version = self.plain(pairs["recall"])
        if not isinstance(version, int) or version < 1:
            raise self.fault(
                self.line(pairs["recall"]), "recall-version", f"recall={version}: must be a number"
            )
        if version > Plan.FORMAT:
            raise self.fault(
                self.line(pairs["recall"]),
                "recall-newer",
                f"recall={version}: this sheet comes from a newer burnish; "
                f"this one reads versions up to {Plan.FORMAT}",
            )
        return self.record(Plan, node)

    def steps(self, data: bytes) -> tuple[Step, ...]:
        node = self.composed(data)
        pairs = dict(self.pairs(node)) if isinstance(node, yaml.MappingNode) else {}
        found = pairs.get("steps")
        if not isinstance(found, yaml.SequenceNode):
            line = 1 if found is None else self.line(found)
            raise self.fault(line, "chain-not-a-chain", "steps: must be given, a list of steps")
        for key in pairs:
            if key not in Plan.model_fields:
                line = next(self.line(k) for k, _ in node.value if k.value == key)  # type: ignore[union-attr]
                raise self.fault(line, "setting-unknown", f"{key}: a chain file has only steps")
        return tuple(self.record(Step, item) for item in found.value)
