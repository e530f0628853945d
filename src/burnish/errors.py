"""What can go wrong, as a tree; each leaf has a stable code and the exit code of the contract.

    BurnishError
    ├── SettingError   2  a setting outside its range, an unknown key, wrong usage
    ├── InputError     3  the input cannot be used
    ├── ResultError    4  done, but the result does not pass
    └── OutputError    5  the output cannot be written

Raise them with a code and one clear sentence that holds name, value, allowed range and unit:
``SettingError("setting-range", "release_ms=0.2: must be 1 to 1000 ms")``.
"""


class BurnishError(Exception):
    """A fault that one sentence explains, for people; ``code`` is stable, for programs."""

    exit_code = 1

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence

    def __reduce__(self) -> tuple[type["BurnishError"], tuple[str, str]]:
        return type(self), (self.code, self.sentence)


class SettingError(BurnishError):
    """Wrong usage, or a setting outside its range."""

    exit_code = 2


class InputError(BurnishError):
    """The input is missing, unreadable, empty, silent, not finite or of an unsupported layout."""

    exit_code = 3


class ResultError(BurnishError):
    """The work is done, but its result does not pass."""

    exit_code = 4


class OutputError(BurnishError):
    """The output exists, or there is no room or permission. Nothing half-written is left."""

    exit_code = 5
