// Plays recorded episodes.

import { painter as painterOf } from "./painters.js";

const element = (id) => document.getElementById(id);
const data = await (await fetch("episodes.json")).json();
const painter = await painterOf(element("stage"), data.view);
let episode = data.episodes[0];
let step = 0;
let playing = false;
let due = 0;

function show() {
  painter.show(episode.frames[step]);
  element("scrub").value = step;
  const sum = episode.rewards.slice(0, step).reduce((a, b) => a + b, 0);
  const success = episode.success === null ? "" : episode.success ? ", ends in success" : ", ends without success";
  element("facts").textContent =
    `step ${step} of ${episode.frames.length - 1}, return so far ${sum.toFixed(2)} of ` +
    `${episode.rewards.reduce((a, b) => a + b, 0).toFixed(2)}${success}`;
  document.body.dataset.step = step;
}

function choose(index) {
  episode = data.episodes[index];
  step = 0;
  element("scrub").max = episode.frames.length - 1;
  show();
}

function setPlaying(value) {
  playing = value;
  due = performance.now();
  element("play").textContent = playing ? "Pause" : "Play";
}

function tick(now) {
  const wait = 1000 / (data.framesPerSecond * Number(element("speed").value));
  let moved = false;
  while (playing && now >= due) {
    due += wait;
    if (step === episode.frames.length - 1) setPlaying(false);
    else {
      step++;
      moved = true;
    }
  }
  if (moved) show();
  requestAnimationFrame(tick);
}

element("title").textContent = data.title;
data.episodes.forEach((_, i) => element("episode").add(new Option(`episode ${i + 1}`, i)));
element("episode").onchange = (event) => choose(Number(event.target.value));
element("play").onclick = () => {
  if (!playing && step === episode.frames.length - 1) step = 0;
  setPlaying(!playing);
};
element("scrub").oninput = (event) => {
  setPlaying(false);
  step = Number(event.target.value);
  show();
};
choose(0);
document.body.dataset.ready = "yes";
requestAnimationFrame(tick);
