// A join, heard: the end of one song, the gap or crossfade, the beginning of the next; files as they
// are now, before the album is mastered as one.

import { address, soundAt } from "./player.js";

const AROUND_S = 5;
let playing = null;

export async function hearJoin(work, release, k) {
  playing?.close();
  const [one, next] = [release.tracks[k - 1], release.tracks[k]];
  const cross_s = next.crossfade_s;
  const before = await piece(work, one, AROUND_S + cross_s, true);
  const context = (playing = new AudioContext({ sampleRate: before.rate_hz }));
  const behind = await piece(work, next, AROUND_S + cross_s, false);
  const gap_s = cross_s > 0 ? -cross_s : next.gap_s ?? release.gap_s;
  const at = context.currentTime + 0.1;
  const meet = at + before.length_s + gap_s;
  play(context, before, at, [0, cross_s || one.fade_out.length_s], next.crossfade_curve);
  play(context, behind, meet, [cross_s || next.fade_in.length_s, 0], next.crossfade_curve);
}

function play(context, { channels, rate_hz, length_s }, at, [in_s, out_s], curve) {
  const buffer = new AudioBuffer({ numberOfChannels: channels.length, length: channels[0].length, sampleRate: rate_hz });
  channels.forEach((channel, c) => buffer.copyToChannel(channel, c));
  const source = new AudioBufferSourceNode(context, { buffer });
  const gain = new GainNode(context);
  const [rise_s, fall_s] = [in_s, out_s].map((one) => Math.min(one, length_s / 2));
  if (rise_s > 0 && curve !== "none") gain.gain.setValueCurveAtTime(ramp(curve), at, rise_s);
  if (fall_s > 0 && curve !== "none") gain.gain.setValueCurveAtTime(ramp(curve).reverse(), at + length_s - fall_s, fall_s);
  source.connect(gain).connect(context.destination);
  source.start(at);
}

function ramp(curve) {
  const shapes = {
    linear: (x) => x,
    "equal-power": (x) => Math.sin((Math.PI * x) / 2),
    "s-curve": (x) => (1 - Math.cos(Math.PI * x)) / 2,
    exponential: (x) => x * x,
  };
  return Float32Array.from({ length: 65 }, (_, i) => (shapes[curve] ?? shapes.linear)(i / 64));
}

// The last or the first seconds of a track: {channels, rate_hz, length_s}.
async function piece(work, track, length_s, isEnd) {
  const base = `/api/projects/${work.id}/sounds/${track.file}`;
  const { info } = await soundAt(base, track.file);
  const { rate_hz, n_samples, channels } = info;
  const [first, last] = [track.start_s * rate_hz, Math.min(n_samples, (track.end_s ?? Infinity) * rate_hz)];
  const count = Math.round(Math.min(last - first, Math.min(10, length_s) * rate_hz));
  const start = Math.round(isEnd ? last - count : first);
  const answer = await fetch(address(base, "/pcm", `start=${start}&count=${count}`));
  if (!answer.ok) throw new Error(`the server says ${answer.status}`);
  const values = new Float32Array(await answer.arrayBuffer());
  const split = Array.from({ length: channels }, (_, c) => Float32Array.from({ length: count }, (_, i) => values[i * channels + c]));
  return { channels: split, rate_hz, length_s: count / rate_hz };
}
