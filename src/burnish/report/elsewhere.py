"""What becomes of a master elsewhere: on devices, services, behind codecs."""

from collections.abc import Sequence
from html import escape

from burnish.qc.places import clock
from burnish.report.document import minus
from burnish.report.playback import best_first, device_row, sentence_of, service_row
from burnish.report.result import MasterResult
from burnish.report.words import number


def elsewhere(result: MasterResult) -> str:
    """What devices leave of it, what services do to its loudness, what codecs do to its peaks."""
    return _devices(result) + _phone(result) + _services(result) + _codecs(result)


def _devices(result: MasterResult) -> str:
    played = result.on_devices
    if played is None:
        return ""
    told = (device_row(one) for one in best_first(played.devices))
    place = f"{clock(played.start_s)} to {clock(played.start_s + played.duration_s)}"
    note = f"Of its loudest part, {place}, at the same loudness. All of it: burnish playback."
    rows = [(title, score, said) for title, score, _, said in told]
    return f"{_rows(('left, of 100',), rows)}<p class=note>{note}</p>"


def _services(result: MasterResult) -> str:
    told = (service_row(one) for one in result.services)
    return _rows(("gain dB", "LUFS"), [(t, gain, lufs, said) for t, gain, lufs, _, said in told])


def _rows(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table: what it is, some figures, and a sentence."""
    if not rows:
        return ""
    named = "".join(f"<th>{one}</th>" for one in ("", *heads, ""))
    lines = "".join(
        f"<tr><th>{escape(first)}</th>"
        + "".join(f"<td>{minus(one)}</td>" for one in figures)
        + f"<td class=said>{escape(minus(said))}</td></tr>"
        for first, *figures, said in rows
    )
    return f"<table class=rows><tr>{named}</tr>{lines}</table>"


def _codecs(result: MasterResult) -> str:
    if not result.decoded:
        return ""
    said = [f"{name} {number(peak, 2)} dBTP" for name, peak in result.decoded.items()]
    words = f"Behind the codecs it peaks at: {', '.join(said)}."
    if result.codec_lowered_db:
        words += f" Its ceiling was lowered by {result.codec_lowered_db:.2f} dB for them."
    return f"<p>{escape(minus(words))}</p>"


def _phone(result: MasterResult) -> str:
    phone = result.phone
    if phone is None:
        return ""
    heard = "can no longer be followed" if phone.is_lost else "can be followed"
    words = (
        f"{phone.place} its bass line {heard}: it stands {_beside(phone.bass_db)} the middle "
        f"there, {_beside(phone.original_bass_db)} it in the master"
    )
    return f"<p>{escape(minus(sentence_of(words)))}</p>"


def _beside(db: float) -> str:
    return f"{abs(db):.0f} dB {'over' if db > 0.0 else 'under'}"
