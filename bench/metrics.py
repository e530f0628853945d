"""The measures that judge: loudness, true peak, distances. numpy and scipy, nothing of burnish.

Samples are float64 of shape (channels, samples); the rate is always passed. Figures are plain
floats.
"""

import math

import numpy as np
from scipy import ndimage, signal

# ---- loudness: ITU-R BS.1770-5 ---------------------------------------------------------------


def k_weighting(rate_hz):
    """The two biquads of BS.1770 as second-order sections at any rate.

    Analogue prototype and bilinear transform; at 48 kHz these are the standard's own coefficients
    to 8 digits.
    """
    k = math.tan(math.pi * 1681.974450955533 / rate_hz)
    q = 0.7071752369554196
    high = 10 ** (3.999843853973347 / 20)
    band = high**0.4996667741545416
    a0 = 1 + k / q + k * k
    shelf = [
        (high + band * k / q + k * k) / a0,
        2 * (k * k - high) / a0,
        (high - band * k / q + k * k) / a0,
        1.0,
        2 * (k * k - 1) / a0,
        (1 - k / q + k * k) / a0,
    ]
    k = math.tan(math.pi * 38.13547087602444 / rate_hz)
    q = 0.5003270373238773
    a0 = 1 + k / q + k * k
    high_pass = [1.0, -2.0, 1.0, 1.0, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0]
    return np.array([shelf, high_pass])


def integrated_lufs(x, rate_hz):
    """Integrated loudness, mono counted as one channel. -inf when nothing passes the gates."""
    hop = round(0.1 * rate_hz)
    n_hops = x.shape[1] // hop
    if n_hops < 4:
        return -math.inf
    sections = k_weighting(rate_hz)
    power = np.zeros(n_hops)
    for channel in x:
        weighted = signal.sosfilt(sections, channel)[: n_hops * hop]
        power += np.square(weighted).reshape(n_hops, hop).sum(axis=1)
    sums = np.concatenate(([0.0], np.cumsum(power)))
    block_power = (sums[4:] - sums[:-4]) / (4 * hop)  # 400 ms, 75 % overlap
    with np.errstate(divide="ignore"):
        block_lufs = -0.691 + 10 * np.log10(np.maximum(block_power, 0))
    kept = block_lufs > -70.0
    if not kept.any():
        return -math.inf
    gate = -0.691 + 10 * math.log10(block_power[kept].mean()) - 10.0
    kept &= block_lufs > gate
    return -0.691 + 10 * math.log10(block_power[kept].mean())


# ---- true peak at 16x ------------------------------------------------------------------------

HALF_TAPS = 64  # samples of context on each side of the long interpolator
KAISER_BETA = 9.0  # about -90 dB; with 128 taps flat to 21 kHz at 44.1 kHz


def interpolator(up):
    """Windowed-sinc low-pass for ``up`` times oversampling, unit gain at each phase."""
    t = np.arange(-HALF_TAPS * up, HALF_TAPS * up + 1) / up
    return np.sinc(t) * np.kaiser(t.size, KAISER_BETA)


