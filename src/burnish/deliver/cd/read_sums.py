"""Reading the checksums beside a DDP, in the forms that writers leave, and proving them."""

import hashlib
import re
import zlib
from dataclasses import dataclass
from pathlib import Path

from burnish.errors import InputError

_ENDINGS = (".md5", ".txt", ".chk", ".sfv", ".crc")
_MOST_BYTES = 1 << 18
_FORMS = (
    re.compile(r"(?P<sum>[0-9a-fA-F]{32}|[0-9a-fA-F]{8})\s+\*?(?P<name>[^\s*].*)"),  # md5sum
    re.compile(r"MD5\s*\((?P<name>.+)\)\s*=\s*(?P<sum>[0-9a-fA-F]{32})"),  # BSD
    re.compile(r"(?P<name>\S.*?)\s*[=:\t ]\s*(?P<sum>[0-9a-fA-F]{32}|[0-9a-fA-F]{8})"),  # CRC, SFV
)


@dataclass(frozen=True)
class Sum:
    """One checksum: of which file, told where, and the file's own (None: there is no such file).

    ``wanted`` and ``got`` are in small letters: 32 of MD5, or 8 of CRC-32.
    """

    file: str
    told_in: str
    wanted: str
    got: str | None

    @property
    def kind(self) -> str:
        """MD5 or CRC-32."""
        return "MD5" if len(self.wanted) == 32 else "CRC-32"

    @property
    def agrees(self) -> bool:
        """Whether the file is as it was."""
        return self.got == self.wanted


def read_sums(folder: Path) -> tuple[Sum, ...]:
    """Every checksum that the folder's files tell, each file read once; none told: no sums."""
    names = {one.name.lower(): one for one in sorted(folder.iterdir()) if one.is_file()}
    told = [
        (source.name, *line)
        for name, source in names.items()
        if name.endswith(_ENDINGS) and source.stat().st_size <= _MOST_BYTES
        for line in _lines(source)
    ]
    summed = {name: _sums_of(names[name]) for name in {t[1].lower() for t in told} & names.keys()}
    return tuple(
        Sum(file, source, wanted, summed[file.lower()][len(wanted)])
        if file.lower() in summed
        else Sum(file, source, wanted, None)
        for source, file, wanted in told
    )


def _lines(path: Path) -> list[tuple[str, str]]:
    """(file, checksum) of every line that tells one."""
    found = []
    for line in path.read_text(encoding="latin-1").splitlines():
        text = line.strip()
        for form in _FORMS:
            if match := form.fullmatch(text):
                name = re.split(r"[\\/]", match["name"].strip().strip('"'))[-1]
                found.append((name, match["sum"].lower()))
                break
    return found


def _sums_of(path: Path) -> dict[int, str]:
    """Both checksums, by the number of their letters."""
    md5, crc32 = hashlib.md5(usedforsecurity=False), 0
    try:
        with path.open("rb") as file:
            while part := file.read(1 << 20):
                md5.update(part)
                crc32 = zlib.crc32(part, crc32)
    except OSError as error:
        raise InputError("ddp-file", f"{path}: cannot be read: {error.strerror}") from None
    return {32: md5.hexdigest(), 8: f"{crc32:08x}"}
