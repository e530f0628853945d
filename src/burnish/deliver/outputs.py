"""Outputs: the names of a master's files, and the refusal to harm what is there."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from burnish.audio import OutputFormat, Source, check_output, container_of, same_file
from burnish.chain.stems import StemSource
from burnish.errors import OutputError, SettingError

_LONGEST_NAME = 255  # bytes of a file name on the common file systems
_NOT_WRITTEN = {
    ".aac", ".ape", ".caf", ".m4a", ".mp2", ".mp3", ".mp4", ".oga", ".ogg", ".opus", ".rf64",
    ".w64", ".webm", ".wma", ".wv",
}  # fmt: skip
"""Endings that promise another kind of file than a master is written as."""


@dataclass(frozen=True)
class Outputs:
    """Where the master, its recall sheet and its report go; None: not written."""

    master: Path
    recall: Path | None
    report: Path | None

    @classmethod
    def beside(
        cls,
        mix: Path | None,
        output: Path | None,
        form: OutputFormat,
        report: bool,
        recall: bool = True,
    ) -> Self:
        """``MIX.master.wav`` beside the mix, or ``output``; sheet and report beside the master.

        An ending of ``output`` that stands for another kind of file than ``form`` is a
        ``SettingError``: no file says that it is what it is not.
        """
        if output is None:
            if mix is None:
                raise SettingError("output-missing", "output: must be given for audio in memory")
            output = mix.with_name(f"{_short(mix.stem, '.master.recall.yaml')}.master{form.suffix}")
        if container_of(output) not in (None, form.format) or output.suffix.lower() in _NOT_WRITTEN:
            raise SettingError(
                "output-ending",
                f"{output}: must end in {form.suffix}, as format={form.format} is written",
            )
        stem = output.with_suffix("") if container_of(output) else output
        name = _short(stem.name, ".recall.yaml")
        return cls(
            master=output,
            recall=stem.with_name(f"{name}.recall.yaml") if recall else None,
            report=stem.with_name(f"{name}.report.html") if report else None,
        )

    def refuse_to_harm(self, mix: Path | None, overwrite: bool, what: str = "the mix") -> None:
        """Raise an ``OutputError`` where a file exists, is the mix itself, or cannot be made.

        ``what`` is what the mix is called in the sentence.
        """
        for path in (self.master, self.recall, self.report):
            if path is None:
                continue
            if mix is not None and same_file(mix, path):
                raise OutputError(
                    "output-is-input", f"{path}: is {what} itself; it is never overwritten"
                )
            if len(os.fsencode(path.name)) > _LONGEST_NAME:
                raise OutputError(
                    "output-name", f"{path}: there can be no file of that name: too long"
                )
            check_output(path, overwrite, 0)

    def refuse_to_harm_inputs(self, source: Source, overwrite: bool) -> None:
        """``refuse_to_harm`` for all that a source is read from: the mix, or each of its stems."""
        self.refuse_to_harm(source.info.path, overwrite)
        for stem in source.stems if isinstance(source, StemSource) else ():
            self.refuse_to_harm(Path(stem.file), overwrite, "a stem")


def _short(stem: str, ending: str) -> str:
    """The stem, cut between two characters where the name would be too long for the disk."""
    room = _LONGEST_NAME - len(ending)
    while len(os.fsencode(stem)) > room:
        stem = stem[:-1]
    return stem