def true_peak_dbtp(x, rate_hz, up=16):
    """Largest magnitude of the signal interpolated 16 times, in dB. -inf for silence.

    Two steps that give what interpolating everything would: 4x everywhere, then 16x around every 4x
    peak that can still win. A 4x reading is low by 20 log10 cos(pi/8) = -0.69 dB at the very most.
    """
    n = x.shape[1]
    if n == 0 or not np.any(x):
        return -math.inf
    padded = np.pad(x, ((0, 0), (HALF_TAPS + 1, HALF_TAPS + 1)))
    coarse = interpolator(4)
    fine = interpolator(up)
    # rows: phases -up..up around a sample; columns: the 2 * HALF_TAPS + 3 samples around it
    offsets = np.arange(-up, up + 1)
    width = 2 * HALF_TAPS + 3
    phases = np.zeros((offsets.size, width))
    for row, offset in enumerate(offsets):
        at = offset - (np.arange(width) - (HALF_TAPS + 1)) * up + HALF_TAPS * up
        inside = (at >= 0) & (at < fine.size)
        phases[row, inside] = fine[at[inside]]
    best = float(np.abs(x).max())
    piece = 1 << 19
    for channel in padded:
        for start in range(0, n, piece):
            stop = min(start + piece, n)
            # context of one filter length on both sides of [start, stop)
            low, high = max(0, start - HALF_TAPS), min(channel.size, stop + 3 * HALF_TAPS + 2)
            dense = signal.resample_poly(channel[low:high], 4, 1, window=coarse / 4)
            near = np.abs(dense[: (high - low) * 4].reshape(-1, 4)).max(axis=1)
            near = near[start + HALF_TAPS + 1 - low :][: stop - start]
            candidates = np.flatnonzero(near >= max(best, near.max(initial=0.0)) * 0.9238)
            for part in np.array_split(candidates, candidates.size // 4096 + 1):
                if part.size:
                    view = np.lib.stride_tricks.sliding_window_view(channel, width)
                    best = max(best, float(np.abs(view[part + start] @ phases.T).max()))
    return 20 * math.log10(best)


def sample_peak_dbfs(x):
    """Largest sample magnitude in dB; -inf for silence."""
    largest = float(np.abs(x).max(initial=0.0))
    return 20 * math.log10(largest) if largest > 0 else -math.inf


# ---- what a limiter did to the sound: output against input at equal loudness -----------------

LSD_WINDOWS = (512, 2048, 8192)
LSD_FLOOR_DB = -70.0


def at_loudness_of(x, y, rate_hz):
    """``x`` with the gain that gives it the integrated loudness of ``y``."""
    gain_db = integrated_lufs(y, rate_hz) - integrated_lufs(x, rate_hz)
    return x * 10 ** (gain_db / 20) if math.isfinite(gain_db) else x


def log_spectral_distance_db(x, y, rate_hz):
    """LSD: how far short-time spectra of output ``y`` lie from those of ``x``, at equal loudness.

    Hann windows of 512, 2048 and 8192 samples, 75 % overlap. In each window the RMS of 20
    log10(|Y|/|X|) over the bins of X no more than 70 dB below the largest bin of the whole input;
    then the mean over windows, over channels and over the three resolutions. 0 is untouched.
    """
    x = at_loudness_of(x, y, rate_hz)
    distances = []
    for size in LSD_WINDOWS:
        hann = signal.windows.hann(size, sym=False)
        for of_x, of_y in zip(x, y, strict=True):
            if of_x.size < size:
                continue
            spectra = []
            for channel in (of_x, of_y):
                view = np.lib.stride_tricks.sliding_window_view(channel, size)[:: size // 4]
                spectra.append(np.abs(np.fft.rfft(view * hann)))
            magnitude, other = spectra
            top = magnitude.max()
            if top == 0.0:
                continue
            heard = magnitude > top * 10 ** (LSD_FLOOR_DB / 20)
            tiny = top * 1e-9  # an output that went silent counts as -180 dB, not as infinity
            ratio_db = 20 * np.log10(np.maximum(other, tiny) / np.maximum(magnitude, tiny))
            n_heard = heard.sum(axis=1)
            square = np.where(heard, np.square(ratio_db), 0.0).sum(axis=1)
            distances.append(np.sqrt(square[n_heard > 0] / n_heard[n_heard > 0]).mean())
    return float(np.mean(distances)) if distances else 0.0


def crest_loss_db(x, y, rate_hz):
    """Mean loss of the sample-peak-to-RMS ratio from ``x`` to ``y`` in windows of 50 ms, in dB.

    Windows side by side, each channel by itself; those more than 60 dB below the loudest one are
    left out.
    """
    size = round(0.05 * rate_hz)
    n = x.shape[1] // size * size

    def crest(samples):
        windows = samples[:, :n].reshape(samples.shape[0], -1, size)
        rms = np.sqrt(np.square(windows).mean(axis=2))
        with np.errstate(divide="ignore", invalid="ignore"):
            return 20 * np.log10(np.abs(windows).max(axis=2) / rms), rms

    crest_in, rms_in = crest(x)
    crest_out, rms_out = crest(y)
    heard = (rms_in > rms_in.max() * 1e-3) & (rms_out > 0)
    return float((crest_in[heard] - crest_out[heard]).mean()) if heard.any() else 0.0


def third_octave_db(x, rate_hz):
    """Centres (25 Hz to 16 kHz) and long-term power in dB of third octaves, mean of channels."""
    size = 1 << 14
    freq_hz, power = signal.welch(x, rate_hz, "hann", size, scaling="spectrum", axis=1)
    power = power.mean(axis=0)
    centres = 1000.0 * 10 ** (np.arange(-16, 13) / 10)
    centres = centres[centres * 10**0.05 < rate_hz / 2]
    edges = 10**0.05
    bands = [power[(freq_hz >= f / edges) & (freq_hz < f * edges)].sum() for f in centres]
    return centres, 10 * np.log10(np.maximum(bands, 1e-20))


def third_octave_error_db(x, y, rate_hz):
    """Mean absolute difference of the third-octave spectra, after the two are made equally loud."""
    _, of_x = third_octave_db(at_loudness_of(x, y, rate_hz), rate_hz)
    _, of_y = third_octave_db(y, rate_hz)
    return float(np.abs(of_y - of_x).mean())


def music_pumping_db(x, y, rate_hz):
    """Pumping on music: how far the quiet of each band moves with the beat, in dB p-p.

    In each octave from 500 Hz to 8 kHz the gain from ``x`` to ``y`` is read in windows of 10 ms,
    but only where the band lies below its own median of one second: between its own hits, where
    what moves it is the gain that a kick or a snare elsewhere has pulled down. Over the hits the
    gain is drawn straight. Its swing from 0.5 to 8 Hz is 2 sqrt(2) times the RMS; the mean of the
    octaves that stand within 50 dB of the loudest. A fixed gain is 0, an equalizer and a slow ride
    next to nothing.
    """
    size = rate_hz // 100
    n = x.shape[1] // size
    beat = signal.butter(2, (0.5, 8.0), "bandpass", fs=100, output="sos")
    swings = {}
    for centre_hz in (500, 1000, 2000, 4000, 8000):
        edges = (centre_hz / math.sqrt(2), centre_hz * math.sqrt(2))
        if edges[1] >= rate_hz / 2 or n < 400:
            continue
        octave = signal.butter(4, edges, "bandpass", fs=rate_hz, output="sos")
        before, after = (
            np.square(signal.sosfiltfilt(octave, samples, axis=1)[:, : n * size])
            .reshape(len(samples), n, size)
            .mean(axis=(0, 2))
            for samples in (x, y)
        )
        quiet = (before <= ndimage.median_filter(before, 101)) & (before > before.max() * 1e-6)
        at = np.flatnonzero(quiet)
        if at.size < n // 10:
            continue
        gain_db = 10 * np.log10(np.maximum(after[at], before.max() * 1e-12) / before[at])
        swing = signal.sosfiltfilt(beat, np.interp(np.arange(n), at, gain_db))
        inside = at[(at >= 100) & (at < n - 100)]  # the filter's own ends are left out
        swings[before.mean()] = 2 * math.sqrt(2) * math.sqrt(np.square(swing[inside]).mean())
    heard = [swing for power, swing in swings.items() if power >= 1e-5 * max(swings)]
    return float(np.mean(heard)) if heard else 0.0


def added_to_tone_db(y, frequency_hz, rate_hz):
    """What a steady tone has got: its harmonics, and aliases, each against the tone in dB.

    ``y`` is one channel with whole seconds of a tone of whole Hz, chosen so that no alias falls on
    a harmonic. Aliases are all that is no harmonic, up to 20 kHz, summed. Blackman-Harris window; 5
    bins around DC are left out. Noise and slow drift count as aliases: the figure can be too bad,
    not too good.
    """
    spectrum = np.square(np.abs(np.fft.rfft(y * signal.windows.blackmanharris(y.size, sym=False))))
    bins_hz = np.fft.rfftfreq(y.size, 1 / rate_hz)
    order = np.round(bins_hz / frequency_hz)
    near = np.abs(bins_hz - order * frequency_hz) < 5.5 * rate_hz / y.size
    heard = bins_hz < min(20_000, rate_hz / 2)
    tone = spectrum[near & (order == 1)].sum()
    if tone == 0.0:
        return -math.inf, -math.inf
    powers = spectrum[near & (order > 1) & heard].sum(), spectrum[~near & heard].sum()
    return tuple(10 * math.log10(max(power / tone, 1e-40)) for power in powers)


# ---- test signals through a limiter ----------------------------------------------------------


def thd_n_db(limiter, frequency_hz, ceiling_dbtp=-1.0, over_db=6.0, rate_hz=44100):
    """THD+N of a sine ``over_db`` over the ceiling: all but the tone, against the tone, in dB.

    10 s with 0.1 s fades, the same in both channels; read from 4 s to 9 s, so what a limiter does
    on its way to rest is not counted. The tone is taken out by least squares at its exact
    frequency, and DC with it.
    """
    n = 10 * rate_hz
    t = np.arange(n) / rate_hz
    fade = np.clip(np.minimum(t, t[::-1]) / 0.1, 0, 1)
    sine = fade * np.sin(2 * np.pi * frequency_hz * t) * 10 ** ((ceiling_dbtp + over_db) / 20)
    y = limiter(np.stack([sine, sine]), rate_hz, ceiling_dbtp, 0.0)[0]
    part = slice(4 * rate_hz, 9 * rate_hz)
    angle = 2 * np.pi * frequency_hz * t[part]
    basis = np.stack([np.sin(angle), np.cos(angle), np.ones_like(angle)], axis=1)
    weights, *_ = np.linalg.lstsq(basis, y[part], rcond=None)
    weights[2] = 0.0
    tone = basis @ weights
    rest = y[part] - tone
    rest = rest - rest.mean()
    return 10 * math.log10(max(np.square(rest).mean(), 1e-30) / np.square(tone).mean())


def pumping_db(limiter, ceiling_dbtp=-1.0, over_db=6.0, rate_hz=44100, seconds=12):
    """Pumping index: how far kicks move a quiet bed at 0.5 to 8 Hz, in dB p-p.

    A pink bed 30 dB below kicks (55 Hz, 120 ms, twice a second) that stand ``over_db`` over the
    ceiling. The bed is heard above 2 kHz, where the kicks are not; its gain in windows of 10 ms,
    band-passed, is read from the 1st to the 99th percentile.
    """
    rng = np.random.default_rng(1770)
    n = seconds * rate_hz
    spectrum = np.fft.rfft(rng.standard_normal(n))
    freq_hz = np.fft.rfftfreq(n, 1 / rate_hz)
    spectrum /= np.sqrt(np.maximum(freq_hz, 20.0))
    bed = np.fft.irfft(spectrum, n)
    t = np.arange(n) / rate_hz % 0.5
    kick = np.sin(2 * np.pi * 55 * t) * np.exp(-t / 0.04) * (1 - np.exp(-t / 0.002))
    kick *= 10 ** ((ceiling_dbtp + over_db) / 20) / np.abs(kick).max()
    bed *= np.abs(kick).max() * 10 ** (-30 / 20) / np.sqrt(np.square(bed).mean())
    x = np.stack([kick + bed] * 2)
    y = limiter(x, rate_hz, ceiling_dbtp, 0.0)
    high = signal.butter(8, 2000, "highpass", fs=rate_hz, output="sos")
    size = rate_hz // 100
    gain_db = []
    for samples in (x[0], y[0]):
        above = signal.sosfiltfilt(high, samples)[: n // size * size]
        gain_db.append(10 * np.log10(np.square(above).reshape(-1, size).mean(axis=1) + 1e-30))
    moved = gain_db[1] - gain_db[0]
    band = signal.butter(2, (0.5, 8.0), "bandpass", fs=100, output="sos")
    swing = signal.sosfiltfilt(band, moved)[200:-200]
    return float(np.percentile(swing, 99) - np.percentile(swing, 1))
