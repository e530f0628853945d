"""Which findings a plan mends, and which belong back in the mix."""

from burnish.chain import Step
from burnish.engineer.notes import with_mends
from burnish.finding import Finding
from burnish.processors.deesser import Deesser
from burnish.processors.equalizer import Band, Equalizer
from burnish.processors.match_eq import MatchEq


def finding(code: str, frequency_hz: float | None = None) -> Finding:
    return Finding(code, "warn", "T", "D", "A", frequency_hz=frequency_hz)


def equalizer(gain_db: float, frequency_hz: float = 300.0, bypass: bool = False) -> Step:
    band = Band(kind="bell", frequency_hz=frequency_hz, gain_db=gain_db, q=1.0)
    return Step(processor="equalizer", settings=Equalizer(bands=(band,)), bypass=bypass)


def mended_by(code: str, frequency_hz: float | None, *steps: Step) -> str | None:
    return with_mends([finding(code, frequency_hz)], steps)[0].mended_by


def test_an_equalizer_mends_mud_where_it_takes_it_out_and_nowhere_else() -> None:
    assert mended_by("mud", 300.0, equalizer(-2.0)) == "equalizer"
    assert mended_by("mud", 300.0, equalizer(-0.3)) is None  # too little
    assert mended_by("mud", 300.0, equalizer(2.0)) is None  # more of it
    assert mended_by("mud", 300.0, equalizer(-2.0, frequency_hz=3000.0)) is None  # elsewhere
    assert mended_by("mud", 300.0, equalizer(-2.0, bypass=True)) is None
    assert mended_by("mud", 300.0) is None


def test_two_moves_that_cancel_mend_nothing() -> None:
    assert mended_by("mud", 300.0, equalizer(-2.0), equalizer(2.0)) is None


def test_what_is_missing_is_mended_by_more() -> None:
    assert mended_by("dull", 8000.0, equalizer(1.5, 8000.0)) == "equalizer"
    assert mended_by("dull", 8000.0, equalizer(-1.5, 8000.0)) is None
    curve = MatchEq(frequencies_hz=(1000.0, 8000.0), gains_db=(0.0, 2.0))
    assert mended_by("dull", 8000.0, Step(processor="match_eq", settings=curve)) == "match_eq"


def test_a_deesser_mends_sibilance_and_no_equalizer_hums() -> None:
    deesser = Step(processor="deesser", settings=Deesser(ratio=4.0))
    assert mended_by("sibilance", 7000.0, deesser) == "deesser"
    assert mended_by("hum", 50.0, equalizer(-6.0, 50.0)) is None
    assert mended_by("rumble", 20.0, equalizer(-6.0)) is None  # it takes a high-pass
    cut = Equalizer(bands=(Band(kind="high_pass", frequency_hz=20.0, slope_db_per_octave=24),))
    assert mended_by("rumble", 20.0, Step(processor="equalizer", settings=cut)) == "equalizer"


def test_nothing_else_of_a_finding_changes() -> None:
    one = finding("mud", 300.0)
    same = with_mends([one], ())[0]
    assert same == one
