// The page of rl board: what the server tells of runs, as a list, a chart and a table. Texts of run directories are
// set as text, never as markup.

import { Chart } from "./chart.js";
import { Curve, together } from "./curves.js";
import { Episode } from "./episode.js";
import { megabytes, number, seconds, steps, x as xText } from "./text.js";

const element = (id) => document.getElementById(id);

/** How much longer than drawing the time to the next drawing is, when nothing but data has changed. */
const RATIO = 50;
const LEAST_WAIT = 250;
const MOST_WAIT = 5000;
const MANY = 40; // lines, of which each gets less
const MOST_ROWS = 100; // of the table
const STATES = ["running", "finished", "stopped", "failed", "broken"];
const GROUPS = ["rollout", "eval", "train", "time"];
const COLOURS = ["#3b7ddd", "#e2574c", "#2ba36b", "#9a6ad6", "#e8912d", "#16a3b8", "#c2557f", "#8a7a4f", "#5b6bbf", "#7aa52f"];

const runs = new Map(); // by id
const hidden = new Set(); // ids of runs whose box is not checked
const colours = new Map(); // of lines, by key; they keep them
let list = { directory: "", most: 0, runs: [], studies: [] };
let zoom = null;
let found = { lines: [], names: [], runs: [] }; // what is drawn

// ---- what was chosen, kept in the address

const chosen = Object.assign(
  { metric: "rollout/mean_return", x: "steps", group: "iqm", smooth: "0", filter: "", state: "" },
  Object.fromEntries(new URLSearchParams(location.hash.slice(1))),
);
if (!["iqm", "mean", "runs"].includes(chosen.group)) chosen.group = "iqm";
if (!["steps", "seconds"].includes(chosen.x)) chosen.x = "steps";
if (!STATES.includes(chosen.state)) chosen.state = "";

let addressTimer = 0;

function choose(name, value) {
  chosen[name] = value;
  if (["filter", "state", "group"].includes(name)) changed.lines = true;
  clearTimeout(addressTimer); // browsers refuse an address that changes all the time
  addressTimer = setTimeout(() => history.replaceState(null, "", "#" + new URLSearchParams(chosen)), 200);
}

// ---- the server's events

let source = null;
let lost = 0;

function connect() {
  source?.close();
  for (const run of runs.values()) run.curve = new Curve();
  source = new EventSource(`events?metric=${encodeURIComponent(chosen.metric)}`);
  source.addEventListener("list", (event) => {
    list = JSON.parse(event.data);
    const known = new Set(list.runs);
    for (const id of runs.keys()) if (!known.has(id)) runs.delete(id);
    changed.lines = true;
    dataChanged();
  });
  source.addEventListener("run", (event) => {
    const said = JSON.parse(event.data);
    const run = runs.get(said.id) ?? { curve: new Curve() };
    if (said.settings || said.state !== run.state) changed.lines = true;
    if (said.metrics.length !== run.metrics?.length) changed.metrics = true;
    Object.assign(run, said);
    if (said.settings) {
      run.key = JSON.stringify(said.settings);
      run.words = [run.id, run.algorithm, run.environment, `seed=${run.seed}`, `seed-${run.seed}`]
        .concat(Object.entries(run.settings).map(([name, value]) => `${name}=${value}`))
        .map((word) => word.toLowerCase());
    }
    run.words ??= [run.id.toLowerCase()];
    runs.set(run.id, run);
    changed.runs.add(run);
    episode.update(run);
    dataChanged();
  });
  source.addEventListener("curve", (event) => {
    const said = JSON.parse(event.data);
    const run = runs.get(said.run);
    if (run && said.metric === chosen.metric) run.curve.take(said);
    dataChanged();
  });
  source.addEventListener("look", () => {
    lost = 0;
    live(true);
    if (!document.body.dataset.ready) {
      document.body.dataset.ready = "yes";
      dataChanged();
    }
  });
  source.onerror = () => {
    // Streams end now and then, and the next begins at once.
    lost = lost || performance.now();
    setTimeout(() => lost && performance.now() - lost > 2500 && live(false), 3000);
  };
}

function live(is) {
  element("live").className = is ? "on" : "";
  const text = is ? "live" : "not connected";
  if (element("live").textContent !== text) element("live").textContent = text;
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    source?.close();
    source = null;
  } else if (!source) connect();
});

// ---- drawing: what users do is shown with the next frame, data when there is time

