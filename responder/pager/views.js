// The screens, as elements. Words go in as text alone, never as markup. Knows no keys, keeps nothing.

import { say, span } from "./words.js";

/** An element; functions among the properties are listeners, the rest attributes. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

const heading = (words) => make("h1", { tabindex: "-1" }, words);
const paragraph = (words, kind = "") => make("p", kind ? { class: kind } : {}, words);
const deed = (words, click) => make("button", { class: "deed", type: "button", click }, words);
const second = (words, click) => make("button", { class: "second", type: "button", click }, words);
const link = (words, href, kind = "deed") => make("a", { class: kind, href, rel: "noreferrer" }, words);

const start = (botLink, payload) => `${botLink}?start=${payload}`;

/** A button that opens the bot with the payload; without a Telegram bot, the payload to copy. */
function handOver(language, botLink, payload, label, copy) {
  if (botLink) return [link(say(language, label), start(botLink, payload))];
  const command = `/start ${payload}`;
  return [
    paragraph(say(language, "registered.by-hand")),
    make("textarea", { class: "sealed", readonly: true, "aria-label": say(language, label) }, command),
    deed(say(language, "copy"), () => copy(command)),
  ];
}

export const refusal = (language, reason, { home, register, botLink }) => [
  heading(say(language, `refused.${reason}.title`)),
  paragraph(say(language, `refused.${reason}.what`), "lead"),
  register ? deed(say(language, "register.button"), register) : null,
  botLink ? link(say(language, "open-bot"), botLink) : null,
  home ? second(say(language, "home"), home) : null,
];

export const register = (language, { go }) => [
  heading(say(language, "register.title")),
  paragraph(say(language, "register.what"), "lead"),
  paragraph(say(language, "register.how")),
  deed(say(language, "register.button"), go),
  paragraph(say(language, "register.same"), "soft"),
];

const wordList = (language, words) => [
  paragraph(say(language, "registered.words")),
  make("ol", { class: "words", lang: "" }, ...words.map((word) => make("li", {}, word))),
];

export const registered = (language, { words, botLink, payload, copy }) => [
  heading(say(language, "registered.title")),
  ...wordList(language, words),
  paragraph(say(language, "registered.compare")),
  ...handOver(language, botLink, payload, "registered.send", copy),
  botLink ? paragraph(say(language, "registered.send.hint"), "soft") : null,
];

export const home = (language, { facts, changed, words, payload, copy, again, report }) => [
  heading(say(language, "home.title")),
  paragraph(say(language, "home.network", { name: facts.name }), "lead"),
  changed ? sheet(language, "leave", null, [paragraph(say(language, "home.changed"))]) : null,
  paragraph(say(language, "home.how")),
  ...wordList(language, words),
  paragraph(say(language, "registered.compare"), "soft"),
  ...handOver(language, facts.botLink, payload, "registered.send", copy),
  second(say(language, "home.report"), report),
  make(
    "details",
    {},
    make("summary", {}, say(language, "register.again")),
    paragraph(say(language, "register.again.warn")),
    second(say(language, "register.again.sure"), again),
  ),
];

export const probe = (language, { token, botLink, copy }) => [
  heading(say(language, "probe.title")),
  paragraph(say(language, "probe.what"), "lead"),
  ...handOver(language, botLink, token, "probe.button", copy),
];

export const hidden = (language, { home: toHome }) => [
  heading(say(language, "page.hidden.title")),
  paragraph(say(language, "page.hidden.what"), "lead"),
  second(say(language, "home"), toHome),
];

// --- a page -----------------------------------------------------------------------------------

function sheet(language, kind, key, children) {
  if (children.length === 0) return null;
  const title = key ? make("h2", {}, say(language, key)) : null;
  const label = key ? { "aria-label": say(language, key) } : {};
  return make("section", { class: `sheet ${kind}`, ...label }, title, ...children);
}

const bullets = (texts = []) =>
  texts.length ? [make("ul", {}, ...texts.map((words) => make("li", {}, words)))] : [];

/** Where the phone's own map app looks; iPhones know no geo: links. */
function mapLink({ pin, place }) {
  const query = encodeURIComponent(pin ? pin.join(",") : place);
  const apple = /iPhone|iPad|Macintosh/.test(navigator.userAgent);
  if (apple) return `maps:?q=${query}`;
  return `geo:${pin ? pin.join(",") : "0,0"}?q=${query}`;
}

function whereabouts(language, content) {
  if (!content.place && !content.pin) return null;
  return sheet(language, "place", "page.place", [
    paragraph(content.place || content.pin.join(", ")),
    link(say(language, "page.map"), mapLink(content), "second"),
    paragraph(say(language, "page.map.hint"), "soft small"),
  ]);
}

const clock = (language, at) =>
  new Intl.DateTimeFormat(language, { timeStyle: "short" }).format(at);

export const untilWords = (language, expiresAt, now) =>
  say(language, "page.expires", {
    span: span(language, expiresAt - now),
    time: clock(language, expiresAt),
  });

export const pieceId = ({ kind, number }) => `${kind}-${number}`;

/**
 * A picture or voice message: on its way, here, gone, or of a kind that this phone does not know.
 * Nothing plays by itself, and nothing can be tapped that leads away.
 */
