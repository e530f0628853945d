"""What becomes of a master elsewhere, as far as it is known without playing it there."""

from html import escape

from burnish.report.document import minus
from burnish.report.playback import sentence_of, service_row
from burnish.report.result import MasterResult
from burnish.report.words import number


def elsewhere(result: MasterResult) -> str:
    """What services do to its loudness, what codecs do to its peaks, what a phone leaves."""
    return _services(result) + _codecs(result) + _phone(result)


def _services(result: MasterResult) -> str:
    rows = "".join(
        f"<tr><th>{escape(title)}</th><td>{minus(gain)}</td><td>{minus(lufs)}</td>"
        f"<td class=said>{escape(minus(words))}</td></tr>"
        for title, gain, lufs, _, words in map(service_row, result.services)
    )
    if not rows:
        return ""
    heads = "<tr><th></th><th>gain dB</th><th>LUFS</th><th></th></tr>"
    return f"<table class=rows>{heads}{rows}</table>"


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
