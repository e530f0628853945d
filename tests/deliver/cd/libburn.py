"""libburn, and what it reads in CD-Text."""

import ctypes
import os
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module", name="libburn")
def opened_libburn() -> Iterator[ctypes.CDLL]:
    try:
        library = ctypes.CDLL("libburn.so.4")
    except OSError:
        message = "libburn.so.4 is not installed; this test needs it"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    library.burn_session_create.restype = ctypes.c_void_p
    library.burn_track_create.restype = ctypes.c_void_p
    assert library.burn_initialize()
    yield library
    library.burn_finish()


def decoded(libburn: ctypes.CDLL, packs: bytes) -> dict[str, str]:
    """What libburn reads in CD-Text: its own names of the texts, those that are not empty."""
    sheet, code = ctypes.c_char_p(), ctypes.c_int()
    size = libburn.burn_make_input_sheet_v07t(
        packs, len(packs) // 18, 0, 0, ctypes.byref(sheet), ctypes.byref(code), 0
    )
    assert size > 0
    assert code.value == 0
    assert sheet.value is not None
    pairs = [line.split("=", 1) for line in sheet.value.decode("latin-1").splitlines()]
    return {name.strip(): text.strip() for name, text in pairs if text.strip()}
