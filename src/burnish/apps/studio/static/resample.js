// Sample rate conversion of pieces, for a version whose rate is not the song's.
//
// A windowed sinc (Kaiser, 90 dB; 64 zero crossings to a side) read at the exact instants, so that
// pieces made one by one join without a seam. Flat to 20 kHz at 44.1 kHz.

const CROSSINGS = 64;
const BETA = 8.96; // Kaiser 1974, for 90 dB
const CUTOFF = 0.955; // of half the lower rate: the middle of the transition

export class Resampler {
  constructor(from_hz, to_hz) {
    const common = divisor(from_hz, to_hz);
    this.up = to_hz / common;
    this.down = from_hz / common;
    this.reach = Math.ceil(CROSSINGS * Math.max(1, from_hz / to_hz)); // source samples to a side
    this.cutoff = CUTOFF * Math.min(1, to_hz / from_hz);
    this.phases = new Map();
  }

  // What must be read of the source for `count` samples from `start` on: {start, count}.
  needs(start, count) {
    const first = Math.floor((start * this.down) / this.up) - this.reach + 1;
    const last = Math.floor(((start + count - 1) * this.down) / this.up) + this.reach;
    return { start: first, count: last - first + 1 };
  }

  // One channel: `source` holds what `needs` asked for, zeros beyond the recording's ends.
  convert(source, start, count) {
    const out = new Float32Array(count);
    const first = Math.floor((start * this.down) / this.up);
    for (let i = 0; i < count; i++) {
      const instant = (start + i) * this.down;
      const whole = Math.floor(instant / this.up);
      const taps = this.taps(instant - whole * this.up);
      const from = whole - first;
      let sum = 0;
      for (let k = 0; k < taps.length; k++) sum += taps[k] * source[from + k];
      out[i] = sum;
    }
    return out;
  }

  taps(phase) {
    if (!this.phases.has(phase)) {
      const taps = new Float64Array(2 * this.reach);
      for (let k = 0; k < taps.length; k++) {
        const away = k - this.reach + 1 - phase / this.up;
        const x = Math.PI * this.cutoff * away;
        const sinc = x === 0 ? 1 : Math.sin(x) / x;
        const along = Math.min(1, Math.abs(away) / this.reach);
        taps[k] = (sinc * bessel(BETA * Math.sqrt(1 - along * along))) / bessel(BETA);
      }
      const sum = taps.reduce((a, b) => a + b); // a constant stays as it is
      this.phases.set(phase, taps.map((tap) => tap / sum));
    }
    return this.phases.get(phase);
  }
}

function divisor(a, b) {
  return b ? divisor(b, a % b) : a;
}

function bessel(x) {
  let term = 1;
  let sum = 1;
  for (let k = 1; term > 1e-12 * sum; k++) sum += term *= (x / (2 * k)) ** 2;
  return sum;
}
