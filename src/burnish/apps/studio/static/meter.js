// The meter in the audio thread: loudness of ITU-R BS.1770-5, true peak at 4x, correlation.
//
// The same sums as burnish.measure: K-weighted energy of 5 ms hops, half-band interpolators of
// 32 and 6 pairs of taps. Spectra are left to the page: it is sent the last window of the wave.

const HOPS_PER_S = 200;
const MOMENTARY_HOPS = 80;
const SHORT_TERM_HOPS = 600;
const READING_HOPS = 10; // 50 ms
const WINDOW_READINGS = 4;
const STAGES = [[32, 86], [6, 80]]; // pairs of taps, Kaiser attenuation in dB

// Two sections b0 b1 b2 a1 a2: the head's shelf, and the high-pass. See dsp/kweighting.py.
function kWeighting(rate_hz) {
  let k = Math.tan((Math.PI * 1681.974450955533) / rate_hz);
  let q = 0.7071752369554196;
  const high = 10 ** (3.999843853973347 / 20);
  const band = high ** 0.4996667741545416;
  let a0 = 1 + k / q + k * k;
  const shelf = [(high + (band * k) / q + k * k) / a0, (2 * (k * k - high)) / a0,
    (high - (band * k) / q + k * k) / a0, (2 * (k * k - 1)) / a0, (1 - k / q + k * k) / a0];
  k = Math.tan((Math.PI * 38.13547087602444) / rate_hz);
  q = 0.5003270373238773;
  a0 = 1 + k / q + k * k;
  return [shelf, [1, -2, 1, (2 * (k * k - 1)) / a0, (1 - k / q + k * k) / a0]];
}

class Weighting {
  constructor([shelf, highPass]) {
    this.taps = Float64Array.from([...shelf, ...highPass]);
    this.state = new Float64Array(4);
  }

  next(x) {
    const { taps, state } = this;
    for (let k = 0, t = 0; k < 4; k += 2, t += 5) {
      const y = taps[t] * x + state[k];
      state[k] = taps[t + 1] * x - taps[t + 3] * y + state[k + 1];
      state[k + 1] = taps[t + 2] * x - taps[t + 4] * y;
      x = y;
    }
    return x;
  }
}

// Between the last samples: the value half-way, `pairs` samples late. See dsp/truepeak.py.
class HalfWay {
  constructor([pairs, attenuation_db]) {
    const beta = 0.1102 * (attenuation_db - 8.7);
    const taps = Float64Array.from({ length: pairs }, (_, k) => {
      const x = Math.PI * (k + 0.5);
      return (Math.sin(x) / x) * bessel(beta * Math.sqrt(1 - ((k + 0.5) / pairs) ** 2));
    });
    const sum = 2 * taps.reduce((a, b) => a + b);
    this.taps = taps.map((tap) => tap / sum);
    this.past = new Float64Array(4 * pairs); // twice the same, so that a run never wraps
    this.at = 0;
  }

  next(x) {
    const { taps, past } = this;
    const n = 2 * taps.length;
    past[this.at] = past[this.at + n] = x;
    this.at = (this.at + 1) % n;
    const middle = this.at + taps.length;
    let sum = 0;
    for (let k = 0; k < taps.length; k++) sum += taps[k] * (past[middle - 1 - k] + past[middle + k]);
    return sum;
  }

  // The sample just before that gap, as late.
  get before() {
    return this.past[this.at + this.taps.length - 1];
  }
}

class TruePeak {
  constructor() {
    [this.first, this.second] = STAGES.map((stage) => new HalfWay(stage));
  }

  next(x) {
    const between = this.first.next(x);
    const before = this.first.before;
    const top = Math.max(Math.abs(x), Math.abs(before), Math.abs(this.second.next(before)));
    return Math.max(top, Math.abs(between), Math.abs(this.second.next(between)));
  }
}

