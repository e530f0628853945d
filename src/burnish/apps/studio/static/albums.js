// Albums: order, gaps, fades, crossfades, titles, codes, artwork; joins to hear; delivery.

import { Album } from "./album.js";
import { catalogue } from "./api.js";
import { deliveries } from "./delivery.js";
import { button, dropZone, h, redrawn, say, telling } from "./element.js";
import { field } from "./fields.js";
import { Sources, hearJoin } from "./join.js";
import { moved, movers, ordered } from "./order.js";
import { upload } from "./sending.js";
import { Timeline } from "./timeline.js";

const OF_RELEASE = ["title", "artist", "label", "upc", "date", "genre", "gap_s"];
const OF_TRACK = ["title", "artist", "isrc", "keep_as_is", "gap_s", "crossfade_s", "crossfade_curve"];
const FADES = ["fade_in", "fade_out"];
const EMPTY = "Add the songs: mixes, which are mastered as one body, or versions, which stay as they are.";
const NONE = "An album is songs in an order, mastered as one body. Give it a title to begin.";

export async function albumsPanel(element, { work }) {
  const choice = h("select", { "aria-label": "Album" });
  const room = h("div");
  const title = h("input", { type: "text", "aria-label": "Title of a new album", maxlength: 200, required: true, placeholder: "Title of a new album" });
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
    if (!work.albums.length) room.replaceChildren(h("p", { class: "empty" }, NONE));
    choice.replaceChildren(...work.albums.map((one) => h("option", { value: one.id, selected: one.id === open }, one.title || "Untitled")));
  };
  element.replaceChildren(h("form", { class: "line", onsubmit: create }, choice, title, h("button", {}, "New album")), room);
  work.addEventListener("change", list);
  list();
  if (work.albums.length) await telling(() => show(work.albums[0].id))();
}

async function albumRoom(element, work, album) {
  const { release: ofRelease, track: ofTrack } = await catalogue("wishes");
  let sources = await Sources.of(work, album);
  const list = h("ol", { class: "rows tracks", "aria-label": "Tracks, in their order" });
  const from = h("p", { class: "note joined-from", role: "status" });
  const open = new Set(); // tracks whose fields are seen
  const hear = telling(async (k) => {
    await album.saved();
    const playing = await hearJoin(work, album.release, k, sources);
    timeline.follow(k, playing);
  });
  const timeline = new Timeline(work, album, { hear });
  const own = (name) => {
    const row = ofRelease.find((one) => one.name === name);
    return field(bounded(row), album.release[name], (value) => album.set({ [name]: value }));
  };
  const move = (a, b) => {
    album.set({ tracks: moved(album.release.tracks, a, b) });
    open.clear();
    draw();
  };
  ordered(list, move);

  const item = (track, k, n) => {
    const name = track.title || nameOf(work, track.file);
    const set = (key) => (value, isDone) => {
      album.setTrack(k, { [key]: value, ...(value > 0 ? { crossfade_s: { gap_s: null }, gap_s: { crossfade_s: 0 } }[key] : {}) });
      if (key === "title") made.querySelector("h3").textContent = value;
      if (isDone && ["gap_s", "crossfade_s"].includes(key)) redrawn(list, draw); // one rules the other out
    };
    const row = (key) => ofTrack.find((one) => one.name === key);
    const now = () => album.release.tracks[k];
    const fades = FADES.flatMap((key) => [
      field({ ...row(`${key}.length_s`), name: `${key}_s`, high: 30 }, now()[key].length_s,
        (value) => album.setTrack(k, { [key]: { ...now()[key], length_s: value } })),
      field({ ...row(`${key}.curve`), name: `${key}_curve` }, now()[key].curve,
        (value) => album.setTrack(k, { [key]: { ...now()[key], curve: value } })),
    ]);
    const details = h("details", { open: open.has(k), ontoggle: ({ target }) => (target.open ? open.add(k) : open.delete(k)) },
      h("summary", {}, "Title, code, gap and fades"), h("div", { class: "columns" },
        h("div", {}, OF_TRACK.slice(0, 4).map((key) => field(row(key), track[key], set(key)))),
        h("div", {}, OF_TRACK.slice(4).map((key) => field(bounded(row(key)), track[key], set(key))), fades)));
    const made = h("li", { class: "row track", draggable: "true" },
      h("div", { class: "title" },
        h("span", { class: "number" }, `${k + 1}`), h("h3", {}, name), h("span", { class: "note file" }, nameOf(work, track.file)),
        track.isrc ? h("span", { class: "note code" }, track.isrc) : null,
        h("span", { class: "tools" },
          k ? button("Hear the join", () => hear(k), { "aria-label": `Hear the join before ${name}` }) : null,
          movers(list, k, n, name, move),
          button("Remove", () => {
            album.set({ tracks: album.release.tracks.toSpliced(k, 1) });
            open.clear();
            draw();
          }, { "aria-label": `Remove ${name}` }))),
      details);
    made.addEventListener("pointerdown", (event) => { made.draggable = !event.target.closest("details"); });
    return made;
  };

  const draw = () => {
    const { tracks } = album.release;
    list.replaceChildren(...tracks.map((track, k) => item(track, k, tracks.length)));
    if (!tracks.length) list.replaceChildren(h("li", { class: "empty" }, EMPTY));
    from.textContent = tracks.length > 1 ? sources.said(tracks) : "";
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

  // When the album was mastered, its joins are heard from that.
  const mastered = telling(async () => {
    sources = await Sources.of(work, album);
    draw();
  });
  work.addEventListener("change", songs);
  timeline.addEventListener("done", () => redrawn(list, draw));
  album.addEventListener("fault", ({ detail }) => say(detail, true));
  album.addEventListener("kept", () => say("The album is kept."));
  songs();
  draw();
  element.replaceChildren(
    h("div", { class: "sleeve" }, cover(work, album), h("section", {}, h("h3", { class: "unseen" }, "Release"), OF_RELEASE.map(own))),
    h("section", { class: "sequence" }, h("h3", {}, "Sequence"), timeline.element, from, list,
      h("form", { class: "line", onsubmit: adding }, add, h("button", {}, "Add the song"))),
    await deliveries(work, album, mastered));
}

// The artwork as the server has it, and where another is dropped.
function cover(work, album) {
  const place = h("div", { class: "cover" });
  const show = () => {
    const art = work.uploads.find(({ id }) => id === album.release.artwork);
    const drop = dropZone(art ? "Other artwork" : "Artwork: drop a JPEG or PNG", telling(async (file) => {
      const { id } = await upload(work.id, file, { kind: "artwork" });
      album.set({ artwork: id });
      await work.refresh();
      show();
    }), { accept: "image/jpeg,image/png", many: false });
    const image = art ? h("img", { src: `/api/projects/${work.id}/artwork/${art.id}`, alt: `Artwork: ${art.name}`, width: 240, height: 240 }) : null;
    image?.addEventListener("error", () => image.replaceWith(h("p", { class: "note" }, `${art.name} is no JPEG and no PNG.`)));
    place.replaceChildren(...[image, drop].filter(Boolean));
  };
  show();
  return place;
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
