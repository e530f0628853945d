// Loudness against harm: the trade-off curve of a mix, with the point that is asked for.

import { figure, shape } from "./element.js";

const [WIDTH, HEIGHT, LEFT, BOTTOM] = [416, 130, 12, 24];

export function curve(points, lufs) {
  const svg = shape("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", class: "tradeoff" });
  const known = points.filter(({ cost }) => Number.isFinite(cost));
  if (known.length < 2) return svg;
  const [low, high] = [known[0].loudness_lufs, known.at(-1).loudness_lufs];
  const most = Math.max(...known.map(({ cost }) => cost), 1e-9);
  const toX = (at) => LEFT + ((WIDTH - 2 * LEFT) * (at - low)) / (high - low);
  const toY = (cost) => 8 + (HEIGHT - BOTTOM - 16) * (1 - cost / most);
  const place = ({ loudness_lufs, cost }) => `${toX(loudness_lufs).toFixed(1)},${toY(cost).toFixed(1)}`;
  const line = (rows) => `M${rows.map(place).join("L")}`;
  const free = known.filter(({ stopped_by }) => !stopped_by);
  const held = known.slice(Math.max(0, free.length - 1));
  shape("path", { class: "grid", d: `M0,${HEIGHT - BOTTOM}H${WIDTH}` }, svg);
  if (free.length) shape("path", { class: "line", d: line(free) }, svg);
  if (held.length > 1) shape("path", { class: "line held", d: line(held) }, svg);
  for (let at = Math.ceil(low / 2) * 2; at <= high; at += 2)
    shape("text", { class: "xtick", x: toX(at), y: HEIGHT - 6 }, svg).textContent = figure(at, 0);
  if (lufs !== null) {
    const at = Math.min(high, Math.max(low, lufs));
    const k = Math.max(1, known.findIndex((point) => point.loudness_lufs >= at));
    const [a, b] = [known[k - 1], known[k]];
    const cost = a.cost + ((b.cost - a.cost) * (at - a.loudness_lufs)) / (b.loudness_lufs - a.loudness_lufs);
    shape("circle", { class: "dot", r: 5, cx: toX(at), cy: toY(cost) }, svg);
  }
  const asked = lufs === null ? "nothing asked" : `asked: ${figure(lufs, 1, "LUFS")}`;
  svg.setAttribute("aria-label", `Harm over loudness, ${figure(low, 1)} to ${figure(high, 1, "LUFS")}; ${asked}`);
  return svg;
}
