// Listen as: what is heard goes through a phone, a car or a codec, or only what a codec takes away.

import { catalogue } from "./api.js";
import { h, say } from "./element.js";
import { soundAt } from "./player.js";

export async function throughPanel(element, { work, stage }) {
  const places = await catalogue("places");
  const { player } = stage;
  const heard = new Map(); // name of a sound -> what it goes through now
  let wanted = "";
  const key = (place) => place.replace("!", "&removed=true");

  const send = async (name) => {
    const place = wanted;
    if ((heard.get(name) ?? "") === place || !player.sounds.has(name)) return;
    const base = stage.base(name);
    const original = await soundAt(base, name);
    if (!place) {
      heard.set(name, "");
      player.revise(name, base, original.info);
      return;
    }
    const plain = place.replace("!", "");
    const { job } = await work.ask(`${base.slice(base.indexOf("/sounds"))}/through`, { body: { through: plain } });
    if (job) {
      say(`${plain} is being made.`);
      await work.done(job);
    }
    if (wanted !== place || !player.sounds.has(name)) return;
    const address = `${base}?through=${key(place)}`;
    const { info } = await soundAt(address, name);
    player.revise(name, address, info, place.endsWith("!") ? { like: original.info } : {});
    heard.set(name, place);
    say("");
  };
  const turn = async () => {
    try {
      await send(player.selected);
    } catch (error) {
      say(error.message, true);
    }
  };
  player.addEventListener("select", turn);

  const group = (legend, rows) => h("fieldset", { class: "places" }, h("legend", {}, legend), rows.map(([value, title, about]) => {
    const input = h("input", { type: "radio", name: "place", value });
    input.checked = value === wanted;
    input.addEventListener("change", () => {
      wanted = value;
      element.dataset.through = value;
      turn();
    });
    return h("label", { class: "place", title: about }, input, h("span", {}, title), about ? h("small", {}, about) : null);
  }));
  const of = (kind) => places.filter((one) => one.kind === kind);
  element.replaceChildren(
    h("p", { class: "lead" }, "What you hear goes through this, at the same loudness. The files stay as they are."),
    group("Here", [["", "As it is", "Nothing between the master and you"]]),
    group("On devices", of("device").map(({ name, title, about }) => [name, title, about])),
    group("Through a codec", of("codec").map(({ name, title }) => [name, title, ""])),
    group("Only what a codec takes away", of("codec").map(({ name, title }) => [`${name}!`, title, ""])));
}
