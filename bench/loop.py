"""A loop through hardware that is not there: exact, and shares nothing with burnish.

What was sent is a sum of sines, those of its Fourier transform; the recording is that sum at other
times, worked out by Bluestein's chirp transform ("A linear filtering approach to the computation of
the discrete Fourier transform", 1968). No window, no filter: exact to some 1e-11 of full scale.
"""

import numpy as np


def recorded(sent, delay_samples, drift_ppm=0.0, ratio=1.0, response=None, n_samples=None):
    """What a recorder hears of ``sent`` (channels, n), as long as it takes, or ``n_samples``.

    Sample s that was sent is at ``delay_samples + s * ratio * (1 + drift_ppm / 1e6)``.
    ``response`` is a function of cycles a sample (0 to 0.5) that gives a complex gain.
    """
    channels, n = sent.shape
    size = n + 24_576  # room for what rings: the sum of sines comes round again
    size += size % 2 == 0
    spectrum = np.fft.fft(sent, size, axis=1)
    k = np.fft.fftfreq(size, 1.0 / size)
    if response is not None:
        gain = response(np.abs(k) / size)
        spectrum = spectrum * np.where(k < 0, np.conj(gain), gain)
    speed = ratio * (1.0 + 1e-6 * drift_ppm)
    if ratio < 1.0:  # a slower recorder hears only what fits under half its rate
        spectrum = spectrum * (np.abs(k) / size < 0.49 * ratio)
    length = n_samples or int(np.ceil(delay_samples + speed * n)) + 1
    spectrum = np.fft.fftshift(spectrum, axes=1)
    k = np.arange(size) - size // 2
    # y[m] = sum of X_k exp(2 pi i k (m - delay) / (speed size)) / size,
    # in which 2 k m = k^2 + m^2 - (m - k)^2.
    rotated = spectrum * np.exp(-2j * np.pi * np.mod(k * (delay_samples / (speed * size)), 1.0))
    j = np.arange(size, dtype=float)
    m = np.arange(length, dtype=float)
    per = 1.0 / (speed * size)

    def chirp(x):
        return np.exp(1j * np.pi * np.mod(x * x * per, 2.0))

    n_fft = 1 << (size + length).bit_length()
    kernel = np.zeros(n_fft, dtype=complex)
    kernel[:length] = np.conj(chirp(m))
    kernel[n_fft - size + 1 :] = np.conj(chirp(j[1:][::-1]))
    fast = np.fft.fft(kernel)
    turn = np.exp(-2j * np.pi * np.mod((size // 2) * m * per, 1.0))
    out = np.empty((channels, length))
    inside = (m - delay_samples) / speed
    for channel in range(channels):
        row = np.fft.ifft(np.fft.fft(rotated[channel] * chirp(j), n_fft) * fast)[:length]
        out[channel] = (row * chirp(m) * turn).real / size
    out[:, (inside < -1000) | (inside > n + 22_000)] = 0.0  # the sum's next round
    return out


def programme(rate_hz, n_samples, channels, top_hz=20_000.0, seed=1):
    """Noise that falls like music, with hits, to ``top_hz`` or 0.454 of the rate, soft at its ends.

    What a converter sends and what it hears has an end below half the rate; so has this.
    """
    rng = np.random.default_rng(seed)
    n_fft = n_samples + 1024
    f = np.fft.rfftfreq(n_fft, 1.0 / rate_hz)
    t = np.arange(n_fft) / rate_hz
    hits = 0.3 + np.exp(-(t % 0.37) / 0.05)
    spectrum = np.fft.rfft(rng.standard_normal((channels, n_fft)) * hits, axis=1)
    top = min(top_hz, 0.454 * rate_hz)
    slope = np.clip((top - f) / (0.05 * top), 0.0, 1.0)
    spectrum *= np.sin(0.5 * np.pi * slope) ** 2 / np.sqrt(np.maximum(f, 40.0))
    samples = np.fft.irfft(spectrum, n_fft, axis=1)[:, 512 : 512 + n_samples]
    k = np.arange(n_samples)
    edge = np.clip(np.minimum(k, k[::-1]) / (0.02 * rate_hz), 0.0, 1.0)
    samples *= np.sin(0.5 * np.pi * edge) ** 2
    return np.ascontiguousarray(0.4 * samples / np.abs(samples).max())
