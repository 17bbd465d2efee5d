// The page: asks for the token, and then for the list again and again.

import * as api from "./api.js";
import { ago, counted, number } from "./format.js";
import { announce, element, mark, write } from "./node.js";
import { Row } from "./row.js";

/** How often the list is asked for, in milliseconds; and how rarely, while nobody answers. */
const OFTEN = 2_000;
const RARELY = 30_000;

/** A list that takes long is asked for less often: so many times as long lies between two. */
const SHARE = 10;

/** How old a list may be that counts as live, in milliseconds. */
const FRESH = 5_000;

const at = (id) => document.getElementById(id);
const rows = new Map();
const seen = new IntersectionObserver(
  (entries) => entries.forEach((entry) => rows.get(entry.target.dataset.name)?.see(entry.isIntersecting)),
  { rootMargin: "200px" },
);

/** What can be shown alone, besides all: a name, and whether a row belongs to it. */
const KINDS = [
  ["all", () => true],
  ["failing", (row) => row.state === "failing"],
  ["running", (row) => Boolean(row.job.running)],
  ["paused", (row) => row.state === "paused"],
  ["disabled", (row) => row.state === "disabled"],
];

let kind = "all";
let timer;
let failures = 0;
let answered = 0;
let isAsking = false;
let isAskedAgain = false;

/** Asks for the list, shows it, and sees to it that it is asked for again. */
async function poll() {
  clearTimeout(timer);
  if (isAsking) {
    isAskedAgain = true;
    return;
  }
  if (!api.token.get()) return showSignIn("");
  isAsking = true;
  const began = performance.now();
  let wait;
  try {
    const list = await api.list();
    if (!api.token.get()) return stopAsking();
    failures = 0;
    answered = Date.now();
    show(list);
    wait = Math.min(RARELY, Math.max(OFTEN, SHARE * (performance.now() - began)));
  } catch (error) {
    if (!api.token.get()) return stopAsking();
    if (error.isAboutToken) {
      api.token.forget();
      showSignIn(error.message);
      return stopAsking();
    }
    wait = Math.min(RARELY, OFTEN * 2 ** failures);
    failures += 1;
    showTrouble(error, wait);
  }
  isAsking = false;
  if (isAskedAgain) {
    isAskedAgain = false;
    return poll();
  }
  // A tab that nobody looks at asks nothing; it asks as soon as somebody does.
  if (!document.hidden) timer = setTimeout(poll, wait);
}

/** Nobody is there any more to show the answer to. */
function stopAsking() {
  isAsking = false;
  isAskedAgain = false;
}

function showSignIn(problem) {
  clearTimeout(timer);
  for (const id of ["overview", "caller", "connection"]) at(id).hidden = true;
  at("sign-in").hidden = false;
  write(at("token-problem"), problem);
  mark(at("token"), "aria-invalid", problem ? true : null);
  at("token").focus();
}

function showTrouble(error, wait) {
  showOverview();
  const what = error.status ? `${error.message} (${error.status})` : "the service does not answer";
  write(at("trouble"), `${what[0].toUpperCase()}${what.slice(1)}. What is shown may be out of date.`);
  at("trouble").hidden = false;
  mark(at("connection"), "data-state", "lost");
  write(at("connection-text"), `asked again in ${Math.round(wait / 1_000)} s`);
}

function showOverview() {
  const isNew = at("overview").hidden;
  at("sign-in").hidden = true;
  at("overview").hidden = false;
  at("connection").hidden = false;
  // Not the filter: a phone would bring up its keyboard.
  if (isNew) at("overview").focus();
}

function show({ service, token, jobs }) {
  showOverview();
  at("trouble").hidden = true;
  mark(at("connection"), "data-state", "live");
  write(at("service"), service);
  const mayOperate = token.permission === "operate";
  at("caller").hidden = false;
  write(at("caller-text"), mayOperate ? token.name : `${token.name}, may only read`);

  const changes = [];
  for (const job of jobs) {
    const row = rows.get(job.name) ?? newRow(job.name);
    const change = row.update(job, mayOperate);
    if (change === "failing") changes.push(job.name);
  }
  const names = new Set(jobs.map((job) => job.name));
  for (const [name, row] of rows) if (!names.has(name)) dropRow(name, row);
  // In the order of the list; nothing moves that is in its place.
  jobs.forEach((job, index) => {
    const node = rows.get(job.name).node;
    const there = at("jobs").children[index];
    if (there !== node) at("jobs").insertBefore(node, there ?? null);
  });
  sift();
  tick();
  if (changes.length) announce(changes.length > 3 ? `${changes.length} jobs fail now` : `failing now: ${changes.join(", ")}`);
}

function newRow(name) {
  const row = new Row(name, at("job"), poll);
  row.node.dataset.name = name;
  rows.set(name, row);
  seen.observe(row.node);
  return row;
}

function dropRow(name, row) {
  seen.unobserve(row.node);
  row.node.remove();
  rows.delete(name);
}

/** Shows the rows that the filter lets through. */
function sift() {
  const words = at("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
  const [, belongs] = KINDS.find(([name]) => name === kind);
  let shown = 0;
  for (const row of rows.values()) {
    const text = row.words;
    const isShown = belongs(row) && words.every((word) => text.includes(word));
    if (row.node.hidden === isShown) row.node.hidden = !isShown;
    shown += Number(isShown);
  }
  const isAll = shown === rows.size;
  write(at("found"), isAll ? "" : `${number(shown)} of ${counted(rows.size, "job")}`);
  drawKinds();
}

function drawKinds() {
  for (const [name, belongs] of KINDS) {
    const button = at(`only-${name}`);
    const count = [...rows.values()].filter(belongs).length;
    write(button.lastChild, number(count));
    mark(button, "aria-pressed", name === kind);
    mark(button, "data-empty", count === 0 ? "" : null);
  }
  const failing = [...rows.values()].filter((row) => row.state === "failing").length;
  const title = `${at("service").textContent} jobs`.trim();
  const wanted = failing ? `(${failing} failing) ${title}` : title;
  if (document.title !== wanted) document.title = wanted;
}

function tick() {
  if (document.hidden || at("overview").hidden) return;
  for (const row of rows.values()) if (!row.node.hidden) row.tick();
  const age = Date.now() - answered;
  if (failures === 0) write(at("connection-text"), age < FRESH ? "live" : `answered ${ago(age)}`);
}

function leave() {
  api.token.forget();
  for (const [name, row] of rows) dropRow(name, row);
  showSignIn("");
}

for (const [name] of KINDS) {
  const button = element("button", `only ${name}`, "", element("span", "", name), " ", element("b", "count"));
  button.type = "button";
  button.id = `only-${name}`;
  button.addEventListener("click", () => { kind = name; sift(); });
  at("states").append(button);
}

at("token-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = at("token").value.trim();
  at("token").value = "";
  if (!/^[\x20-\x7e]+$/.test(text)) return showSignIn("a token has letters, digits and signs of ASCII alone");
  api.token.keep(text);
  poll();
});
at("leave").addEventListener("click", leave);
at("filter").addEventListener("input", sift);
document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest?.("input");
  if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey && !at("overview").hidden) {
    event.preventDefault();
    at("filter").focus();
  }
  if (event.key === "Escape" && event.target === at("filter")) {
    at("filter").value = "";
    sift();
  }
});
document.addEventListener("visibilitychange", () => { if (!document.hidden) poll(); });
setInterval(tick, 1_000);
poll();
