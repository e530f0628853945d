// What a moved slider does to the sound: the loop through the changed steps, while it plays.
//
//     const preview = new Preview(player, "master", { address: ".../preview", sound: mixId });
//     preview.ask({ steps });        // or { plan }, and { delta } to hear what a step takes away
//
// The last one to ask wins. First comes what is heard next, then the loop from its beginning. It is as
// loud as what it lies over: by what the server hears of its first moments, then of all of it.

import { reach } from "./api.js";

const AHEAD_S = 15; // where nothing is looped

export class Preview {
  #last = 0;
  #running = null;

  constructor(player, name, { address, sound }) {
    Object.assign(this, { player, name, address, sound });
  }

  // True when all of it is there; false where somebody asked again.
  async ask(asked) {
    const { player, name } = this;
    this.#running?.abort();
    const running = (this.#running = new AbortController());
    const id = `${name}/${++this.#last}`;
    const here = Math.floor(player.position);
    const { start, end } = player.loop ?? { start: here, end: here + Math.round(AHEAD_S * player.rate_hz) };
    const place = Math.max(start, Math.min(here, end - 1));
    const post = async (address, more) => {
      const response = await reach(address, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ sound: this.sound, start, end, ...more, ...asked }),
        signal: running.signal,
      });
      if (!response.ok) throw new Error((await response.json()).sentence ?? `the server says ${response.status}`);
      return response;
    };
    try {
      for (const from of place > start ? [place, start] : [start]) {
        const response = await post(this.address, { place: from });
        const loudness_lufs = response.headers.get("x-loudness-lufs");
        const { like } = player.sounds.get(name).layers.findLast(({ whole }) => whole);
        const info = loudness_lufs === null ? null : { ...like, loudness_lufs: Number(loudness_lufs) };
        await player.preview(name, { id, start: from, response, info });
      }
      const { loudness_lufs } = await (await post(`${this.address}/loudness`, {})).json();
      if (loudness_lufs !== null) player.match(name, id, loudness_lufs);
    } catch (error) {
      if (running.signal.aborted) return false;
      throw error;
    }
    return true;
  }

  // Back to the sound as it was rendered.
  end() {
    this.#running?.abort();
    this.player.peel(this.name);
  }
}