class Meter extends AudioWorkletProcessor {
  constructor({ processorOptions }) {
    super();
    this.size = processorOptions.window_size;
    this.mono = false;
    this.clear();
    this.port.onmessage = ({ data }) => {
      if ("mono" in data) this.mono = data.mono;
      if (data.clear) this.clear();
    };
  }

  clear() {
    const sections = kWeighting(sampleRate);
    this.weightings = [new Weighting(sections), new Weighting(sections)];
    this.peaks = [new TruePeak(), new TruePeak()];
    this.rings = [new Float32Array(this.size), new Float32Array(this.size)];
    this.n_samples = 0;
    this.n_hops = 0;
    this.hops = Array.from({ length: SHORT_TERM_HOPS }, () => new Float64Array(7));
    this.edge = this.edgeOf(1);
    this.top = 0;
  }

  edgeOf(hop) {
    return Math.floor((hop * sampleRate) / HOPS_PER_S);
  }

  process([input]) {
    const left = input[0];
    if (!left) return true;
    const right = input[1] ?? left;
    for (let i = 0; i < left.length; i++) {
      const sums = this.hops[this.n_hops % SHORT_TERM_HOPS];
      const l = left[i];
      const r = right[i];
      sums[0] += this.weightings[0].next(l) ** 2 + (this.mono ? 0 : this.weightings[1].next(r) ** 2);
      sums[1] += l * l;
      sums[2] += r * r;
      sums[3] += l * r;
      sums[4] += l;
      sums[5] += r;
      sums[6] += 1;
      this.top = Math.max(this.top, this.peaks[0].next(l), this.peaks[1].next(r));
      this.rings[0][this.n_samples % this.size] = l;
      this.rings[1][this.n_samples % this.size] = r;
      this.n_samples += 1;
      if (this.n_samples === this.edge) this.turn();
    }
    return true;
  }

  // A hop is whole.
  turn() {
    this.n_hops += 1;
    this.edge = this.edgeOf(this.n_hops + 1);
    if (this.n_hops % READING_HOPS === 0) this.read();
    this.hops[this.n_hops % SHORT_TERM_HOPS].fill(0);
  }

  // The sums over the last hops; null before there were so many.
  last(n_hops) {
    if (this.n_hops < n_hops) return null;
    const total = new Float64Array(7);
    for (let k = this.n_hops - n_hops; k < this.n_hops; k++)
      this.hops[k % SHORT_TERM_HOPS].forEach((value, j) => { total[j] += value; });
    return total;
  }

  read() {
    const moment = this.last(MOMENTARY_HOPS);
    const short = this.last(SHORT_TERM_HOPS);
    const reading = {
      n_samples: this.n_samples,
      momentary_lufs: lufs(moment),
      short_term_lufs: lufs(short),
      true_peak_dbtp: 20 * Math.log10(this.top),
      correlation: moment && correlation(moment),
    };
    this.top = 0;
    const parts = [];
    if (this.n_hops % (READING_HOPS * WINDOW_READINGS) === 0 && this.n_samples >= this.size) {
      const at = this.n_samples % this.size;
      for (const ring of this.rings) {
        const window = new Float32Array(this.size);
        window.set(ring.subarray(at));
        window.set(ring.subarray(0, at), this.size - at);
        parts.push(window);
      }
      reading.window = parts;
    }
    this.port.postMessage(reading, parts.map((part) => part.buffer));
  }
}

function lufs(total) {
  return total && -0.691 + 10 * Math.log10(total[0] / total[6]);
}

// Without DC; null where a channel is silent.
function correlation([, ll, rr, lr, l, r, n]) {
  const left = ll - (l * l) / n;
  const right = rr - (r * r) / n;
  if (left <= 1e-12 * n || right <= 1e-12 * n) return null;
  return Math.max(-1, Math.min(1, (lr - (l * r) / n) / Math.sqrt(left * right)));
}

function bessel(x) {
  let term = 1;
  let sum = 1;
  for (let k = 1; term > 1e-12 * sum; k++) sum += term *= (x / (2 * k)) ** 2;
  return sum;
}

registerProcessor("burnish-meter", Meter);
