// An album as it is edited: the release, kept on the server as a whole each time it changes.

const WAIT_MS = 400;
const CHANGED = "The album was changed in another window; load this page again to go on from there.";

export class Album extends EventTarget {
  static async open(work, id) {
    const album = new Album();
    Object.assign(album, { work, id });
    album.#take(await work.ask(`/albums/${id}`));
    return album;
  }

  #timer = null;
  #saving = Promise.resolve();

  #take({ release, revision, title }) {
    Object.assign(this, { release, revision, title, kept: release, refused: null });
  }

  // Change it, and have it kept soon. What the server refuses is told by the event "fault".
  set(part) {
    this.release = { ...this.release, ...part };
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.saved(), WAIT_MS);
    this.dispatchEvent(new Event("edit"));
  }

  setTrack(k, part) {
    this.set({ tracks: this.release.tracks.with(k, { ...this.release.tracks[k], ...part }) });
  }

  // When all that was changed is kept.
  saved() {
    clearTimeout(this.#timer);
    this.#saving = this.#saving.then(() => this.#save());
    return this.#saving;
  }

  async #save() {
    const { release } = this;
    if (release === this.kept) return;
    try {
      const told = await this.work.ask(`/albums/${this.id}`, { method: "PUT", body: { release, revision: this.revision } });
      this.revision = told.revision;
      Object.assign(this, { kept: release, refused: null });
      this.dispatchEvent(new Event("kept"));
    } catch (error) {
      this.refused = error.code === "album-changed" ? CHANGED : error.message;
      this.dispatchEvent(new CustomEvent("fault", { detail: this.refused }));
    }
  }

  async deliver(to) {
    await this.saved();
    if (this.refused) throw new Error(this.refused); // what the server has is another album
    const { job } = await this.work.ask(`/albums/${this.id}/deliveries`, { body: { to } });
    return job;
  }
}
