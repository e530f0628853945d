// Links for a client, who may play one version and comment on it. A link is told once, when it is made.

import { button, h, telling, when } from "./element.js";

export async function sharing(work, path) {
  const list = h("ul", { class: "links" });
  const made = h("p", { class: "note", role: "status" });
  const read = async () => {
    const open = await work.ask(`${path}/shares`);
    list.replaceChildren(...open.map(({ id, created_at }) => h("li", {}, `A link of ${when(created_at)} `,
      button("Close it", telling(async () => {
        await work.ask(`${path}/shares/${id}`, { method: "DELETE" });
        made.replaceChildren();
        await read();
      })))));
  };
  const share = telling(async () => {
    const { page } = await work.ask(`${path}/shares`, { method: "POST" });
    const address = new URL(page, location.href).href;
    const copy = button("Copy", telling(async () => {
      await navigator.clipboard.writeText(address);
      copy.textContent = "Copied";
    }));
    made.replaceChildren("It is told only now: ", h("a", { href: address, class: "share" }, address), " ", copy);
    await read();
  });
  await read();
  return h("div", {}, list, button("Make a link for a client", share), made);
}
