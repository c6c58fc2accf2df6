// Puts it together: what the address asks for, what this phone knows, and which screen follows.
// Rules it keeps: a page's words live in memory alone, until they are hidden or their time is over;
// the fragment leaves the address bar before anything else happens; nothing is written to a log.

import { fromUrl64, same } from "./bytes.js";
import * as memory from "./memory.js";
import * as parcels from "./parcels.js";
import * as sealed from "./sealed.js";
import * as views from "./views.js";
import { LANGUAGES, pick, say } from "./words.js";

const main = document.getElementById("main");
const status = document.getElementById("status");
const TICK_MS = 1000;

let language = pick(...navigator.languages);
let screen = null;
let opened = null;
let pieces = [];
let visit = 0;
let bot = "";
let offered = Object.keys(LANGUAGES);

// --- the network's facts ------------------------------------------------------------------------

async function published() {
  const answer = await fetch("network.json");
  if (!answer.ok) throw new Error("no facts");
  const facts = await answer.json();
  const both = Object.keys(LANGUAGES).filter((code) => facts.languages.includes(code));
  if (both.length) offered = both;
  return {
    networkId: facts.network_id,
    name: facts.name,
    botLink: facts.bot_link,
    signPublic: fromUrl64(facts.sign_public),
    reportPublic: fromUrl64(facts.report_public),
    emergency: facts.emergency,
  };
}

/** The facts to show: today's where their keys are the pinned ones, else those of registration. */
async function current(pinned) {
  const now = await published().catch(() => pinned);
  return trusts(pinned, now) ? { facts: now, changed: false } : { facts: pinned, changed: true };
}

const trusts = (known, facts) =>
  known.networkId === facts.networkId &&
  same(known.signPublic, facts.signPublic) &&
  same(known.reportPublic, facts.reportPublic);

async function fingerprint(publicKey) {
  const answer = await fetch("fingerprint-words.txt");
  return sealed.fingerprintWords(publicKey, (await answer.text()).trim().split(/\s+/));
}

// --- the screen -----------------------------------------------------------------------------------

/** Shows what `draw(language)` gives; draws it again when the language is switched. */
function show(draw, { focus = true } = {}) {
  screen = draw;
  document.documentElement.lang = language;
  document.getElementById("skip").textContent = say(language, "skip");
  main.replaceChildren(...draw(language).filter((part) => part !== null));
  const title = main.querySelector("h1");
  document.title = say(language, "app");
  if (focus) title?.focus();
  window.scrollTo(0, 0);
  languageSwitch();
}

function languageSwitch() {
  const buttons = offered.map((code) => {
    const chosen = { lang: code, type: "button", "aria-pressed": String(code === language) };
    return views.make("button", { ...chosen, click: () => speak(code) }, LANGUAGES[code]);
  });
  document.getElementById("languages").replaceChildren(...buttons);
}

function speak(code) {
  language = code;
  show(screen, { focus: false });
  document.querySelector(`#languages [lang="${code}"]`).focus();
}

function announce(words) {
  status.textContent = words;
  status.classList.add("shown");
  setTimeout(() => {
    if (status.textContent === words) status.classList.remove("shown");
  }, 4000);
}

async function copy(words) {
  try {
    await navigator.clipboard.writeText(words);
    announce(say(language, "copied"));
  } catch {
    announce(say(language, "copy-failed"));
  }
}

function refuse(reason) {
  close();
  const lost = ["framed", "unsupported"].includes(reason);
  const home = lost ? null : goHome;
  const register = reason === "unregistered" ? goRegister : null;
  const botLink = lost ? "" : bot;
  show((tongue) => views.refusal(tongue, reason, { home, register, botLink }));
}

// --- registering ------------------------------------------------------------------------------------

function goRegister() {
  show((tongue) => views.register(tongue, { go: registerPhone }));
}

async function registerPhone() {
  try {
    const facts = await published();
    const device = await sealed.newDevice();
    await memory.register(device, facts);
    // Asked for, not relied on: the weekly probe finds out whether the browser kept the key.
    await navigator.storage?.persist?.();
    const words = await fingerprint(device.publicKey);
    const payload = await sealed.registrationPayload(device.publicKey, facts);
    show((tongue) => views.registered(tongue, { words, botLink: facts.botLink, payload, copy }));
  } catch (error) {
    refuse(error instanceof DOMException ? "storage" : "failed");
  }
}

async function goHome() {
  const known = await memory.phone();
  if (known === undefined) {
    goRegister();
    return;
  }
  const { facts, changed } = await current(known.facts);
  const words = await fingerprint(known.publicKey);
  const payload = await sealed.registrationPayload(known.publicKey, known.facts);
  show((tongue) =>
    views.home(tongue, {
      facts,
      changed,
      words,
      payload,
      copy,
      again: registerPhone,
      report: goReport,
    }),
  );
}

// --- a page -----------------------------------------------------------------------------------------

