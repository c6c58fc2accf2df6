// The format of sealed pages, registrations and private reports: see docs/sealed-pages.md.
// Knows nothing of the screen and keeps nothing: whoever calls hands in keys, facts and the time.

import * as hpke from "./hpke.js";
import {
  base64,
  concat,
  deflate,
  fromNumber,
  fromUrl64,
  inflate,
  joined,
  number,
  same,
  sha256,
  text,
  url64,
  utf8,
} from "./bytes.js";

export const VERSION = "1";
const PURPOSES = ["page", "card", "probe"];
const PAGE_SIZES = [512, 1280];
const FRAGMENT_LIMIT = 1900;
const SIGNATURE = 64;
const STRETCH = 50000;
const REPORT_SMALL = 1024;
const REPORT_STEP = 2560;
const REPORT_PARTS = 8;
const REPORT_CHUNK = 3480;

/** Why a page is not shown; `reason` is a key of the words. */
export class Refusal extends Error {
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}

/** Whether this browser can do all that is needed; asks it to, since names alone prove little. */
export async function supported() {
  try {
    const pair = await crypto.subtle.generateKey({ name: "X25519" }, false, ["deriveBits"]);
    await crypto.subtle.deriveBits({ name: "X25519", public: pair.publicKey }, pair.privateKey, 256);
    await importVerifier(fromUrl64("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"));
    await deflate(utf8("."));
    return true;
  } catch {
    return false;
  }
}

const importVerifier = (raw) =>
  crypto.subtle.importKey("raw", raw, { name: "Ed25519" }, false, ["verify"]);

// --- registering ----------------------------------------------------------------------------

/** A key of this phone: the private half can be used here and taken out by nobody. */
export async function newDevice() {
  const pair = await crypto.subtle.generateKey({ name: "X25519" }, false, ["deriveBits"]);
  const publicKey = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  return { privateKey: pair.privateKey, publicKey };
}

export async function registrationPayload(publicKey, facts) {
  const named = joined(
    utf8("responder registration 1"),
    utf8(facts.networkId),
    facts.signPublic,
    facts.reportPublic,
    publicKey,
  );
  return `k1${url64(publicKey)}${url64((await sha256(named)).slice(0, 9))}`;
}

export const probePayload = (token) => `p1-${token}`;

/** Five words of the list (256 of them) by which two people compare a key. */
export async function fingerprintWords(publicKey, list) {
  const base = await crypto.subtle.importKey("raw", publicKey, "PBKDF2", false, ["deriveBits"]);
  const salt = utf8("responder fingerprint 1");
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations: STRETCH };
  const digest = new Uint8Array(await crypto.subtle.deriveBits(how, base, 40));
  return Array.from(digest, (byte) => list[byte]);
}

// --- opening a page ---------------------------------------------------------------------------

export const networkTag = async (facts) =>
  (await sha256(joined(utf8("responder network 1"), utf8(facts.networkId), facts.signPublic))).slice(0, 8);

const deviceHint = async (enc, publicKey) =>
  (await sha256(joined(utf8("responder device 1"), enc, publicKey))).slice(0, 4);

export const pageInfo = (networkId, header, purpose) =>
  joined(
    utf8("responder sealed page 1"),
    utf8(networkId),
    utf8(header.personTag),
    utf8(purpose),
    number(header.expiry, 8),
    number(header.sequence, 8),
  );

function readHeader(fragment) {
  const [, version] = /^(\d{1,4})\./.exec(fragment) ?? [];
  // What a messenger or a hand put there is no page of a later format.
  if (version === undefined) throw new Refusal("damaged");
  if (version !== VERSION) throw new Refusal("newer");
  if (fragment.length > FRAGMENT_LIMIT) throw new Refusal("damaged");
  try {
    const bytes = fromUrl64(fragment.slice(VERSION.length + 1));
    const tagEnd = 19 + bytes[18];
    const header = {
      network: bytes.slice(0, 8),
      expiry: fromNumber(bytes.slice(8, 12)),
      sequence: fromNumber(bytes.slice(12, 18)),
      personTag: text(bytes.slice(19, tagEnd)),
      hint: bytes.slice(tagEnd, tagEnd + 4),
      sealed: bytes.slice(tagEnd + 4),
    };
    if (!PAGE_SIZES.includes(header.sealed.length - 48)) throw new Error("no size of ours");
    return header;
  } catch {
    throw new Refusal("damaged");
  }
}

