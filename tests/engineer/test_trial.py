"""Trials: what they tell of a limiter, against what simple sounds must give."""

import math

import numpy as np
import pytest
from mixes import RATE_HZ, Floats, shaped_noise, tone

from burnish.engineer.path import Path
from burnish.engineer.stop import IDLE_DB, IDLE_LU
from burnish.engineer.trial import Excerpts, Trial
from burnish.processors.limiter import Limiter
from burnish.processors.multiband import Multiband, MultibandBand
from burnish.processors.show import piece
from burnish.targets import style
from burnish.units import gain_from_db

LIMITER = Path(Limiter(ceiling_dbtp=-1.0))


def tried(samples: Floats, drive_db: float, rate_hz: int = RATE_HZ) -> Trial:
    return Excerpts(samples, rate_hz).trial(LIMITER, drive_db)


@pytest.mark.parametrize("drive_db", [-10.0, 0.0, 3.0])
def test_an_idle_limiter_costs_nothing(drive_db: float) -> None:
    """Whatever the drive, below the ceiling it is only gain."""
    samples = 0.4 * piece(RATE_HZ, 3.0)
    assert 20 * math.log10(np.abs(samples).max()) + drive_db < -1.5
    trial = tried(samples, drive_db)
    assert trial.drive_db == drive_db
    assert trial.loss_lu == pytest.approx(0.0, abs=1e-9)
    assert trial.residual_lu < -100
    assert trial.reduction_mean_db == pytest.approx(0.0, abs=1e-9)
    assert trial.reduction_p95_db == pytest.approx(0.0, abs=1e-9)
    assert trial.duty_percent == 0.0
    assert trial.pumping_db == pytest.approx(0.0, abs=1e-9)
    assert trial.sharpness_loss_percent == pytest.approx(0.0, abs=1e-9)
    assert trial.tone_shift_db == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("over_db", [1.0, 6.0, 12.0])
def test_a_constant_reduction_is_a_loss_and_nothing_else(over_db: float) -> None:
    """A steady tone, x dB over the ceiling, is turned down by x dB: no punch, no pumping lost."""
    trial = tried(tone(1000.0, 6.0, gain_from_db(-1.0)), over_db)
    assert trial.loss_lu == pytest.approx(over_db, abs=0.05)
    assert trial.reduction_mean_db == pytest.approx(over_db, abs=0.05)
    assert trial.reduction_p95_db == pytest.approx(over_db, abs=0.05)
    assert trial.duty_percent > 99.0
    assert trial.tone_shift_db < 0.05
    assert trial.pumping_db < 0.1
    assert trial.residual_lu < -30.0
    # A tone with its peak at -1 dBTP in both channels reads -1 LUFS: the peak does not stand out.
    assert trial.psr_p5_db == pytest.approx(0.0, abs=0.05)


def test_a_swing_with_the_beat_is_told_as_it_is() -> None:
    """The level swings five times a second from 0 to 2 dB over the ceiling, and is made flat."""
    t = np.arange(8 * RATE_HZ) / RATE_HZ
    over_db = 1.0 + np.cos(2 * np.pi * 5 * t)
    trial = tried(tone(1000.0, 8.0, 10 ** ((over_db - 7.0) / 20)), 6.0)
    assert trial.reduction_mean_db == pytest.approx(1.0, abs=0.1)
    assert trial.reduction_p95_db == pytest.approx(2.0, abs=0.05)
    assert trial.pumping_db == pytest.approx(2.0, abs=0.1)
    # Over 0.1 dB for acos(-0.9) / pi of the time.
    assert trial.duty_percent == pytest.approx(100 * math.acos(-0.9) / math.pi, abs=5.0)
    # Left after the mean reduction, smooth over two swings: 1 dB, 0.115 of the sound, as a sine.
    assert trial.residual_lu == pytest.approx(20 * math.log10(0.115 / math.sqrt(2)), abs=0.3)
    assert trial.tone_shift_db < 0.1