async function openLink(fragment) {
  const mine = ++visit;
  close();
  const known = await memory.phone();
  if (known === undefined) {
    sealed.checkShape(fragment);
    throw new sealed.Refusal("unregistered");
  }
  bot = known.facts.botLink;
  const page = await sealed.openPage(fragment, { device: known, facts: known.facts, now: Date.now() });
  if (!(await memory.belongsTo(page.personTag))) throw new sealed.Refusal("other-person");
  const thread = await sealed.threadName(known.facts, page.personTag, page.content.thread);
  if (!(await memory.isNewest(thread, page.sequence, page.expiresAt))) {
    throw new sealed.Refusal("older");
  }
  const { facts } = await current(known.facts);
  // Another link may have been tapped while this one was being opened.
  if (mine !== visit) return;
  language = pick(page.content.language, language);
  opened = page;
  showOpened(facts);
}

function showOpened(facts) {
  const { content, purpose, expiresAt } = opened;
  if (purpose === "probe") {
    const token = sealed.probePayload(content.token);
    show((tongue) => views.probe(tongue, { token, botLink: facts.botLink, copy }));
    return;
  }
  if (content.layout === "over") {
    show((tongue) => views.over(tongue, { home: goHome }));
    return;
  }
  pieces = parcels.named(content).map((parcel) => ({ ...parcel, state: "coming", address: "" }));
  show((tongue) => views.page(tongue, { content, pieces, again, expiresAt, now: Date.now(), hide }));
  fetchAll(pieces);
}

/** One after the other: a phone out there has little to fetch with. */
async function fetchAll(wanted) {
  for (const piece of wanted) await fetchOne(piece);
}

async function fetchOne(piece) {
  // Whoever went on meanwhile, or hid the page, wants nothing more of it.
  if (!pieces.includes(piece)) return;
  const address = await parcels.fetched(piece).catch(() => "");
  if (!pieces.includes(piece)) {
    URL.revokeObjectURL(address);
    return;
  }
  settle(piece, address ? "here" : "gone", address);
}

/** Draws one piece anew, where it stands; nothing else on the screen moves. */
function settle(piece, state, address) {
  Object.assign(piece, { state, address });
  document.getElementById(views.pieceId(piece))?.replaceWith(views.piece(language, piece, again));
}

const again = {
  fetch(piece) {
    settle(piece, "coming", "");
    document.getElementById(views.pieceId(piece))?.focus();
    fetchOne(piece);
  },
  broken(piece) {
    URL.revokeObjectURL(piece.address);
    settle(piece, "unknown", "");
  },
};

/** Lets go of a page and of all that was fetched for it. */
function close() {
  opened = null;
  for (const { address } of pieces) if (address) URL.revokeObjectURL(address);
  pieces = [];
}

function hide() {
  close();
  show((tongue) => views.hidden(tongue, { home: goHome }));
}

/** Counts down, and blanks the screen the moment that the page's time is over. */
function tick() {
  if (opened === null) return;
  if (Date.now() >= opened.expiresAt) {
    refuse("expired");
    return;
  }
  const until = document.getElementById("until");
  const words = views.untilWords(language, opened.expiresAt, Date.now());
  if (until && until.textContent !== words) until.textContent = words;
}

// --- a private report ---------------------------------------------------------------------------------

async function goReport() {
  close();
  const known = await memory.phone().catch(() => undefined);
  const facts = known ? (await current(known.facts)).facts : await published();
  const draft = {};
  const seal = async (report, complain) => {
    try {
      const messages = await sealed.sealReport({ ...report, language }, facts);
      const { botLink } = facts;
      show((tongue) => views.sealedReport(tongue, { messages, botLink, copy }));
    } catch {
      complain("too-long");
    }
  };
  show((tongue) => views.report(tongue, { facts, draft, seal }));
}

// --- the way in -----------------------------------------------------------------------------------------

async function arrive() {
  const fragment = location.hash.slice(1);
  if (fragment === "main") return;
  if (fragment !== "") history.replaceState(null, "", location.pathname + location.search);
  try {
    if (window.top !== window.self) throw new sealed.Refusal("framed");
    if (!(await sealed.supported())) throw new sealed.Refusal("unsupported");
    if (fragment === "report") await goReport();
    else if (fragment === "" || fragment === "register") await goHome();
    else await openLink(fragment);
  } catch (error) {
    refuse(error instanceof sealed.Refusal ? error.reason : error instanceof DOMException ? "storage" : "failed");
  }
}

window.addEventListener("hashchange", arrive);
// A page must not come back out of the browser's memory of the last screen.
window.addEventListener("pagehide", () => {
  if (opened !== null) hide();
});
document.addEventListener("visibilitychange", tick);
setInterval(tick, TICK_MS);
navigator.serviceWorker?.register("sw.js").catch(() => undefined);
memory.sweep(Date.now()).catch(() => undefined);
arrive();
