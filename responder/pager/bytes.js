// Bytes and text, there and back. Knows nothing of keys, pages or the screen.

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

export const utf8 = (text) => encoder.encode(text);
export const text = (bytes) => decoder.decode(bytes);

export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** The number as `size` bytes, the highest first. Not by bit operators: those end at 32 bits. */
export function number(value, size) {
  const bytes = new Uint8Array(size);
  for (let at = size - 1; at >= 0; at -= 1) {
    bytes[at] = value % 256;
    value = Math.floor(value / 256);
  }
  return bytes;
}

export const fromNumber = (bytes) => bytes.reduce((value, byte) => value * 256 + byte, 0);

/** The parts as bytes that no other parts could give: each goes with its length. */
export const joined = (...parts) =>
  concat(...parts.flatMap((part) => [number(part.length, 4), part]));

export const same = (one, other) =>
  one.length === other.length && one.every((byte, at) => byte === other[at]);

export const base64 = (bytes) =>
  btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")).replaceAll("=", "");

export const url64 = (bytes) => base64(bytes).replaceAll("+", "-").replaceAll("/", "_");

/** Throws where the text is not base64url. */
export function fromUrl64(text64) {
  if (!/^[A-Za-z0-9_-]*$/.test(text64)) throw new Error("not base64url");
  const plain = atob(text64.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

export const sha256 = async (bytes) =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));

async function through(transform, bytes, limit) {
  const reader = new Blob([bytes]).stream().pipeThrough(transform).getReader();
  let whole = new Uint8Array();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return whole;
    whole = concat(whole, value);
    // A small page must not fill the phone's memory.
    if (whole.length > limit) {
      await reader.cancel();
      throw new Error("longer than allowed");
    }
  }
}

export const deflate = (bytes) =>
  through(new CompressionStream("deflate-raw"), bytes, Number.POSITIVE_INFINITY);

export const inflate = (bytes) =>
  through(new DecompressionStream("deflate-raw"), bytes, 64 * 1024);
