// Albums: order, gaps, fades, crossfades, titles, codes, artwork; joins to hear; delivery.

import { Album } from "./album.js";
import { catalogue, upload } from "./api.js";
import { deliveries } from "./delivery.js";
import { button, dropZone, h, say, telling } from "./element.js";
import { field } from "./fields.js";
import { hearJoin } from "./join.js";
import { moved, movers, ordered } from "./order.js";
import { Timeline } from "./timeline.js";

const OF_RELEASE = ["title", "artist", "label", "upc", "date", "genre", "gap_s"];
const OF_TRACK = ["title", "artist", "isrc", "gap_s", "crossfade_s", "crossfade_curve", "keep_as_is"];
const EMPTY = "Add the songs: mixes, which are mastered as one body, or versions, which stay as they are.";
const FADES = ["fade_in", "fade_out"];

export async function albumsPanel(element, { work }) {
  const choice = h("select", { "aria-label": "Album" });
  const room = h("div");
  const title = h("input", { type: "text", "aria-label": "Title of a new album", maxlength: 200, required: true, placeholder: "Title" });
  let open = null;
  const show = async (id) => {
    open = id;
    choice.value = id;
    await albumRoom(room, work, await Album.open(work, id));
  };
  const create = telling(async (event) => {
    event.preventDefault();
    const made = await work.ask("/albums", { body: { release: { title: title.value, tracks: [] } } });
    title.value = "";
    await work.refresh();
    await show(made.id);
  });
  choice.addEventListener("change", telling(() => show(choice.value)));
  const list = () => {
    choice.hidden = !work.albums.length;
    choice.replaceChildren(...work.albums.map((one) => h("option", { value: one.id, selected: one.id === open }, one.title || "Untitled")));
  };
  element.replaceChildren(h("form", { class: "line", onsubmit: create }, choice, title, h("button", {}, "New album")), room);
  work.addEventListener("change", list);
  list();
  if (work.albums.length) await telling(() => show(work.albums[0].id))();
}

async function albumRoom(element, work, album) {
  const { release: ofRelease, track: ofTrack } = await catalogue("wishes");
  const list = h("ol", { class: "rows tracks", "aria-label": "Tracks, in their order" });
  const timeline = new Timeline(work, album);
  const own = (name) => {
    const row = ofRelease.find((one) => one.name === name);
    return field(bounded(row), album.release[name], (value) => album.set({ [name]: value }));
  };
  const move = (from, to) => {
    album.set({ tracks: moved(album.release.tracks, from, to) });
    draw();
  };
  ordered(list, move);

  const item = (track, k, n) => {
    const name = track.title || nameOf(work, track.file);
    const set = (key) => (value) => {
      album.setTrack(k, { [key]: value });
      if (key === "title") made.querySelector("h3").textContent = value;
    };
    const row = (key) => ofTrack.find((one) => one.name === key);
    const now = () => album.release.tracks[k];
    const fades = FADES.map((key) => field({ ...row(`${key}.length_s`), name: `${key}_s`, high: 30 }, now()[key].length_s,
      (value) => album.setTrack(k, { [key]: { ...now()[key], length_s: value } })));
    const made = h("li", { class: "row track", draggable: "true" },
      h("div", { class: "title" },
        h("span", { class: "number" }, `${k + 1}`), h("h3", {}, name), h("span", { class: "note" }, nameOf(work, track.file)),
        movers(list, k, n, name, move),
        k ? button("Hear the join", telling(() => hearJoin(work, album.release, k)), { "aria-label": `Hear the join before ${name}` }) : null,
        button("Remove", () => {
          album.set({ tracks: album.release.tracks.toSpliced(k, 1) });
          draw();
        }, { "aria-label": `Remove ${name}` })),
      h("details", {}, h("summary", {}, "Title, code, gap and fades"), h("div", { class: "columns" },
        OF_TRACK.map((key) => field(bounded(row(key)), track[key], set(key))), fades)));
    made.addEventListener("pointerdown", (event) => { made.draggable = !event.target.closest("details"); });
    return made;
  };

  const draw = () => {
    const { tracks } = album.release;
    list.replaceChildren(...tracks.map((track, k) => item(track, k, tracks.length)));
    if (!tracks.length) list.replaceChildren(h("li", { class: "note" }, EMPTY));
  };

  const add = h("select", { "aria-label": "Song to add" });
  const songs = () => {
    const before = add.value;
    const rows = [
      ...work.mixes.map(({ id, name }) => [id, `Mix: ${name}`]),
      ...work.versions.map(({ id, name }) => [id, `Version: ${name}`]),
    ];
    add.replaceChildren(...rows.map(([id, name]) => h("option", { value: id, selected: id === before }, name)));
  };
  const adding = (event) => {
    event.preventDefault();
    if (!add.value) return;
    const title = nameOf(work, add.value).replace(/\.[^.]*$/, "");
    const track = bare(ofTrack, { file: add.value, title, keep_as_is: Boolean(work.version(add.value)) });
    album.set({ tracks: [...album.release.tracks, track] });
    draw();
  };
  const cover = h("div", { class: "cover" });
  const artwork = dropZone("Artwork: drop a JPEG or PNG", telling(async (file) => {
    const { id } = await upload(work.id, file, { kind: "artwork" });
    album.set({ artwork: id });
    await work.refresh();
    cover.replaceChildren(h("img", { src: URL.createObjectURL(file), alt: `Artwork: ${file.name}`, width: 120, height: 120 }));
  }), { accept: "image/jpeg,image/png", many: false });
  const art = work.uploads.find(({ id }) => id === album.release.artwork);
  if (art) cover.append(h("p", { class: "note" }, `Artwork: ${art.name}`));

  work.addEventListener("change", songs);
  album.addEventListener("fault", ({ detail }) => say(detail, true));
  album.addEventListener("kept", () => say("The album is kept."));
  songs();
  draw();
  element.replaceChildren(
    h("div", { class: "columns" },
      h("section", {}, h("h3", {}, "Release"), OF_RELEASE.map(own)),
      h("section", {}, artwork, cover)),
    timeline.element, list,
    h("form", { class: "line", onsubmit: adding }, add, h("button", {}, "Add the song")),
    await deliveries(work, album));
}

// Of what may be 600 s a slider of 30 is enough; the figure beside it goes further where it is open.
function bounded(row) {
  return row.unit === "s" && row.default !== null ? { ...row, high: Math.min(row.high, 30) } : row;
}

function bare(rows, given) {
  const plain = rows.filter(({ name }) => !name.includes(".")).map(({ name, default: value }) => [name, value]);
  return { ...Object.fromEntries(plain), ...given };
}

export function nameOf(work, id) {
  const [upload, version] = [work.uploads.find((one) => one.id === id), work.version(id)];
  return upload?.name ?? version?.name ?? "a sound that is gone";
}
