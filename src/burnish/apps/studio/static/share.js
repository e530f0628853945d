// What a client sees by a link: one version to play, and to comment at a place.

import { ask } from "./api.js";
import { Controls } from "./controls.js";
import { button, h, say, telling, when } from "./element.js";
import { Player, soundAt } from "./player.js";
import { Waveform, clock } from "./waveform.js";

const token = location.pathname.split("/").at(-1);
const base = `/api/shared/${token}/sound`;
const main = document.querySelector("#main");

async function open() {
  const told = await ask(`/shared/${token}`);
  document.title = `${told.project}: version ${told.number}`;
  const wave = h("div");
  const controls = h("div");
  const list = h("ul", { class: "comments", "aria-label": "Comments" });
  const author = h("input", { type: "text", maxlength: 100, autocomplete: "name" });
  const text = h("input", { type: "text", maxlength: 4000, required: true });
  main.replaceChildren(h("h1", {}, told.project), h("p", { class: "lead" }, `Version ${told.number}, ${when(told.created_at)}`), h("div", { class: "display display-alone" }, wave, controls),
    h("section", { "aria-labelledby": "said-of-it" }, h("h2", { id: "said-of-it" }, "What was said"), list,
      h("form", { class: "line", onsubmit: (event) => comment(event) },
        h("label", {}, "Your name", author), h("label", { class: "wide" }, "Comment at the playhead", text), h("button", {}, "Comment"))));
  const player = await Player.open([await soundAt(base, "version", `Version ${told.number}`)]);
  const picture = new Waveform(wave, player);
  picture.load("version", base, player.sounds.get("version").info);
  new Controls(controls, player, picture).blind.hidden = true;
  player.addEventListener("fault", ({ detail }) => say(detail, true));
  const show = (rows) => list.replaceChildren(...rows.map(({ at_s, author: who, text: what }) => h("li", {},
    button(clock(at_s), () => {
      player.seek(at_s * player.rate_hz);
      player.play();
    }, { "aria-label": `Hear ${clock(at_s)}` }), ` ${who ? `${who}: ` : ""}${what}`)));
  show(told.comments);
  const comment = telling(async (event) => {
    event.preventDefault();
    await ask(`/shared/${token}/comments`, { body: { author: author.value, text: text.value, at_s: player.position / player.rate_hz } });
    text.value = "";
    say("Thank you; it was written down.");
    show((await ask(`/shared/${token}`)).comments);
  });
  Object.assign(globalThis, { player });
  document.documentElement.dataset.ready = "";
}

telling(open)();
