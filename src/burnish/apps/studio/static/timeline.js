// The album as it plays: each song as long as it is, with what is between them; to be taken hold of.
//
//     const timeline = new Timeline(work, album, { hear: (k) => ... });
//
// The bar between two songs makes a gap or a crossfade, the dots of a song its fades: by dragging, or
// by arrows (0.1 s, with Shift 1 s) and Home. A join can be looked at near. Event: "done", let go of.

import { button, h, shape } from "./element.js";
import { gainAt } from "./join.js";
import { address } from "./player.js";
import { clock, overviewOfPeaks } from "./waveform.js";

const NEAR_S = 12; // on each side of a join that is looked at
const PEAKS_PER = 4096;
const MOST_POINTS = 1500;
const LONGEST_S = 600;
const GRID_S = 0.05;
const STEPS_S = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1800];

export class Timeline extends EventTarget {
  #known = new Map(); // sound -> {length_s, overview}
  #view = { from: 0, to: 1 };
  #held = null;
  #clips = [];
  #key = "";

  constructor(work, album, { hear }) {
    super();
    Object.assign(this, { work, album, hear, near: null });
    this.ruler = h("div", { class: "ruler", "aria-hidden": "true" });
    this.lane = h("div", { class: "lane", role: "group", "aria-label": "Timeline" });
    this.head = h("div", { class: "play-head", hidden: true });
    this.total = h("p", { class: "note" });
    this.views = h("div", { class: "views", role: "group", "aria-label": "Look at" });
    this.element = h("figure", { class: "timeline display", hidden: true }, h("div", { class: "bar-above" }, this.views, this.total), this.ruler, this.lane);
    album.addEventListener("edit", () => this.draw());
    this.draw();
  }

