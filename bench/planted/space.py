"""Faults of space: polarity, what is lost in mono, width, balance."""

import numpy as np
from scipy.signal import butter, sosfiltfilt

from bench.faults import Fault, Planted
from bench.planted.tone import held


def polarity(samples, rate_hz, strength):
    """The right channel turned over: for a third, for two thirds, throughout."""
    n = samples.shape[1]
    a, b = ((n // 3, 2 * n // 3), (n // 3, n), (0, n))[strength]
    samples[1, a:b] *= -1.0
    return Planted(samples, () if strength == 2 else ((a / rate_hz, b / rate_hz),))


def bass_polarity(samples, rate_hz, strength):
    """The bass of the right channel turned over, for a while or throughout."""
    low = sosfiltfilt(butter(2, 150.0, fs=rate_hz, output="sos"), samples[1])
    n = samples.shape[1]
    a, b = ((n // 3, n // 2), (n // 3, 5 * n // 6), (0, n))[strength]
    samples[1, a:b] -= 2.0 * low[a:b]
    return Planted(held(samples), () if strength == 2 else ((a / rate_hz, b / rate_hz),))


def widened(samples, rate_hz, strength):
    """The side turned up, until the channels are opposed."""
    middle, side = 0.5 * (samples[0] + samples[1]), 0.5 * (samples[0] - samples[1])
    wanted_db = (1.0, 3.0, 6.0)[strength]
    gain = 10 ** (wanted_db / 20) * (np.mean(middle**2) / np.mean(side**2)) ** 0.5
    return Planted(held(np.stack((middle + gain * side, middle - gain * side))))


def wide_band(samples, rate_hz, strength):
    """The side turned up in one band only, 1.5 to 4 kHz."""
    middle, side = 0.5 * (samples[0] + samples[1]), 0.5 * (samples[0] - samples[1])
    design = butter(2, (1500.0, 4000.0), "bandpass", fs=rate_hz, output="sos")
    m, s = sosfiltfilt(design, middle), sosfiltfilt(design, side)
    wanted_db = (3.0, 6.0, 10.0)[strength]
    more = (10 ** (wanted_db / 20) * (np.mean(m**2) / np.mean(s**2)) ** 0.5 - 1.0) * s
    side = side + more
    return Planted(held(np.stack((middle + side, middle - side))), (), 2500.0)


def imbalance(samples, rate_hz, strength):
    """The left channel turned down."""
    samples[0] *= 10 ** (-(2.0, 4.0, 7.0)[strength] / 20)
    return Planted(samples)


def delay(samples, rate_hz, strength):
    """The right channel so much late, in a mix that is mono above all."""
    n = round((0.2e-3, 0.5e-3, 1.0e-3)[strength] * rate_hz)
    middle = 0.5 * (samples[0] + samples[1])
    narrow = 0.25 * samples + 0.75 * middle
    narrow[1] = np.concatenate((np.zeros(n), narrow[1, :-n]))
    return Planted(narrow)


def silent(samples, rate_hz, strength):
    """One channel silent, or nearly."""
    samples[1] *= (1e-5, 1e-6, 0.0)[strength]
    return Planted(samples)


def mono(samples, rate_hz, strength):
    """Both channels the same, or nearly."""
    middle, side = 0.5 * (samples[0] + samples[1]), 0.5 * (samples[0] - samples[1])
    side = (1e-2, 1e-3, 0.0)[strength] * side
    return Planted(np.stack((middle + side, middle - side)))


def narrow(samples, rate_hz, strength):
    """The side turned down."""
    middle, side = 0.5 * (samples[0] + samples[1]), 0.5 * (samples[0] - samples[1])
    wanted_db = (-18.0, -23.0, -30.0)[strength]
    gain = 10 ** (wanted_db / 20) * (np.mean(middle**2) / np.mean(side**2)) ** 0.5
    return Planted(np.stack((middle + gain * side, middle - gain * side)))


FAULTS = (
    Fault("polarity", polarity, or_=("phase",)),
    Fault("bass-phase", bass_polarity, or_=("polarity", "phase")),
    Fault("phase", widened, "too wide", or_=("polarity", "mono-loss", "width")),
    Fault("mono-loss", wide_band, "one band", or_=("phase",)),
    Fault("imbalance", imbalance),
    Fault("channel-delay", delay),
    Fault("silent-channel", silent),
    Fault("mono", mono, or_=("width",)),
    Fault("width", narrow, "narrow"),
)
