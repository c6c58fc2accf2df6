// RFC 9180 in base mode with X25519, HKDF-SHA256 and AES-256-GCM, for one message at a time.
// Names follow the RFC, sections 4.1, 5.1 and 7.1.

import { concat, number, utf8 } from "./bytes.js";

const EMPTY = new Uint8Array();
const KEM_ID = concat(utf8("KEM"), number(0x0020, 2));
const HPKE_ID = concat(utf8("HPKE"), number(0x0020, 2), number(0x0001, 2), number(0x0002, 2));
const ENC_SIZE = 32;
const X25519 = { name: "X25519" };

async function hmac(key, data) {
  // An empty key is the same as zeros, and browsers refuse to import an empty one.
  const raw = key.length ? key : new Uint8Array(32);
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const imported = await crypto.subtle.importKey("raw", raw, algorithm, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, data));
}

const labeled = (suite, label, data) => concat(utf8("HPKE-v1"), suite, utf8(label), data);

const extract = (suite, salt, label, ikm) => hmac(salt, labeled(suite, label, ikm));

// One block of HKDF-Expand is enough: nothing here is longer than 32 bytes.
async function expand(suite, prk, label, info, size) {
  const block = concat(number(size, 2), labeled(suite, label, info), number(1, 1));
  return (await hmac(prk, block)).slice(0, size);
}

async function sharedSecret(privateKey, publicKey, enc, recipient) {
  const peer = { ...X25519, public: publicKey };
  const dh = new Uint8Array(await crypto.subtle.deriveBits(peer, privateKey, 256));
  const prk = await extract(KEM_ID, EMPTY, "eae_prk", dh);
  return expand(KEM_ID, prk, "shared_secret", concat(enc, recipient), 32);
}

async function schedule(secretOfBoth, info) {
  const pskIdHash = await extract(HPKE_ID, EMPTY, "psk_id_hash", EMPTY);
  const infoHash = await extract(HPKE_ID, EMPTY, "info_hash", info);
  const context = concat(number(0, 1), pskIdHash, infoHash);
  const secret = await extract(HPKE_ID, secretOfBoth, "secret", EMPTY);
  const raw = await expand(HPKE_ID, secret, "key", context, 32);
  const key = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
  return { key, iv: await expand(HPKE_ID, secret, "base_nonce", context, 12) };
}

const importPublic = (raw) => crypto.subtle.importKey("raw", raw, X25519, true, []);

/** Seals to the raw public key; gives `enc || ciphertext`. */
export async function seal(recipient, info, plaintext) {
  const ephemeral = await crypto.subtle.generateKey(X25519, false, ["deriveBits"]);
  const enc = new Uint8Array(await crypto.subtle.exportKey("raw", ephemeral.publicKey));
  const publicKey = await importPublic(recipient);
  const secret = await sharedSecret(ephemeral.privateKey, publicKey, enc, recipient);
  const { key, iv } = await schedule(secret, info);
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, plaintext);
  return concat(enc, new Uint8Array(sealed));
}

/**
 * Opens with the first of several infos that fits: `{ plaintext, info }`, or null where none does.
 * `recipient` is the raw public key that belongs to `privateKey`.
 */
export async function open(privateKey, recipient, infos, sealed) {
  const enc = sealed.slice(0, ENC_SIZE);
  const publicKey = await importPublic(enc);
  const secret = await sharedSecret(privateKey, publicKey, enc, recipient);
  for (const info of infos) {
    const { key, iv } = await schedule(secret, info);
    try {
      const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, sealed.slice(ENC_SIZE));
      return { plaintext: new Uint8Array(plain), info };
    } catch {
      // Authentication failed for this info: the next one is tried.
    }
  }
  return null;
}
