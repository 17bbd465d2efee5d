// What became of a job's latest runs: asked for once the job is in sight, and continued with the
// last runs that the list tells.

import * as api from "./api.js";
import { clock, counted, duration, moment } from "./format.js";
import { element, mark, write } from "./node.js";

/** How many runs the strip shows. */
const SHOWN = 30;

/** How many histories are asked for at a time. */
const AT_ONCE = 2;

const waiting = [];
let underWay = 0;

/** Asks for the detail of a job, a few at a time, in the order in which they come into sight. */
function askInTurn(name) {
  return new Promise((answered, failed) => {
    waiting.push(() => api.detail(name).then(answered, failed));
    next();
  });
}

function next() {
  if (underWay >= AT_ONCE || !waiting.length) return;
  underWay += 1;
  waiting.shift()().finally(() => { underWay -= 1; next(); });
}

export const took = (run) => Date.parse(run.ended) - Date.parse(run.since);
const number = (run) => Number(run.run_id.slice(run.run_id.lastIndexOf(":") + 1));

export class History {
  /** The runs, newest first, or nothing if they are not known. */
  runs = null;
  upcoming = [];
  #asking = false;
  #name;
  #changed;

  constructor(name, changed) {
    this.#name = name;
    this.#changed = changed;
  }

  /** Takes note of the last run that the list tells. Whoever looks gets what was missed in between. */
  follow(last, isSeen, isOpen) {
    if (!last) {
      this.runs = [];
    } else if (this.runs?.[0]?.run_id !== last.run_id) {
      const follows = this.runs && number(last) === number(this.runs[0] ?? { run_id: ":0" }) + 1;
      this.runs = follows ? [last, ...this.runs].slice(0, 100) : null;
      if (isSeen && (isOpen || !follows)) this.ask();
    } else {
      return;
    }
    this.#changed();
  }

  /** Asks for all of it. What cannot be had now is asked for with the next run. */
  async ask() {
    if (this.#asking) return;
    this.#asking = true;
    try {
      const detail = await askInTurn(this.#name);
      this.runs = detail.history;
      this.upcoming = detail.upcoming;
      this.#changed();
    } catch {
      // The list says what is wrong.
    } finally {
      this.#asking = false;
    }
  }
}

/** Draws the runs as bars, oldest first: as high as they took long, and with a mark if they failed. */
export function drawStrip(strip, runs) {
  const shown = runs.slice(0, SHOWN).reverse();
  const longest = Math.max(1, ...shown.map(took));
  while (strip.children.length > shown.length) strip.firstChild.remove();
  while (strip.children.length < shown.length) strip.append(element("i"));
  shown.forEach((run, index) => {
    const bar = strip.children[index];
    if (bar.className !== run.outcome) bar.className = run.outcome;
    const height = `${Math.round(20 + 80 * Math.sqrt(took(run) / longest))}%`;
    if (bar.style.height !== height) bar.style.height = height;
    mark(bar, "title", `${run.message}\n${clock(Date.parse(run.since))}, ${duration(took(run))}`);
  });
  mark(strip, "aria-label", described(shown));
}

function described(runs) {
  if (!runs.length) return "no run has ended yet";
  const count = (outcome) => runs.filter((run) => run.outcome === outcome).length;
  const parts = ["succeeded", "failed", "interrupted"].filter(count).map((outcome) => `${count(outcome)} ${outcome}`);
  return `last ${counted(runs.length, "run")}: ${parts.join(", ")}`;
}

/** How long a run usually takes: the middle one of those that succeeded. */
export function typical(runs) {
  const times = runs.filter((run) => run.outcome === "succeeded").map(took).sort((a, b) => a - b);
  return times.length ? `usually ${duration(times[times.length >> 1])}` : "";
}

/** A table of the runs. Its rows are kept from one drawing to the next. */
export function drawRuns(body, runs) {
  const known = new Map([...body.children].map((row) => [row.dataset.run, row]));
  const rows = runs.map((run) => known.get(run.run_id) ?? row(run));
  const isSame = rows.length === body.children.length && rows.every((row, index) => row === body.children[index]);
  if (!isSame) body.replaceChildren(...rows);
}

function row(run) {
  const began = Date.parse(run.since);
  const when = element("time", "", clock(began));
  when.dateTime = run.since;
  when.title = moment(began);
  const cause = run.due ? "" : run.reason ? `asked for: ${run.reason}` : "asked for";
  const made = element("tr", run.outcome, "",
    element("td", "", "", when),
    element("td", "outcome", run.outcome),
    element("td", "figure", duration(took(run))),
    element("td", "text", run.message.replace(/^(succeeded|failed|interrupted): /, "")),
    element("td", "text quiet", cause),
    element("td", "text quiet", `${run.run_id} at ${run.holder}`),
  );
  made.dataset.run = run.run_id;
  return made;
}

/** An empty table for the runs, and its body. */
export function runsTable() {
  const head = element("tr", "", "", ...["Began", "Outcome", "Took", "What", "Cause", "Run"].map((title) => {
    const cell = element("th", "", title);
    cell.scope = "col";
    return cell;
  }));
  const body = element("tbody");
  const caption = element("caption", "unseen", "Latest runs");
  return [element("table", "runs", "", caption, element("thead", "", "", head), body), body];
}

/** Writes the next due times. */
export function drawUpcoming(node, upcoming) {
  write(node, upcoming.map((time) => clock(Date.parse(time))).join(" · ") || "none");
}
