// How durations, moments and numbers are written.

const UNITS = [["d", 86_400_000], ["h", 3_600_000], ["min", 60_000], ["s", 1_000]];

/** A duration in milliseconds, by its two largest units: `3 h 5 min`; below ten seconds with a tenth. */
export function duration(milliseconds) {
  const rest = Math.max(0, milliseconds);
  if (rest < 1_000) return `${Math.round(rest)} ms`;
  if (rest < 10_000) return `${(rest / 1_000).toFixed(1)} s`;
  const first = UNITS.findIndex(([, size]) => rest >= size);
  const [unit, size] = UNITS[first];
  const whole = Math.floor(rest / size);
  const second = UNITS[first + 1];
  const left = second && Math.floor((rest - whole * size) / second[1]);
  return left ? `${whole} ${unit} ${left} ${second[0]}` : `${whole} ${unit}`;
}

/** The same for a clock that is looked at: whole seconds. */
function rough(milliseconds) {
  return milliseconds < 10_000 ? `${Math.floor(milliseconds / 1_000)} s` : duration(milliseconds);
}

/** How long ago something was. */
export function ago(milliseconds) {
  return milliseconds < 1_000 ? "just now" : `${rough(milliseconds)} ago`;
}

/** How soon something will be. */
export function ahead(milliseconds) {
  return milliseconds < 1_000 ? "now" : `in ${rough(milliseconds)}`;
}

const MOMENT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" });
const TIME = new Intl.DateTimeFormat(undefined, { dateStyle: "short", timeStyle: "medium" });

/** A moment in full, with the time zone. */
export function moment(time) {
  return MOMENT.format(time);
}

/** A moment for a table. */
export function clock(time) {
  return TIME.format(time);
}

/** A number with its thousands set apart. */
export function number(value) {
  return value.toLocaleString();
}

/** `1 run`, `2 runs`. */
export function counted(count, noun) {
  return `${number(count)} ${noun}${count === 1 ? "" : "s"}`;
}
