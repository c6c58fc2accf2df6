// Parcels: pictures and voice of a page, fetched sealed from the pager's own host and opened here.
// Knows nothing of the screen. What it gives lives in memory until it is let go.

import { fromNumber, fromUrl64, utf8 } from "./bytes.js";

// The first byte of what was sealed counts through these; nothing else is ever shown.
const TYPES = [
  "image/jpeg",
  "image/png",
  "image/webp",
  "audio/ogg",
  "audio/mp4",
  "audio/aac",
  "audio/mpeg",
];
const FAMILIES = { picture: "image/", voice: "audio/" };
const NONCE = 12;
const LONGEST = 12 * 1024 * 1024 + 64;
const PATIENCE_MS = 60000;

/** The parcels that a page names: `{ kind, number, count, token, key }`; what is none is left out. */
export function named(content) {
  return (content.parcels ?? []).flatMap((words) => {
    const [kind, number, count, token, key] = words.split(" ");
    const right = Object.hasOwn(FAMILIES, kind) && /^[\w-]{82}$/.test(token) && /^[\w-]{43}$/.test(key);
    return right ? [{ kind, number: Number(number), count: Number(count), token, key }] : [];
  });
}

/**
 * The address in memory of what is in the parcel (let it go with `URL.revokeObjectURL`).
 * Throws where it is gone, was changed, cannot be fetched, or is not what the page said.
 */
export async function fetched({ kind, token, key }) {
  const answer = await fetch(`parcel/${token}`, {
    cache: "no-store",
    credentials: "omit",
    redirect: "error",
    referrerPolicy: "no-referrer",
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  if (!answer.ok) throw new Error("not there");
  if (Number(answer.headers.get("Content-Length")) > LONGEST) throw new Error("longer than any");
  const sealed = new Uint8Array(await answer.arrayBuffer());
  return URL.createObjectURL(await opened(sealed, fromUrl64(key), kind));
}

/** What is in a parcel. Throws where anything was changed, or where it is of another kind. */
export async function opened(sealed, raw, kind) {
  const key = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["decrypt"]);
  const how = { name: "AES-GCM", iv: sealed.slice(0, NONCE), additionalData: utf8("responder parcel 1") };
  const plain = new Uint8Array(await crypto.subtle.decrypt(how, key, sealed.slice(NONCE)));
  const type = TYPES[plain[0]] ?? "";
  const length = fromNumber(plain.slice(1, 5));
  if (!type.startsWith(FAMILIES[kind]) || length > plain.length - 5) throw new Error("not that");
  return new Blob([plain.slice(5, 5 + length)], { type });
}
