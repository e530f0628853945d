// The album as it plays: each song as long as it is, with gaps, fades and crossfades between.

import { h, shape } from "./element.js";
import { clock } from "./waveform.js";

const [WIDTH, HEIGHT] = [1000, 56];

export class Timeline {
  #lengths = new Map(); // sound -> s

  constructor(work, album) {
    Object.assign(this, { work, album });
    this.picture = h("div", { class: "picture" });
    this.total = h("p", { class: "note" });
    this.element = h("figure", { class: "timeline" }, this.picture, this.total);
    album.addEventListener("edit", () => this.draw());
    this.draw();
  }

  async #length(file) {
    if (!this.#lengths.has(file)) {
      const { n_samples, rate_hz } = await this.work.ask(`/sounds/${file}`).catch(() => ({ n_samples: 0, rate_hz: 1 }));
      this.#lengths.set(file, n_samples / rate_hz);
    }
    return this.#lengths.get(file);
  }

  async draw() {
    const { release } = this.album;
    const lengths = await Promise.all(release.tracks.map(({ file }) => this.#length(file)));
    if (release !== this.album.release) return;
    const songs = placed(release, lengths);
    const end = songs.at(-1)?.end ?? 0;
    this.total.textContent = songs.length ? `${songs.length} ${songs.length === 1 ? "track" : "tracks"}, ${clock(end)}` : "";
    this.picture.replaceChildren(songs.length ? drawn(songs, end) : "");
  }
}

// Where each song begins and ends, in s.
export function placed(release, lengths) {
  let at = 0;
  return release.tracks.map((track, k) => {
    const gap = k ? (track.crossfade_s > 0 ? -track.crossfade_s : track.gap_s ?? release.gap_s) : 0;
    const start = at + gap;
    const length = Math.max(0, (track.end_s ?? lengths[k]) - track.start_s);
    at = start + length;
    const [fade_in, fade_out] = [track.fade_in.length_s, track.fade_out.length_s];
    return { title: track.title || `Track ${k + 1}`, start, end: at, fade_in, fade_out, crossfade: track.crossfade_s };
  });
}

function drawn(songs, end) {
  const svg = shape("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", preserveAspectRatio: "none" });
  const toX = (at) => (WIDTH * at) / Math.max(end, 1);
  songs.forEach((song, k) => {
    const risen = song.start + Math.max(song.fade_in, song.crossfade);
    const falls = song.end - Math.max(song.fade_out, songs[k + 1]?.crossfade ?? 0);
    const [a, b, c, d] = [song.start, risen, falls, song.end].map(toX);
    shape("path", { class: k % 2 ? "song odd" : "song", d: `M${a},${HEIGHT}L${b},4H${Math.max(b, c)}L${d},${HEIGHT}Z` }, svg);
  });
  svg.setAttribute("aria-label", songs.map(({ title, start, end: to }) => `${title} from ${clock(start)} to ${clock(to)}`).join("; "));
  return svg;
}
