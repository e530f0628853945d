// The desk: what is being changed of a version, what was before that, and how it is heard.
//
//     const desk = new Desk(work, stage);
//     await desk.load(version);
//     desk.edit({ steps }, isDone); desk.edit({ wishes }); desk.undo(); await desk.render();
//
// Wishes are decided at once by the server (a sketch: a plan without the search for its loudness), and
// the plan is heard. After a pause it is rendered behind as a draft, which is heard then, and kept at once.
// Events: "load", "edit", "decided" (the steps are others), "drafted", "heard", and "change" where the
// panels must be drawn anew (undo, redo, order).

import { History } from "./history.js";
import { Preview } from "./preview.js";

const WAIT_MS = 40; // between two requests while a slider moves
const PAUSE_MS = 1500; // without a change, until it is rendered behind
const AHEAD_S = 15; // what a preview holds where nothing is looped
const EARLY_S = 4;
const AGAIN_MS = 1000; // where the server is away

export class Desk extends EventTarget {
  version = null; // with its plan and all
  delta = null; // the place of the step whose work is heard alone
  sketch = null; // what the wishes came to: {plan, loudness_lufs, held_by}
  #history = new History({ wishes: {}, steps: [] });
  #now = null; // while a slider moves
  #preview = null;
  #timer = null;
  #pause = null;
  #deciding = false;
  #draft = null; // {job, version}; the version is null until it is done
  #until = Infinity;