  async #sound(file) {
    if (!this.#known.has(file)) {
      const base = `/api/projects/${this.work.id}/sounds/${file}`;
      const info = await this.work.ask(`/sounds/${file}`).catch(() => null);
      const peaks = info && (await fetch(address(base, "/peaks", `per=${PEAKS_PER}`)));
      const overview = peaks?.ok ? overviewOfPeaks(await peaks.arrayBuffer(), info.channels, Number(peaks.headers.get("x-per"))) : null;
      this.#known.set(file, { length_s: info ? info.n_samples / info.rate_hz : 0, rate_hz: info?.rate_hz ?? 1, overview, peak: overview ? peakOf(overview) : 0 });
    }
    return this.#known.get(file);
  }

  async draw() {
    const { release } = this.album;
    const sounds = await Promise.all(release.tracks.map(({ file }) => this.#sound(file)));
    if (release !== this.album.release) return;
    const songs = (this.songs = placed(release, sounds.map(({ length_s }) => length_s)));
    this.element.hidden = !songs.length;
    this.total.textContent = `${songs.length} ${songs.length === 1 ? "track" : "tracks"}, ${clock(songs.at(-1)?.end ?? 0)}`;
    const key = JSON.stringify(release.tracks.map(({ file, start_s, end_s, title }) => [file, start_s, end_s, title]));
    if (key !== this.#key) this.#build(sounds, release);
    this.#key = key;
    if (this.near >= songs.length) this.near = null;
    this.#look();
  }

  #look() {
    const { songs } = this;
    if (!this.#held) {
      const end = Math.max(1, songs.at(-1)?.end ?? 1);
      const at = this.near === null ? null : (songs[this.near - 1].end + songs[this.near].start) / 2;
      const wide = at === null ? 0 : NEAR_S + Math.abs(songs[this.near].gap) / 2;
      this.#view = at === null ? { from: 0, to: end } : { from: at - wide, to: at + wide };
      this.#rule();
    }
    for (const [k, view] of [...this.views.children].entries()) view.setAttribute("aria-pressed", String((this.near ?? 0) === k));
    songs.forEach((song, k) => this.#place(song, this.#clips[k]));
  }

  #toX(at) {
    return (100 * (at - this.#view.from)) / (this.#view.to - this.#view.from);
  }

  #rule() {
    const { from, to } = this.#view;
    const step = STEPS_S.find((one) => (to - from) / one <= 12) ?? 3600;
    const ticks = [];
    for (let at = Math.max(0, Math.ceil(from / step) * step); at < to - 0.04 * (to - from); at += step) {
      const tick = h("span", {}, clock(at));
      tick.style.left = `${this.#toX(at)}%`;
      ticks.push(tick);
    }
    this.ruler.replaceChildren(...ticks);
  }

  #build(sounds, release) {
    const { tracks } = release;
    const loudest = Math.max(0.05, ...sounds.map(({ peak }) => peak));
    this.#clips = tracks.map((track, k) => {
      const title = track.title || `Track ${k + 1}`;
      const picture = shape("svg", { viewBox: "0 0 1000 100", preserveAspectRatio: "none", "aria-hidden": "true" });
      const wave = shape("path", { class: "wave-line", d: waved(sounds[k], track, loudest) }, picture);
      const shade = shape("path", { class: "fade-shade" }, picture);
      const box = h("div", { class: k % 2 ? "clip odd" : "clip" }, picture, h("span", { class: "clip-title" }, `${k + 1} ${title}`));
      const clip = { box, shade, wave, title };
      clip.fade_in = this.#handle("fade in", `Fade in of ${title}`, (value) => this.#fade(k, "fade_in", value), () => this.songs[k].fade_in);
      clip.fade_out = this.#handle("fade out", `Fade out of ${title}`, (value) => this.#fade(k, "fade_out", value), () => this.songs[k].fade_out, -1);
      clip.join = k ? this.#handle("join", `Join before ${title}`, (value) => this.#join(k, value), () => this.songs[k].gap) : null;
      return clip;
    });
    const parts = this.#clips.flatMap(({ box, fade_in, fade_out, join }) => [box, fade_in, fade_out, join]).filter(Boolean);
    this.lane.replaceChildren(...parts, this.head);
    const look = (k) => () => {
      this.near = k;
      this.#look();
    };
    const near = tracks.slice(1).map((_, k) => button(`${k + 1}→${k + 2}`, look(k + 1), { "aria-label": `Look at the join of ${k + 1} and ${k + 2}` }));
    this.views.replaceChildren(...(near.length ? [button("Whole album", look(null)), ...near] : []));
  }

  // Something to drag; `sign` says whether right is more.
  #handle(kind, label, set, value, sign = 1) {
    const handle = h("div", { class: `handle ${kind}`, role: "slider", tabindex: 0, "aria-label": label, "aria-orientation": "horizontal" });
    const done = () => this.dispatchEvent(new Event("done"));
    handle.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      handle.focus();
      handle.setPointerCapture(event.pointerId);
      this.#held = { x: event.clientX, value: value(), view: this.#view };
    });
    handle.addEventListener("pointermove", ({ clientX }) => {
      if (!this.#held) return;
      const { x, value: before, view } = this.#held;
      const by = (sign * (clientX - x) * (view.to - view.from)) / this.lane.clientWidth;
      set(Math.round((before + by) / GRID_S) * GRID_S);
    });
    for (const type of ["pointerup", "pointercancel"])
      handle.addEventListener(type, () => {
        if (!this.#held) return;
        this.#held = null;
        this.#look();
        done();
      });
    handle.addEventListener("keydown", (event) => {
      const by = { ArrowRight: 0.1, ArrowUp: 0.1, ArrowLeft: -0.1, ArrowDown: -0.1 }[event.key];
      if (event.key === "Enter" && kind === "join") return this.hear(this.#clips.findIndex(({ join }) => join === handle));
      if ((by === undefined && event.key !== "Home") || event.altKey) return undefined;
      event.preventDefault();
      set(event.key === "Home" ? 0 : value() + by * (event.shiftKey ? 10 : 1));
      return done();
    });
    return handle;
  }

  #fade(k, which, value) {
    const song = this.songs[k];
    const other = which === "fade_in" ? song.fade_out : song.fade_in;
    const length_s = tidy(Math.min(Math.max(0, value), song.end - song.start - other, LONGEST_S));
    this.album.setTrack(k, { [which]: { ...this.album.release.tracks[k][which], length_s } });
  }

  // Above nothing a gap, under it a crossfade, which no song is shorter than.
  #join(k, value) {
    const [one, next] = [this.songs[k - 1], this.songs[k]];
    const most = Math.min(one.end - one.start, next.end - next.start);
    const gap = tidy(Math.min(LONGEST_S, Math.max(-most, value)));
    this.album.setTrack(k, gap < 0 ? { crossfade_s: -gap, gap_s: null } : { crossfade_s: 0, gap_s: gap });
  }

  #place(song, { box, shade, fade_in, fade_out, join }) {
    const left = this.#toX(song.start);
    const length = song.end - song.start;
    box.style.left = `${left}%`;
    box.style.width = `${Math.max(0, this.#toX(song.end) - left)}%`;
    box.querySelector(".clip-title").style.left = `max(.5rem, ${-left * (this.#view.to - this.#view.from) / Math.max(length, 1e-3)}% + .5rem)`;
    shade.setAttribute("d", shaded(song, length));
    const tell = (handle, at, value, words) => {
      handle.style.left = `${this.#toX(at)}%`;
      handle.hidden = this.#toX(at) < -1 || this.#toX(at) > 101;
      handle.setAttribute("aria-valuenow", value.toFixed(2));
      handle.setAttribute("aria-valuetext", words);
      handle.title = `${handle.getAttribute("aria-label")}: ${words}`;
    };
    tell(fade_in, song.start + song.fade_in, song.fade_in, said(song.fade_in));
    tell(fade_out, song.end - song.fade_out, song.fade_out, said(song.fade_out));
    fade_in.dataset.row = fade_out.dataset.row = box.classList.contains("odd") ? "odd" : "even";
    fade_in.setAttribute("aria-valuemin", 0);
    fade_out.setAttribute("aria-valuemin", 0);
    for (const one of [fade_in, fade_out]) one.setAttribute("aria-valuemax", length.toFixed(2));
    if (!join) return;
    const words = song.gap > 0 ? `gap ${said(song.gap)}` : song.gap < 0 ? `crossfade ${said(-song.gap)}` : "gapless";
    join.setAttribute("aria-valuemin", -LONGEST_S);
    join.setAttribute("aria-valuemax", LONGEST_S);
    join.dataset.said = words;
    join.classList.toggle("crossed", song.gap < 0);
    tell(join, song.start, song.gap, words);
  }

  // Show where a join is that plays.
  async follow(k, { from_s, length_s, now_s, ended }) {
    const begins = this.songs[k - 1].end + from_s;
    let goes = true;
    ended.then(() => { goes = false; });
    const step = () => {
      const at = begins + Math.min(now_s(), length_s);
      this.head.style.left = `${this.#toX(at)}%`;
      this.head.hidden = !goes;
      if (goes) requestAnimationFrame(step);
    };
    step();
  }
}