export function piece(language, one, again) {
  const { kind, number, count, state, address } = one;
  const name = say(language, `piece.${kind}`, { number, count });
  const figure = { id: pieceId(one), class: "piece", tabindex: "-1" };
  const caption = make("figcaption", {}, name);
  const broken = () => again.broken(one);
  if (state === "here" && kind === "picture") {
    return make("figure", figure, caption, make("img", { src: address, alt: name, error: broken }));
  }
  if (state === "here") {
    const sound = { src: address, controls: true, controlslist: "nodownload", preload: "metadata", "aria-label": name };
    return make("figure", figure, caption, make("audio", { ...sound, error: broken }));
  }
  return make(
    "figure",
    figure,
    caption,
    make("p", { class: "soft", role: "status" }, say(language, `piece.${state}`)),
    state === "gone" ? second(say(language, "piece.again"), () => again.fetch(one)) : null,
  );
}

/** It was stood down: that is all there is to show of it, whatever came before. */
export const over = (language, { home: toHome }) => [
  heading(say(language, "over.title")),
  paragraph(say(language, "over.what"), "lead"),
  second(say(language, "home"), toHome),
];

export const page = (language, { content, pieces, again, expiresAt, now, hide }) => {
  const parts = { part: content.part ?? 1, parts: content.parts ?? 1 };
  const brief = content.layout === "brief";
  const lines = (content.lines ?? []).map((words) => paragraph(words, brief ? "" : "lead"));
  const guidance = (content.guidance ?? []).map((words) => paragraph(words));
  return [
    heading(content.title || say(language, "app")),
    parts.parts > 1 ? paragraph(say(language, "page.part", parts), "soft") : null,
    whereabouts(language, content),
    sheet(language, "", "page.partner", content.partner ? [paragraph(content.partner)] : []),
    sheet(language, "", brief ? "page.lines" : null, lines),
    sheet(language, "", "page.guidance", guidance),
    sheet(language, "care", "page.safety", bullets(content.safety)),
    sheet(language, "leave", "page.leave", bullets(content.leave)),
    sheet(language, "pieces", null, pieces.map((one) => piece(language, one, again))),
    content.layout === "page" ? paragraph(say(language, "page.alone")) : null,
    make("p", { class: "until", id: "until", role: "timer" }, untilWords(language, expiresAt, now)),
    second(say(language, "page.hide"), hide),
  ];
};

// --- a private report ---------------------------------------------------------------------------

// The network takes in this many characters of one report, of all fields together.
const REPORT_LIMIT = 4000;
const PLACE_LIMIT = 500;
const KIND_LIMIT = 200;

function field(language, name, input, hint) {
  const id = `report-${name}`;
  input.id = id;
  input.setAttribute("name", name);
  input.setAttribute("autocomplete", "off");
  const told = hint ? make("p", { class: "hint", id: `${id}-hint` }, say(language, hint)) : null;
  if (told) input.setAttribute("aria-describedby", told.id);
  return [make("label", { for: id }, say(language, `report.${name}`)), told, input];
}

export function report(language, { facts, draft, seal }) {
  // No maxlength on the words: browsers cut what is pasted without saying so.
  const words = make("textarea", { required: true, rows: "5" });
  const place = make("input", { type: "text", maxlength: String(PLACE_LIMIT) });
  const kind = make("input", { type: "text", maxlength: String(KIND_LIMIT) });
  const wrong = make("p", { class: "wrong", id: "report-wrong", role: "alert", hidden: true });
  const boxes = { words, place, kind };
  for (const [name, box] of Object.entries(boxes)) {
    box.value = draft[name] ?? "";
    box.addEventListener("input", () => { draft[name] = box.value; });
  }
  const complain = (reason) => {
    wrong.textContent = say(language, `report.${reason}`);
    wrong.hidden = false;
    words.setAttribute("aria-invalid", "true");
    words.focus();
  };
  const submit = (event) => {
    event.preventDefault();
    const told = { kind: kind.value.trim(), place: place.value.trim(), words: words.value.trim() };
    if (!told.words) complain("missing");
    else if (Object.values(told).filter(Boolean).join("\n").length > REPORT_LIMIT) complain("too-long");
    else seal(told, complain);
  };
  return [
    heading(say(language, "report.title")),
    paragraph(say(language, "report.what"), "lead"),
    facts.emergency[language] ? sheet(language, "leave", null, [paragraph(facts.emergency[language])]) : null,
    make(
      "form",
      { submit, novalidate: true },
      ...field(language, "words", words, "report.words.hint"),
      wrong,
      ...field(language, "place", place, "report.place.hint"),
      ...field(language, "kind", kind),
      make("button", { class: "deed", type: "submit" }, say(language, "report.button")),
    ),
  ].filter((part) => part !== null);
}

export const sealedReport = (language, { messages, botLink, copy }) => [
  heading(say(language, "report.done.title")),
  paragraph(
    say(language, messages.length === 1 ? "report.done.one" : "report.done.many", {
      number: messages.length,
    }),
    "lead",
  ),
  ...messages.flatMap((message, at) => {
    const label = say(language, "report.done.part", { part: at + 1, parts: messages.length });
    return [
      make("textarea", { class: "sealed", readonly: true, "aria-label": label }, message),
      deed(messages.length === 1 ? say(language, "copy") : `${say(language, "copy")} (${at + 1}/${messages.length})`, () => copy(message)),
    ];
  }),
  botLink ? link(say(language, "open-bot"), botLink, "second") : null,
  paragraph(say(language, "report.done.kept"), "soft"),
];