def test_single_peaks_are_reduction_but_no_loss() -> None:
    samples = shaped_noise(style("pop").tone.median_db)
    quiet = samples.copy()
    quiet[:, 5000::11_025] = 0.9  # one sample, four times a second
    trial = tried(quiet, 6.0)
    assert trial.loss_lu < 0.2
    assert 0.5 < trial.duty_percent < 5.0
    assert 0.05 < trial.reduction_mean_db < 0.2
    assert trial.reduction_p95_db < 0.1


def test_punch_is_lost_where_hits_are_cut() -> None:
    samples = piece(RATE_HZ, 4.0)
    losses = [tried(samples, drive_db).sharpness_loss_percent for drive_db in (0.0, 4.0, 8.0, 12.0)]
    assert losses == sorted(losses)
    assert losses[0] == pytest.approx(0.0, abs=0.1)
    assert losses[-1] > 10.0


def test_more_drive_costs_more() -> None:
    excerpts = Excerpts(shaped_noise(style("pop").tone.median_db), RATE_HZ)
    trials = [excerpts.trial(LIMITER, drive_db) for drive_db in (4.0, 7.0, 10.0, 13.0)]
    for name in (
        "loss_lu",
        "reduction_mean_db",
        "reduction_p95_db",
        "duty_percent",
        "residual_lu",
    ):
        values = [getattr(trial, name) for trial in trials]
        assert values == sorted(values), name
        assert values[0] < values[-1], name
    psr = [trial.psr_p5_db for trial in trials]
    assert psr == sorted(psr, reverse=True)


def test_loss_is_that_of_the_trial_and_remembered() -> None:
    excerpts = Excerpts(piece(RATE_HZ, 3.0), RATE_HZ)
    trial = excerpts.trial(LIMITER, 6.0)
    assert excerpts.loss_lu(LIMITER, 6.0) == trial.loss_lu
    fresh = Excerpts(piece(RATE_HZ, 3.0), RATE_HZ)
    assert fresh.loss_lu(LIMITER, 6.0) == trial.loss_lu
    assert fresh.trial(LIMITER, 6.0) == trial


def test_another_limiter_is_another_trial() -> None:
    """Two limiters at one drive: neither loss nor trial of one is told of the other."""
    excerpts = Excerpts(piece(RATE_HZ, 3.0), RATE_HZ)
    other = Path(LIMITER.limiter.with_(low_first_db=0.0))
    loss = excerpts.loss_lu(LIMITER, 8.0)
    assert excerpts.loss_lu(other, 8.0) != loss
    assert excerpts.trial(other, 8.0).loss_lu == excerpts.loss_lu(other, 8.0)
    assert excerpts.loss_lu(LIMITER, 8.0) == loss
    assert excerpts.trial(LIMITER, 8.0).loss_lu == loss


def test_the_samples_are_not_changed() -> None:
    samples = piece(RATE_HZ, 2.0)
    kept = samples.copy()
    tried(samples, 9.0)
    assert np.array_equal(samples, kept)


def test_the_bass_of_a_flutes_attack_is_no_shift_of_tone() -> None:
    """Octaves far below the whole do not count: once a lone instrument was stopped by them."""
    t = np.arange(4 * RATE_HZ) / RATE_HZ
    flute = tone(880.0, 4.0, 0.6 * np.exp(-(t % 0.5) / 0.3))
    trial = tried(flute, 4.0)
    assert trial.loss_lu < 0.1
    assert trial.tone_shift_db < 0.5