/** Throws a `Refusal` where a fragment can be no page of any phone. */
export const checkShape = (fragment) => {
  readHeader(fragment);
};

/**
 * What a link's fragment says to this phone: `{ content, purpose, personTag, sequence, expiresAt }`.
 * `now` and `expiresAt` are milliseconds. Throws a `Refusal`; never gives a part of a page.
 */
export async function openPage(fragment, { device, facts, now }) {
  const header = readHeader(fragment);
  if (!same(header.network, await networkTag(facts))) throw new Refusal("other-network");
  if (now >= header.expiry * 1000) throw new Refusal("expired");
  const hint = await deviceHint(header.sealed.slice(0, 32), device.publicKey);
  if (!same(header.hint, hint)) throw new Refusal("other-phone");
  const infos = PURPOSES.map((purpose) => pageInfo(facts.networkId, header, purpose));
  try {
    const opened = await hpke.open(device.privateKey, device.publicKey, infos, header.sealed);
    const content = await signedContent(opened.plaintext, opened.info, device, facts);
    return {
      content,
      purpose: PURPOSES[infos.indexOf(opened.info)],
      personTag: header.personTag,
      sequence: header.sequence,
      expiresAt: header.expiry * 1000,
    };
  } catch {
    throw new Refusal("damaged");
  }
}

async function signedContent(plaintext, info, device, facts) {
  const signature = plaintext.slice(0, SIGNATURE);
  const start = SIGNATURE + 2;
  const body = plaintext.slice(start, start + fromNumber(plaintext.slice(SIGNATURE, start)));
  const message = joined(utf8("responder signed page 1"), info, device.publicKey, body);
  const verifier = await importVerifier(facts.signPublic);
  if (!(await crypto.subtle.verify({ name: "Ed25519" }, verifier, signature, message))) {
    throw new Error("not signed by this network");
  }
  return JSON.parse(text(await inflate(body)));
}

/** Names a thread without telling it: what a phone remembers is this, and a number. */
export async function threadName(facts, personTag, thread) {
  const parts = [facts.networkId, personTag, thread].map(utf8);
  return url64(await sha256(joined(utf8("responder thread 1"), ...parts)));
}

// --- private reports --------------------------------------------------------------------------

export const reportInfo = (networkId) =>
  joined(utf8("responder private report 1"), utf8(networkId));

/** The messages that bring a report past its channel. Throws `Refusal` where it is too long. */
export async function sealReport(report, facts) {
  const body = await deflate(utf8(JSON.stringify(report)));
  const plain = concat(number(body.length, 4), body);
  const steps = Math.ceil(plain.length / REPORT_STEP);
  if (steps > REPORT_PARTS) throw new Refusal("too-long");
  const size = plain.length <= REPORT_SMALL ? REPORT_SMALL : steps * REPORT_STEP;
  const padded = concat(plain, new Uint8Array(size - plain.length));
  const sealed = base64(await hpke.seal(facts.reportPublic, reportInfo(facts.networkId), padded));
  const chunks = [];
  for (let at = 0; at < sealed.length; at += REPORT_CHUNK) {
    chunks.push(sealed.slice(at, at + REPORT_CHUNK));
  }
  const id = Array.from(crypto.getRandomValues(new Uint8Array(3)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
  return chunks.map((chunk, at) => `R1.${id}.${at + 1}.${chunks.length}.${chunk}`);
}