  constructor(work, stage) {
    super();
    Object.assign(this, { work, stage });
    stage.addEventListener("through", ({ detail }) => detail === this.name && this.#isHeard && this.#ask());
    setInterval(() => this.#goOn(), 500);
  }

  async load(version) {
    this.#drop();
    this.endPreview();
    this.version = await this.work.ask(`/versions/${version.id}`);
    const { settings, plan } = this.version;
    this.#history = new History({ wishes: settings ?? {}, steps: plan.steps, target: plan.target, by: "steps", isDue: false });
    this.#now = null;
    this.delta = null;
    this.sketch = null;
    await this.stage.hear(version);
    const address = `/api/projects/${this.work.id}/preview`;
    this.#preview = new Preview(this.stage.player, this.name, { address, sound: this.stage.upload.id });
    this.#tell("load");
  }

  get name() {
    return `v/${this.version?.id}`;
  }

  // {wishes, steps, target, by: which of the first two was changed last, isDue: steps are not decided yet}
  get now() {
    return this.#now ?? this.#history.now;
  }

  get wishes() {
    return this.now.wishes;
  }

  get steps() {
    return this.now.steps;
  }

  get target() {
    return this.now.target;
  }

  // Whether the steps, or the wishes, are other than those of the version.
  get isEdited() {
    return this.version !== null && !same(this.steps, this.version.plan.steps);
  }

  get hasWishes() {
    return this.version !== null && !same(given(this.wishes), given(this.version.settings ?? {}));
  }

  get isMoving() {
    return this.#now !== null;
  }

  // Whether what stands now is rendered already.
  get isDrafted() {
    return Boolean(this.#draft?.version);
  }

  get canUndo() {
    return this.#history.canUndo;
  }

  get canRedo() {
    return this.#history.canRedo;
  }

  edit(part, isDone = true) {
    const { now } = this;
    const state = { ...now, ...part };
    if (part.wishes && !same(part.wishes, now.wishes)) Object.assign(state, { by: "wishes", isDue: true });
    if (part.steps) Object.assign(state, { by: "steps", isDue: false });
    this.#now = isDone ? null : state;
    if (isDone && !same(state, this.#history.now)) this.#history.push(state);
    this.#follow();
    this.#tell("edit");
  }

  redraw() {
    this.#tell("change");
  }

  undo() {
    this.#history.undo();
    this.#turned();
  }

  redo() {
    this.#history.redo();
    this.#turned();
  }

  #turned() {
    this.#now = null;
    this.#follow();
    this.#tell("change");
  }

  // What follows from a change: it is decided, heard, and rendered behind.
  #follow() {
    this.#drop();
    if (this.now.isDue) this.#decide();
    else this.#hear();
    if (this.version && !this.#now) this.#pause = setTimeout(() => this.#render_behind(), PAUSE_MS);
  }

  // Hear only what one step takes away; null: all of it.
  hearDelta(place) {
    this.delta = place;
    this.#hear();
    this.#tell("edit");
  }

  // Let the server decide what the wishes come to; the last ones, where they change meanwhile.
  async #decide() {
    if (this.#deciding) return;
    this.#deciding = true;
    try {
      while (this.version && this.now.isDue) {
        const { version, wishes } = this;
        const told = this.hasWishes
          ? await this.work.ask(`/versions/${version.id}/sketch`, { body: { settings: given(wishes) } })
          : { plan: version.plan };
        if (this.version !== version || !this.now.isDue || !same(this.wishes, wishes)) continue;
        this.sketch = told;
        this.#amend({ steps: told.plan.steps, target: told.plan.target, isDue: false });
        this.#hear(0);
        this.#tell("decided");
      }
    } catch (error) {
      if (error.isAway) setTimeout(() => this.#decide(), AGAIN_MS);
      else this.#amend({ isDue: false });
      this.dispatchEvent(new CustomEvent("fault", { detail: error.message }));
    } finally {
      this.#deciding = false;
    }
  }

  #amend(part) {
    if (this.#now) this.#now = { ...this.#now, ...part };
    else this.#history.now = { ...this.#history.now, ...part };
  }

  // Rendering

  #asked(kind, note = "") {
    const { stage, version } = this;
    const body = { upload: stage.upload.id, parent: version?.id ?? null, note };
    if (kind === "steps") return { ...body, plan: { ...version.plan, target: this.target, steps: this.steps } };
    return { ...body, settings: given(this.wishes) };
  }

  async #render_behind() {
    const { now, version } = this;
    if (!this.isEdited || this.#now || this.delta !== null) return;
    if (now.isDue) {
      this.#pause = setTimeout(() => this.#render_behind(), PAUSE_MS);
      return;
    }
    const draft = (this.#draft = { job: null, version: null });
    try {
      const { job } = await this.work.ask("/versions", { body: { ...this.#asked(now.by), draft: true } });
      draft.job = job;
      if (this.#draft !== draft) return this.#cancel(draft);
      const done = await this.work.done(job);
      if (this.#draft !== draft || this.version !== version) return;
      draft.version = done.version;
      await this.stage.stand(this.name, done.version);
      this.#tell("drafted");
    } catch {
      if (this.#draft === draft) this.#draft = null; // it gave way, or there is no room: nothing is lost
    }
  }

  #drop() {
    clearTimeout(this.#pause);
    const draft = this.#draft;
    this.#draft = null;
    if (draft) this.#cancel(draft);
  }

  #cancel({ job, version }) {
    if (job && !version) this.work.ask(`/jobs/${job}/cancel`, { method: "POST" }).catch(() => {});
  }

  // A new version: of the wishes, decided anew, or of the steps as they stand. What was rendered
  // behind is taken.
  async render(kind = this.now.by, note = "") {
    const { work, stage, version } = this;
    clearTimeout(this.#pause);
    this.#draft = null;
    const { job } = await work.ask("/versions", { body: this.#asked(kind, note) });
    const done = await work.done(job);
    await work.refresh();
    const made = work.version(done.version);
    if (this.version !== version || !made) return made;
    await this.load(made);
    stage.choose(this.name);
    return made;
  }

  // Hearing

  get #isHeard() {
    return this.isEdited || this.delta !== null;
  }

  #hear(wait_ms = WAIT_MS) {
    clearTimeout(this.#timer);
    if (!this.#isHeard) return this.endPreview();
    this.#timer = setTimeout(() => this.#ask(), wait_ms);
    return undefined;
  }

  async #ask() {
    const { player } = this.stage;
    if (!player.sounds.has(this.name)) return;
    this.stage.choose(this.name);
    const about = this.delta === null ? {} : { delta: this.delta };
    this.#until = player.loop ? Infinity : player.position + AHEAD_S * player.rate_hz;
    try {
      const asked = { steps: this.steps, ...this.stage.heardAs(this.name), ...about };
      if (await this.#preview.ask(asked)) this.#tell("heard");
    } catch (error) {
      if (error.isAway) this.#hear(AGAIN_MS);
      this.dispatchEvent(new CustomEvent("fault", { detail: error.message }));
    }
  }

  // Where nothing is looped, the preview is carried on as it is played; not where all of it is there.
  #goOn() {
    if (!this.#preview || !this.#isHeard || (this.isDrafted && this.delta === null)) return;
    const { player } = this.stage;
    if (player.playing && !player.loop && player.position > this.#until - EARLY_S * player.rate_hz) this.#ask();
  }

  endPreview() {
    clearTimeout(this.#timer);
    this.#until = Infinity;
    if (!this.#preview || !this.stage.player.sounds.has(this.name)) return;
    this.#preview.end();
    this.stage.stand(this.name, null);
  }

  #tell(type) {
    this.dispatchEvent(new Event(type));
  }
}

// Wishes without those that say nothing.
export function given(wishes) {
  return Object.fromEntries(Object.entries(wishes).filter(([, value]) => value !== null && value !== ""));
}

function same(a, b) {
  return JSON.stringify(a) === JSON.stringify(b);
}