def test_a_shift_of_tone_is_told_at_equal_loudness() -> None:
    """Kicks give bass to the limiter: less at 63 Hz, and so more elsewhere, by what is told."""
    t = np.arange(4 * RATE_HZ) / RATE_HZ
    kick = np.exp(-(t % 0.5) / 0.15) * np.sin(2 * np.pi * 60 * (t % 0.5))
    both = 0.7 * np.stack([kick] * 2) + 0.05 * shaped_noise([0.0] * 9)
    gentle, hard = tried(both, 3.0), tried(both, 9.0)
    assert hard.tone_shift_db > gentle.tone_shift_db + 1.0


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize(("rate_hz", "duration_s"), [(8000, 0.4), (8000, 1.0), (44_100, 0.4)])
def test_short_sounds_have_finite_figures(rate_hz: int, duration_s: float, channels: int) -> None:
    """Half a second at 8 kHz: once the octaves had no window, and the drive was told as a shift."""
    samples = piece(rate_hz, duration_s)[:channels]
    for drive_db in (0.0, 6.0):
        trial = tried(samples, drive_db, rate_hz)
        assert trial.tone_shift_db < 2.5
        assert trial.psr_p5_db == math.inf  # not to be told, and nothing to stop at
        assert math.isfinite(trial.loss_lu)
        assert math.isfinite(trial.residual_lu)
    idle = tried(0.1 * samples, 6.0, rate_hz)
    assert idle.tone_shift_db == pytest.approx(0.0, abs=1e-6)
    assert idle.reduction_p95_db < IDLE_DB
    assert idle.residual_lu < IDLE_LU


def test_silence_between_sounds_does_not_count() -> None:
    """Figures are of what sounds: pauses do not thin out the duty."""
    sound = tone(1000.0, 2.0, gain_from_db(-1.0))
    pause = np.zeros((2, 2 * RATE_HZ))
    broken = np.concatenate((sound, pause, sound, pause), axis=1)
    whole, parts = tried(np.concatenate((sound, sound), axis=1), 3.0), tried(broken, 3.0)
    assert parts.duty_percent == pytest.approx(whole.duty_percent, abs=1.0)
    assert parts.reduction_mean_db == pytest.approx(whole.reduction_mean_db, abs=0.05)


def test_a_sample_is_a_third_of_a_long_sound_and_never_its_pauses() -> None:
    sound = piece(RATE_HZ, 27.0)
    whole = Excerpts(sound, RATE_HZ)
    part = whole.sample()
    assert sum(half.shape[1] for half in part.halves) == pytest.approx(9 * RATE_HZ, abs=10)
    assert part.trial(LIMITER, 8.0).loss_lu == pytest.approx(
        whole.trial(LIMITER, 8.0).loss_lu, abs=0.5
    )
    size = 3 * RATE_HZ
    pauses = np.concatenate((np.zeros((2, size)), sound[:, :size], np.zeros((2, 2 * size))), axis=1)
    broken = Excerpts(pauses, RATE_HZ)
    assert broken.sample() is broken


def test_crest_is_lost_where_tops_are_cut_and_spectrum_changes_where_a_band_goes() -> None:
    samples = piece(RATE_HZ, 4.0)
    gentle, hard = tried(samples, 2.0), tried(samples, 10.0)
    assert hard.crest_loss_db > gentle.crest_loss_db + 0.1
    assert hard.spectral_change_db > gentle.spectral_change_db + 0.1
    whole = Excerpts(samples, RATE_HZ)
    clipped = whole.trial(Path(LIMITER.limiter, clip_over_db=0.0), 8.0)
    plain = whole.trial(LIMITER, 8.0)
    assert clipped.crest_loss_db != plain.crest_loss_db
    assert clipped.reduction_p95_db <= plain.reduction_p95_db  # its cuts count, and are shorter


def test_an_idle_multiband_is_no_residue() -> None:
    """It turns the phase: what is left over is told against a wave that was turned alike."""
    bands = tuple(MultibandBand(ratio=1.001, threshold_db=0.0, range_db=0.001) for _ in range(3))
    split = Multiband(crossovers_hz=(200.0, 1000.0), bands=bands)
    trial = Excerpts(0.2 * piece(RATE_HZ, 4.0), RATE_HZ).trial(Path(LIMITER.limiter, (split,)), 0.0)
    assert trial.residual_lu < -60.0
    assert trial.loss_lu == pytest.approx(0.0, abs=0.02)
    assert trial.tone_shift_db < 0.2  # windows hear the turned wave a little otherwise
