// What this phone keeps, in IndexedDB: its key, the network's keys as they were at registration,
// and the highest version seen of each thing. No word of any page, ever.

// One host may show the pagers of several networks, each in a folder of its own: a phone that is
// registered here says nothing of there, and registering there throws no key of here away.
const NAME = `pager ${new URL("./", location.href).pathname}`;
const KEEP_MS = 60 * 24 * 3600 * 1000;

function database() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("phone");
      request.result.createObjectStore("seen");
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Runs `work(store)` in one transaction; gives what the request that it returned came to. */
async function within(name, mode, work) {
  const db = await database();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = db.transaction(name, mode, { durability: "strict" });
      const box = work(transaction.objectStore(name));
      transaction.oncomplete = () => resolve(box?.result);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    db.close();
  }
}

/** `{ privateKey, publicKey, facts, personTag }`, or undefined on a phone that never registered. */
export const phone = () => within("phone", "readonly", (store) => store.get("this"));

/** Keeps a new key and what it trusts; forgets the versions seen under an older one. */
export async function register(device, facts) {
  await within("seen", "readwrite", (store) => store.clear());
  await within("phone", "readwrite", (store) => store.put({ ...device, facts, personTag: "" }, "this"));
}

/** Whose phone this is: the first page decides, later ones must agree. Gives whether this one does. */
export async function belongsTo(personTag) {
  const answer = await within("phone", "readwrite", (store) => {
    const box = {};
    const reading = store.get("this");
    reading.onsuccess = () => {
      const known = reading.result;
      box.result = known.personTag === "" || known.personTag === personTag;
      if (known.personTag === "") store.put({ ...known, personTag }, "this");
    };
    return box;
  });
  return answer;
}

/**
 * Whether this version is as new as any seen before, and remembers it if so; reading and writing
 * are one transaction, so that two windows cannot overtake each other.
 */
export async function isNewest(thread, sequence, expiresAt) {
  return within("seen", "readwrite", (store) => {
    const box = {};
    const reading = store.get(thread);
    reading.onsuccess = () => {
      const known = reading.result;
      box.result = known === undefined || sequence >= known.sequence;
      const until = Math.max(known?.until ?? 0, expiresAt + KEEP_MS);
      if (box.result) store.put({ sequence, until }, thread);
    };
    return box;
  });
}

/** Drops what was remembered of things long over. */
export async function sweep(now) {
  await within("seen", "readwrite", (store) => {
    const cursor = store.openCursor();
    cursor.onsuccess = () => {
      const entry = cursor.result;
      if (entry === null) return;
      if (entry.value.until < now) entry.delete();
      entry.continue();
    };
  });
}