// Where each song begins and ends, in s; a gap under nothing is a crossfade.
export function placed(release, lengths) {
  let at = 0;
  return release.tracks.map((track, k) => {
    const gap = k ? (track.crossfade_s > 0 ? -track.crossfade_s : track.gap_s ?? release.gap_s) : 0;
    const start = at + gap;
    const length = Math.max(0, Math.min(lengths[k], track.end_s ?? Infinity) - track.start_s);
    at = start + length;
    const fades = { fade_in: track.fade_in.length_s, fade_out: track.fade_out.length_s };
    const curves = { curve_in: track.fade_in.curve, curve_out: track.fade_out.curve };
    return { title: track.title || `Track ${k + 1}`, start, end: at, gap, ...fades, ...curves };
  });
}

function peakOf({ low, high }) {
  return Math.max(high.reduce((a, b) => Math.max(a, b), 0), -low.reduce((a, b) => Math.min(a, b), 0));
}

// The wave of a track, in the scale of the loudest.
function waved({ overview, rate_hz, length_s }, { start_s, end_s }, loudest) {
  if (!overview) return "";
  const per_s = rate_hz / overview.samples_per_point;
  const [first, last] = [start_s * per_s, Math.min(length_s, end_s ?? Infinity) * per_s].map(Math.floor);
  const each = Math.max(1, Math.ceil((last - first) / MOST_POINTS));
  const [upper, lower] = [[], []];
  for (let k = first; k < last; k += each) {
    const x = ((1000 * (k - first)) / (last - first)).toFixed(1);
    upper.push(`${x},${(50 - (48 / loudest) * Math.max(...overview.high.slice(k, k + each))).toFixed(1)}`);
    lower.push(`${x},${(50 - (48 / loudest) * Math.min(...overview.low.slice(k, k + each))).toFixed(1)}`);
  }
  return upper.length ? `M${upper.join("L")}L${lower.reverse().join("L")}Z` : "";
}

// What a fade takes away, over the song.
function shaded({ fade_in, fade_out, curve_in, curve_out }, length) {
  const points = Array.from({ length: 25 }, (_, i) => i / 24);
  const toX = (at) => ((1000 * at) / Math.max(length, 1e-3)).toFixed(1);
  const up = points.map((t) => `${toX(t * fade_in)},${(100 - 100 * gainAt(curve_in, t)).toFixed(1)}`);
  const down = points.map((t) => `${toX(length - t * fade_out)},${(100 - 100 * gainAt(curve_out, t)).toFixed(1)}`);
  return `${fade_in > 0 ? `M0,0L${up.join("L")}L${toX(fade_in)},0Z` : ""}${fade_out > 0 ? `M1000,0L${down.join("L")}L${toX(length - fade_out)},0Z` : ""}`;
}

function tidy(value) {
  return +value.toFixed(2);
}

function said(value) {
  return `${value.toFixed(value % 0.1 > 0.001 && value % 0.1 < 0.099 ? 2 : 1)} s`;
}
