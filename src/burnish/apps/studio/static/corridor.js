// The corridor that the spectrum is held against: the style's, or where references decide, theirs.
//
//     meters.corridor = await corridorOf(work, plan.target);

import { catalogue } from "./api.js";
import { label } from "./fields.js";

const LEAST_DB = 1; // to each side of a reference: no curve is surer

export async function corridorOf(work, target) {
  const likes = (target.references ?? []).map(({ sha256 }) => sha256);
  const uploads = work.uploads.filter(({ sha256 }) => likes.includes(sha256));
  if (uploads.length) return ofReferences(work, uploads);
  const style = (await catalogue("styles")).find(({ name }) => name === target.style);
  if (!style) return null;
  const { edges_hz, q25_db, q75_db } = style.tone;
  return { name: label(style.name), edges_hz, low_db: q25_db, high_db: q75_db };
}

// From the lowest to the highest of them in each band; null where one has nothing there.
async function ofReferences(work, uploads) {
  const told = await Promise.all(uploads.map(({ id }) => work.ask(`/uploads/${id}`)));
  const spectra = told.map(({ analysis }) => analysis?.measured.spectrum).filter(Boolean);
  if (!spectra.length) return null;
  const edges_hz = spectra[0].band_edges_hz;
  const among = (k) => spectra.map(({ bands_db }) => bands_db[k]).filter((db) => db !== null);
  const bands = edges_hz.slice(1).map((_, k) => among(k));
  if (bands.some((band) => !band.length)) return null;
  const spread = bands.map((band) => ({ low: Math.min(...band), high: Math.max(...band) }));
  const wide = spread.map(({ low, high }) => Math.max(LEAST_DB, (high - low) / 2));
  const middle = spread.map(({ low, high }) => (low + high) / 2);
  return {
    name: uploads.length > 1 ? "the references" : uploads[0].name,
    edges_hz,
    low_db: middle.map((db, k) => db - wide[k]),
    high_db: middle.map((db, k) => db + wide[k]),
  };
}
