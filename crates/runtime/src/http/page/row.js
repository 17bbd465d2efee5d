// A job of the list: its row, which stays the same while what it says changes.

import * as api from "./api.js";
import { ago, ahead, clock, counted, duration, moment, number } from "./format.js";
import { History, drawRuns, drawStrip, drawUpcoming, runsTable, took, typical } from "./history.js";
import { announce, element, mark, write } from "./node.js";

const FIELDS = [
  "name", "state", "failures", "running", "summary", "next-time", "schedule", "last-time", "last-duration",
  "last-message", "strip", "typical", "queue", "queue-size", "queue-of", "trigger", "pause", "cancel", "why", "reason", "not-now", "answer", "detail",
];

/** What a job's row says in a word; `running` comes beside it. */
function stateOf(job) {
  if (!job.enabled) return "disabled";
  if (job.paused) return "paused";
  if (job.consecutive_failures > 0) return "failing";
  return job.last_run ? "ok" : "new";
}

const SAID = { disabled: "disabled", paused: "paused", failing: "failing", ok: "ok", new: "not run yet" };

export class Row {
  job = null;
  state = "new";
  #at = {};
  #history;
  #isSeen = false;
  #detail = null;
  #refresh;

  /** `refresh` has the list asked for again, after an action. */
  constructor(name, template, refresh) {
    this.name = name;
    this.node = template.content.firstElementChild.cloneNode(true);
    for (const field of FIELDS) this.#at[field] = this.node.querySelector(`.${field}`);
    this.#refresh = refresh;
    this.#history = new History(name, () => this.#drawHistory());
    const id = `job-${name}`;
    this.node.id = id;
    this.#at.detail.id = `${id}-detail`;
    this.#at.answer.id = `${id}-answer`;
    write(this.#at.name, name);
    mark(this.#at.name, "aria-controls", this.#at.detail.id);
    this.#at.name.addEventListener("click", () => this.#toggle());
    for (const action of ["pause", "cancel"]) {
      this.#at[action].addEventListener("click", () => this.#act(action));
    }
    this.#at.why.id = `${id}-why`;
    mark(this.#at.trigger, "aria-controls", this.#at.why.id);
    this.#at.trigger.addEventListener("click", () => this.#askWhy(this.#at.why.hidden));
    this.#at["not-now"].addEventListener("click", () => this.#askWhy(false));
    this.#at.why.addEventListener("keydown", (event) => { if (event.key === "Escape") this.#askWhy(false); });
    this.#at.why.addEventListener("submit", (event) => {
      event.preventDefault();
      const reason = this.#at.reason.value.trim();
      this.#askWhy(false);
      this.#act("trigger", reason);
    });
  }

  /** What the filter looks through. */
  get words() {
    const { name, summary, disabled, running, last_run: last } = this.job;
    return [name, summary, SAID[this.state], running && "running", disabled, last?.outcome, last?.message]
      .filter(Boolean).join("\n").toLowerCase();
  }

  /** Takes what the list says about the job. */
  update(job, mayOperate) {
    const before = this.job && this.state;
    this.job = job;
    this.state = stateOf(job);
    const at = this.#at;
    mark(this.node, "data-state", this.state);
    write(at.state, SAID[this.state]);
    const failed = job.consecutive_failures;
    write(at.failures, failed > 0 ? `${counted(failed, "failure")} in a row` : "");
    write(at.summary, job.disabled ?? job.summary);
    write(at.schedule, job.schedule);
    const last = job.last_run;
    mark(at["last-message"], "data-outcome", last?.outcome);
    write(at["last-message"], last?.message ?? "");
    write(at["last-duration"], last ? `took ${duration(took(last))}` : "");
    stamp(at["last-time"], last?.ended);
    stamp(at["next-time"], job.next_run);
    write(at["queue-size"], job.queue ? number(job.queue.size) : "");
    write(at["queue-of"], job.queue?.of ?? "");
    mark(at.queue, "data-empty", job.queue ? null : "");
    this.#drawActions(mayOperate);
    this.#history.follow(last, this.#isSeen, Boolean(this.#detail));
    this.tick();
    if (this.#detail) this.#drawDetail();
    return before && before !== this.state ? this.state : null;
  }

  /** Writes what changes as time passes. */
  tick() {
    const { next_run: next, last_run: last, running } = this.job;
    const now = api.now();
    write(this.#at["next-time"], next ? ahead(Date.parse(next) - now) : "—");
    write(this.#at["last-time"], last ? ago(now - Date.parse(last.ended)) : "—");
    write(this.#at.running, running ? `running for ${duration(now - Date.parse(running.since))}` : "");
  }

  /** The row has come into sight, or gone. */
  see(isSeen) {
    this.#isSeen = isSeen;
    if (isSeen && !this.#history.runs) this.#history.ask();
  }

  #drawActions(mayOperate) {
    const { trigger, pause, cancel, reason } = this.#at;
    const { enabled, paused, running } = this.job;
    for (const button of [trigger, pause, cancel]) {
      mark(button, "aria-disabled", !mayOperate || null);
      mark(button, "aria-describedby", this.#at.answer.id);
      mark(button, "title", mayOperate ? null : "this token may only read");
    }
    if (!enabled || running) mark(trigger, "aria-disabled", true);
    if (!running) mark(cancel, "aria-disabled", true);
    const verb = paused ? "Resume" : "Pause";
    write(pause, verb);
    mark(trigger, "aria-label", `Trigger ${this.name}`);
    mark(reason, "aria-label", `Why ${this.name} is triggered`);
    mark(pause, "aria-label", `${verb} ${this.name}`);
    mark(cancel, "aria-label", `Cancel the run of ${this.name}`);
  }

  /** Opens or closes what a trigger is told: why. Nobody has to say it. */
  #askWhy(isOpen) {
    const { trigger, why, reason } = this.#at;
    if (isOpen && trigger.getAttribute("aria-disabled")) return;
    why.hidden = !isOpen;
    mark(trigger, "aria-expanded", String(isOpen));
    reason.value = "";
    (isOpen ? reason : trigger).focus();
  }

  async #act(action, reason) {
    // Not `disabled`, with which a button would lose the focus.
    // What was asked for before it became so is for the API to refuse.
    if (reason === undefined && this.#at[action].getAttribute("aria-disabled")) return;
    const asked = action === "pause" && this.job.paused ? "resume" : action;
    this.#answer("asking …", "asking");
    try {
      const said = await api[asked](this.name, reason);
      this.#answer(said.run_id ? `the run ${said.run_id} has begun` : said.status, "done");
    } catch (error) {
      this.#answer(error.status ? `${error.message} (${error.status})` : `no answer: ${error.message}`, "refused");
    }
    this.#refresh();
  }

  #answer(text, kind) {
    const { answer } = this.#at;
    answer.hidden = false;
    mark(answer, "data-kind", kind);
    write(answer, text);
    if (kind !== "asking") announce(`${this.name}: ${text}`);
  }

  #drawHistory() {
    const runs = this.#history.runs;
    if (runs) {
      drawStrip(this.#at.strip, runs);
      write(this.#at.typical, typical(runs));
    }
    if (this.#detail) this.#drawDetail();
  }

  #toggle() {
    const { detail, name } = this.#at;
    const isOpen = detail.hidden;
    detail.hidden = !isOpen;
    mark(name, "aria-expanded", isOpen);
    if (isOpen) {
      this.#detail = makeDetail();
      detail.replaceChildren(this.#detail.facts, this.#detail.table);
      this.#drawDetail();
      this.#history.ask();
    } else {
      this.#detail = null;
      detail.replaceChildren();
    }
  }

  #drawDetail() {
    const { values, body } = this.#detail;
    const { running, last_success: success, schedule, summary } = this.job;
    write(values.summary, summary);
    write(values.schedule, schedule);
    drawUpcoming(values.upcoming, this.#history.upcoming);
    write(values.success, success ? moment(Date.parse(success)) : "never");
    const soFar = running?.so_far;
    const items = soFar ? `; ${number(soFar.succeeded)} succeeded, ${number(soFar.failed)} failed, ${number(soFar.skipped)} skipped so far` : "";
    const since = running && clock(Date.parse(running.since));
    write(values.running, running ? `${running.run_id} since ${since} at ${running.holder}${items}` : "no");
    drawRuns(body, this.#history.runs ?? []);
  }
}

/** An empty detail: names and values, and the table of runs. */
function makeDetail() {
  const values = {};
  const facts = element("dl", "facts");
  for (const [key, title] of [
    ["summary", "What it does"], ["schedule", "Schedule"], ["upcoming", "Due"], ["success", "Last success"], ["running", "Running"],
  ]) {
    values[key] = element("dd", "text");
    facts.append(element("div", "", "", element("dt", "", title), values[key]));
  }
  const [table, body] = runsTable();
  const scroll = element("div", "scroll", "", table);
  // What scrolls has to be within reach of the keyboard.
  scroll.tabIndex = 0;
  scroll.setAttribute("role", "region");
  scroll.setAttribute("aria-label", "Latest runs");
  return { facts, values, table: scroll, body };
}

/** Gives an element that tells a time its moment in full. */
function stamp(node, time) {
  mark(node, "datetime", time);
  mark(node, "title", time ? moment(Date.parse(time)) : null);
}