/** What has changed since the last drawing: which lines there are, which metrics, and runs. */
const changed = { lines: true, metrics: true, runs: new Set() };
let timer = 0;
let frame = 0;
let tableTimer = 0;
let lastDrawing = { end: 0, cost: 0 };

function dataChanged() {
  if (timer) return;
  const wait = Math.min(MOST_WAIT, Math.max(LEAST_WAIT, RATIO * lastDrawing.cost));
  timer = setTimeout(draw, Math.max(0, lastDrawing.end + wait - performance.now()));
}

function drawSoon() {
  if (!frame) frame = requestAnimationFrame(draw);
}

function draw() {
  clearTimeout(timer);
  cancelAnimationFrame(frame);
  timer = frame = 0;
  const start = performance.now();
  const anew = changed.lines;
  if (anew) found = lines();
  drawList();
  drawMetrics();
  drawChart();
  // The table in a frame of its own, and a long one seldom: both together may take long.
  if (!tableTimer) tableTimer = setTimeout(drawTable, anew || found.lines.length < MANY ? 0 : 500);
  lastDrawing = { end: performance.now(), cost: performance.now() - start };
}

// ---- the list of runs

const nameOf = (run) => run.id || list.directory.split("/").pop() || "run";
const folderOf = (run) => run.id.split("/").slice(0, -1).join("/");
const compare = new Intl.Collator("en", { numeric: true }).compare;

/** Whether a run has all words of the filter, and none that begins with a minus. */
function fits(run) {
  return chosen.filter
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word && word !== "-")
    .every((word) =>
      word.startsWith("-")
        ? !run.words.some((has) => has.includes(word.slice(1)))
        : run.words.some((has) => (word.includes("=") ? has.startsWith(word) : has.includes(word))),
    );
}

const listed = () => [...runs.values()].filter((run) => fits(run) && (!chosen.state || run.state === chosen.state));
const visible = () => listed().filter((run) => run.settings && !hidden.has(run.id));

