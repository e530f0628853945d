// Third octaves of a window of the wave, in the terms of burnish.measure: Hann, mid and side apart.

export const THIRDS = 30; // 25 Hz to 20 kHz, base ten as in IEC 61260-1
export const THIRDS_HZ = Array.from({ length: THIRDS }, (_, n) => 1000 * 10 ** ((n - 16) / 10));
export const LONGEST_S = 0.4;

// The longest power of two that fits into 0.4 s.
export function windowSize(rate_hz) {
  return 2 ** Math.floor(Math.log2(LONGEST_S * rate_hz));
}

// Mean squares of mid = (L + R) / 2 and side = (L - R) / 2 in each band: {mid, side}.
export function thirdOctaves(left, right, rate_hz) {
  const size = left.length;
  const re = new Float64Array(size);
  const im = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    const hann = 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / size);
    re[i] = (hann * (left[i] + right[i])) / 2;
    im[i] = (hann * (left[i] - right[i])) / 2;
  }
  transform(re, im);
  // One transform for two real waves: even and odd parts are theirs.
  const power = { mid: new Float64Array(size / 2 + 1), side: new Float64Array(size / 2 + 1) };
  for (let k = 0; k <= size / 2; k++) {
    const j = (size - k) % size;
    power.mid[k] = ((re[k] + re[j]) ** 2 + (im[k] - im[j]) ** 2) / 4;
    power.side[k] = ((im[k] + im[j]) ** 2 + (re[j] - re[k]) ** 2) / 4;
  }
  const scale = 2 / (size * 0.375 * size); // Parseval, one side; 0.375 is the mean square of Hann
  const bands = THIRDS_HZ.map((hz) => [hz / 10 ** 0.05, hz * 10 ** 0.05]);
  const sums = ({ length }, one) => Float64Array.from({ length }, (_, k) => scale * within(one, ...bands[k], rate_hz / size));
  return { mid: sums(bands, power.mid), side: sums(bands, power.side) };
}

// Bin k holds k - 1/2 to k + 1/2; below 2.5 bins lies what Hann makes of DC.
function within(power, low_hz, high_hz, bin_hz) {
  const [low, high] = [low_hz, high_hz].map((hz) => Math.min(Math.max(hz / bin_hz, 2.5), power.length - 1) + 0.5);
  const first = Math.floor(low);
  const last = Math.min(Math.floor(high), power.length - 1);
  if (first === last) return (high - low) * power[first];
  let sum = (first + 1 - low) * power[first] + (high - last) * power[last];
  for (let k = first + 1; k < last; k++) sum += power[k];
  return sum;
}

// Radix 2, in place.
function transform(re, im) {
  const n = re.length;
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      [re[i], re[j]] = [re[j], re[i]];
      [im[i], im[j]] = [im[j], im[i]];
    }
  }
  const cos = new Float64Array(n / 2);
  const sin = new Float64Array(n / 2);
  for (let k = 0; k < n / 2; k++) {
    cos[k] = Math.cos((2 * Math.PI * k) / n);
    sin[k] = -Math.sin((2 * Math.PI * k) / n);
  }
  for (let half = 1; half < n; half *= 2)
    for (let start = 0; start < n; start += 2 * half)
      for (let k = 0, turn = 0; k < half; k++, turn += n / (2 * half)) {
        const i = start + k;
        const j = i + half;
        const a = re[j] * cos[turn] - im[j] * sin[turn];
        const b = re[j] * sin[turn] + im[j] * cos[turn];
        re[j] = re[i] - a;
        im[j] = im[i] - b;
        re[i] += a;
        im[i] += b;
      }
}

// Third octaves in dB relative to the mean of 0.8 to 2.5 kHz, as the corridors are; null: nothing there.
export function relativeTone({ mid, side }) {
  const levels_db = THIRDS_HZ.map((_, k) => 10 * Math.log10(mid[k] + side[k]));
  const middle = levels_db.filter((_, k) => THIRDS_HZ[k] > 795 && THIRDS_HZ[k] < 2550);
  const zero = middle.reduce((a, b) => a + b) / middle.length;
  return levels_db.map((value) => (Number.isFinite(value - zero) ? value - zero : null));
}