function part(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

/** Sets a text if it is another one: the browser need not look at the rest. */
function set(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function row(run) {
  const item = part("li", "run");
  const label = part("label");
  const box = part("input");
  box.type = "checkbox";
  box.onchange = () => {
    if (box.checked) hidden.delete(run.id);
    else hidden.add(run.id);
    changed.lines = true;
    drawSoon();
  };
  const name = part("span", "name", nameOf(run).split("/").pop());
  name.title = nameOf(run);
  const watch = part("button", "watch", "▶");
  watch.type = "button";
  watch.setAttribute("aria-label", `Play the latest episode of ${nameOf(run)}`);
  watch.title = "Play the latest episode";
  watch.onclick = () => episode.open(run, nameOf(run));
  const bar = part("div", "bar");
  bar.append(part("i"));
  label.append(box, part("span", "swatch"), name, part("span", "state"));
  item.append(label, part("span", "facts"), watch, bar);
  Object.assign(run, { item, box, watch, nameNode: name });
  return item;
}

function fill(run) {
  const { item } = run;
  item.dataset.state = run.state;
  item.querySelector(".swatch").style.background = run.colour ?? "";
  run.box.checked = !hidden.has(run.id);
  run.box.disabled = !run.settings;
  run.watch.hidden = !run.policy || !run.settings;
  const state = item.querySelector(".state");
  set(state, run.state);
  state.className = `state ${STATES.includes(run.state) ? run.state : ""}`;
  const facts = item.querySelector(".facts");
  facts.classList.toggle("wide", Boolean(run.problem));
  set(
    facts,
    run.problem ??
      [
        `${steps(run.steps)} of ${steps(run.total)}`,
        run.state === "running" && run.speed ? `${number(run.speed)} steps/s` : `${seconds(run.seconds)}`,
        megabytes(run.memory),
      ]
        .filter(Boolean)
        .join(" · "),
  );
  item.querySelector(".bar i").style.width = `${run.total ? Math.min(100, (100 * run.steps) / run.total) : 0}%`;
}

function drawList() {
  for (const run of changed.runs) if (run.item) fill(run);
  changed.runs.clear();
  if (!changed.lines) return;
  changed.lines = false;
  const shown = listed();
  shown.sort((a, b) => compare(folderOf(a), folderOf(b)) || compare(a.id, b.id));
  const items = [];
  const headed = new Set(); // studies
  let folder = null;
  for (const run of shown) {
    if (folderOf(run) !== folder) {
      folder = folderOf(run);
      const study = studyOf(folder);
      if (folder || study) items.push(folderHead(folder, headed.has(study) ? undefined : study));
      headed.add(study);
    }
    items.push(run.item ?? row(run));
    fill(run);
  }
  for (const study of list.studies) if (study.problem) items.push(broken(study));
  element("runs").replaceChildren(...items);
  drawStates();
  const checked = shown.filter((run) => !hidden.has(run.id)).length;
  set(element("shown"), `${checked} of ${runs.size} run${runs.size === 1 ? "" : "s"} shown`);
  element("all").checked = checked === shown.length;
  element("all").indeterminate = checked > 0 && checked < shown.length;
  set(element("directory"), list.directory);
  element("directory").title = list.directory;
  element("notice").hidden = !list.most;
  if (list.most) set(element("notice"), `There is more here than ${list.most} runs or 20,000 files: this is a part.`);
}
/** The study that a folder is in, or is. */
const studyOf = (folder) =>
  list.studies.find(({ id }) => id === "" || folder === id || folder.startsWith(id + "/"));

function folderHead(folder, study) {
  const head = part("li", "folder", folder || "study");
  if (study?.planned) {
    const inside = [...runs.values()].filter((run) => study.id === "" || run.id.startsWith(study.id + "/"));
    const finished = inside.filter((run) => run.state === "finished").length;
    head.append(part("span", "", `${finished} of ${study.planned} finished`));
  }
  return head;
}

function broken(study) {
  const item = part("li", "run");
  item.append(part("span", "name", study.id || "study"), part("span", "facts wide", study.problem));
  return item;
}

function drawStates() {
  const counts = Object.fromEntries(STATES.map((state) => [state, 0]));
  for (const run of runs.values()) counts[run.state]++;
  const box = element("states");
  if (!box.children.length) {
    for (const state of STATES) {
      const button = part("button");
      button.type = "button";
      button.onclick = () => {
        choose("state", chosen.state === state ? "" : state);
        drawSoon();
      };
      box.append(button);
    }
  }
  STATES.forEach((state, i) => {
    const button = box.children[i];
    set(button, `${counts[state]} ${state}`);
    button.hidden = counts[state] === 0 && chosen.state !== state;
    button.setAttribute("aria-pressed", String(chosen.state === state));
  });
}

// ---- the metric's menu

function drawMetrics() {
  if (!changed.metrics) return;
  changed.metrics = false;
  const all = new Set([chosen.metric]);
  for (const run of runs.values()) for (const metric of run.metrics) all.add(metric);
  const names = [...all].sort().join("\n");
  if (names === drawMetrics.names) return;
  drawMetrics.names = names;
  const groups = new Map(GROUPS.map((group) => [group, []]));
  for (const metric of all) {
    const group = metric.split("/")[0];
    if (!groups.has(group)) groups.set(group, []);
    groups.get(group).push(metric);
  }
  const menu = element("metric");
  menu.replaceChildren();
  for (const [group, metrics] of groups) {
    if (!metrics.length) continue;
    const node = part("optgroup");
    node.label = group;
    for (const metric of metrics) node.append(new Option(metric.slice(group.length + 1).replaceAll("_", " "), metric));
    menu.append(node);
  }
  menu.value = chosen.metric;
}

// ---- lines: a run each, or runs that differ in their seeds alone

/** Names of settings in which runs differ from others of the same algorithm and environment, by these. */
function differing(settings) {
  const names = new Map();
  const first = new Map();
  for (const one of settings) {
    const kind = kindOf(one);
    const other = first.get(kind) ?? one;
    first.set(kind, other);
    if (!names.has(kind)) names.set(kind, new Set());
    for (const name of new Set([...Object.keys(one), ...Object.keys(other)])) {
      if (one[name] !== other[name]) names.get(kind).add(name);
    }
  }
  return names;
}

const kindOf = (settings) => `${settings.algorithm}\n${settings.environment}`;

function lines() {
  const groups = new Map();
  const all = visible().sort((a, b) => compare(a.id, b.id));
  for (const run of all) {
    const key = chosen.group === "runs" ? run.id : run.key;
    if (!groups.has(key)) groups.set(key, { key, runs: [], settings: run.settings });
    groups.get(key).runs.push(run);
  }
  const result = [...groups.values()];
  const names = differing(result.map((line) => line.settings));
  const several = (name) => new Set(result.map((line) => line.settings[name])).size > 1;
  for (const line of result) {
    const own = [...names.get(kindOf(line.settings))].map((name) => `${name}=${line.settings[name] ?? "none"}`);
    const parts = ["algorithm", "environment"].filter(several).map((name) => line.settings[name]).concat(own);
    if (!parts.length) parts.push(`${line.settings.algorithm} on ${line.settings.environment}`);
    parts.push(line.runs.length > 1 ? `${line.runs.length} seeds` : `seed ${line.runs[0].seed}`);
    line.label = parts.join(", ");
    if (!colours.has(line.key)) colours.set(line.key, colour(colours.size));
    line.colour = colours.get(line.key);
  }
  for (const run of runs.values()) run.colour = "";
  for (const line of result) for (const run of line.runs) run.colour = line.colour;
  const differ = new Set(["algorithm", "environment"].filter(several));
  for (const own of names.values()) own.forEach((name) => differ.add(name));
  return { lines: result, names: [...differ], runs: all };
}

/** Hues after the tenth are as far from their neighbours as can be. */
function colour(i) {
  if (i < COLOURS.length) return COLOURS[i];
  const hue = (i * 137.508) % 360;
  const channel = (n) => {
    const k = (n + hue / 30) % 12;
    const value = 0.52 - 0.58 * 0.48 * Math.max(-1, Math.min(k - 3, 9 - k, 1));
    return Math.round(255 * value).toString(16).padStart(2, "0");
  };
  return `#${channel(0)}${channel(8)}${channel(4)}`;
}

// ---- the chart

const chart = new Chart(
  element("chart"),
  element("tip"),
  (first, last) => {
    zoom = first === undefined ? null : [first, last];
    drawSoon();
  },
  (cell) => values(cell),
);

/** To two digits, so that what is kept of curves can be used while a run grows. */
const twoDigits = (value) => (value > 0 ? Number(value.toPrecision(2)) : 0);

function drawChart() {
  const { x } = chosen;
  const longest = found.runs.reduce((most, run) => Math.max(most, run.curve.last(x)), 0);
  const part = Number(chosen.smooth) / 100;
  const width = twoDigits(longest * 0.25 * part * part);
  set(element("smoothed"), width ? xText(width, x) : "off");
  element("reset").hidden = !zoom;
  const [first, last] = zoom ?? [0, longest || 1];
  const cells = Math.max(100, Math.min(found.lines.length > MANY ? 200 : 600, Math.round(chart.width / 2)));
  const data = [Array.from({ length: cells }, (_, i) => first + ((last - first) * i) / (cells - 1))];
  const shown = [];
  for (const line of found.lines) {
    const curves = line.runs.map((run) => run.curve.sampled(x, first, last, cells, width));
    const { middle, low, high } = together(curves, chosen.group);
    const end = middle.findLastIndex((value) => value !== null);
    line.last = middle[end];
    line.middle = undefined;
    line.shown = undefined;
    if (end < 0) continue;
    line.middle = middle;
    const band = chosen.group !== "runs" && line.runs.length > 1;
    line.shown = shown.length;
    shown.push({ label: line.label, colour: line.colour, band, single: middle.findIndex((value) => value !== null) === end });
    data.push(middle);
    if (band) data.push(low, high);
  }
  element("empty").hidden = shown.length > 0;
  if (shown.length) {
    chart.draw(data, shown, [first, last], x);
  } else {
    chart.clear();
    set(
      element("empty"),
      !document.body.dataset.ready
        ? "Looking for runs …"
        : runs.size === 0
          ? "No runs here yet. They appear as they begin."
          : found.runs.length === 0
            ? "No run fits the filter."
            : `No values of ${chosen.metric} yet.`,
    );
  }
}

// ---- the table: a line's values, how its runs are, and what it has otherwise than others

const FACTS = ["state", "steps", "steps/s", "memory"];

const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;

/** Of runs: "running", or "3 finished, 1 failed". */
function states(all) {
  const found = STATES.map((state) => [state, all.filter((run) => run.state === state).length]).filter(([, n]) => n);
  return found.length === 1 ? found[0][0] : found.map(([state, n]) => `${n} ${state}`).join(", ");
}

function drawTable() {
  tableTimer = 0;
  const start = performance.now();
  const some = found.lines.slice(0, MOST_ROWS);
  const headings = ["curve", chosen.metric.split("/").pop().replaceAll("_", " "), ...FACTS, ...found.names];
  const columns = element("columns");
  if (headings.join("\n") !== drawTable.headings) {
    drawTable.headings = headings.join("\n");
    columns.replaceChildren(...headings.map((heading) => {
      const node = part("th", "", heading);
      node.scope = "col";
      return node;
    }));
    element("rows").replaceChildren();
  }
  const rows = element("rows");
  while (rows.children.length > some.length) rows.lastChild.remove();
  some.forEach((line, i) => {
    let node = rows.children[i];
    if (!node) {
      node = part("tr");
      const head = part("th");
      head.scope = "row";
      head.append(part("span", "swatch"), part("span"));
      node.append(head, ...headings.slice(1).map(() => part("td")));
      node.onmouseenter = () => found.lines[i]?.shown !== undefined && chart.emphasize(found.lines[i].shown);
      node.onmouseleave = () => chart.emphasize(null);
      rows.append(node);
    }
    const running = line.runs.filter((run) => run.state === "running");
    const speeds = (running.length ? running : line.runs).map((run) => run.speed).filter((speed) => speed);
    const memories = running.map((run) => run.memory).filter((memory) => memory >= 0);
    const [head, value, state, done, speed, memory, ...others] = node.children;
    head.firstChild.style.background = line.colour;
    set(head.lastChild, line.label);
    head.title = line.label;
    set(value, number(line.last));
    set(state, states(line.runs));
    state.className = `state ${running.length ? "running" : line.runs[0].state}`;
    const most = Math.max(...line.runs.map((run) => run.total));
    set(done, `${steps(mean(line.runs.map((run) => run.steps)))} of ${steps(most)}`);
    set(speed, speeds.length ? number(mean(speeds)) : "–");
    set(memory, memories.length ? megabytes(Math.max(...memories)) : "–");
    others.forEach((cell, c) => set(cell, line.settings[found.names[c]] ?? "–"));
  });
  const one = found.lines[0]?.settings;
  const same = one
    ? ["algorithm", "environment"].filter((name) => !found.names.includes(name)).map((name) => one[name])
    : [];
  set(
    element("common"),
    !one
      ? ""
      : (same.length ? `${same.join(" on ")}. ` : "") +
          (found.names.length ? "Columns on the right: settings that differ." : "No settings differ.") +
          (found.lines.length > MOST_ROWS ? ` The first ${MOST_ROWS} of ${found.lines.length} curves.` : ""),
  );
  const end = performance.now();
  lastDrawing = { end, cost: lastDrawing.cost + (end - start) };
}

/** Shows values at a cell of the chart, or the last ones. */
function values(cell) {
  if (found.lines.length > MANY) return;
  const rows = element("rows").children;
  found.lines.forEach((line, i) => {
    if (rows[i] && line.middle) set(rows[i].children[1], number(cell === null ? line.last : line.middle[cell]));
  });
}

// ---- controls

const episode = new Episode();

function control(id, event, name, after) {
  const node = element(id);
  node.value = chosen[name];
  node.addEventListener(event, () => {
    choose(name, node.value);
    after();
  });
}

control("filter", "input", "filter", drawSoon);
control("smooth", "input", "smooth", drawSoon);
control("group", "change", "group", drawSoon);
control("x", "change", "x", () => {
  zoom = null;
  drawSoon();
});
element("metric").addEventListener("change", () => {
  choose("metric", element("metric").value);
  changed.metrics = true;
  connect();
  drawSoon();
});
element("reset").onclick = () => {
  zoom = null;
  drawSoon();
};
element("all").onchange = () => {
  for (const run of listed()) {
    if (element("all").checked) hidden.delete(run.id);
    else hidden.add(run.id);
  }
  changed.lines = true;
  drawSoon();
};
element("fold").onclick = () => {
  const open = element("runs").classList.toggle("open");
  element("fold").setAttribute("aria-expanded", String(open));
  element("fold").textContent = open ? "Hide runs" : "Show runs";
};
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !event.target.matches("input, select, textarea")) {
    event.preventDefault();
    element("filter").focus();
  }
});

const darkness = matchMedia("(prefers-color-scheme: dark)");
let theme = localStorage.getItem("theme"); // null: as the system has it

function dress() {
  document.documentElement.dataset.theme = theme ?? (darkness.matches ? "dark" : "light");
  drawSoon();
}

darkness.addEventListener("change", dress);
element("theme").onclick = () => {
  theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  localStorage.setItem("theme", theme);
  dress();
};
dress();
connect();
