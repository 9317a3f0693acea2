// Plays the latest episode of a run, again and again, and a newer one when there is one.

import { painter } from "./view/painters.js";
import { number } from "./text.js";

const element = (id) => document.getElementById(id);

/** How much longer than playing an episode the time to the next one is, so that training does not feel it. */
const RATIO = 100;
const LEAST_WAIT = 10_000;

export class Episode {
  constructor() {
    this.playing = false;
    element("play").onclick = () => this.setPlaying(!this.playing);
    element("closeepisode").onclick = () => this.close();
    element("scrub").oninput = () => {
      this.setPlaying(false);
      this.step = Number(element("scrub").value);
      this.show();
    };
  }

  /** Shows a run's episode from now on. */
  async open(run, name) {
    this.close();
    this.run = run;
    element("episodecard").hidden = false;
    element("episodetitle").textContent = `Latest episode of ${name}`;
    element("episodefacts").textContent = "The last policy plays an episode …";
    await this.fetch();
    element("episodecard").scrollIntoView({ block: "nearest" });
    this.setPlaying(!matchMedia("(prefers-reduced-motion: reduce)").matches && this.episode !== undefined);
  }

  close() {
    this.run = undefined;
    this.episode = undefined;
    this.playing = false;
    this.painter?.dispose?.();
    this.painter = undefined;
    element("stagebox").replaceChildren();
    element("episodecard").hidden = true;
  }

  /** Hears of what is new of a run. */
  update(run) {
    if (run === this.run && run.policy !== this.policy && performance.now() > this.due && !this.fetching) {
      this.fetch();
    }
  }

  async fetch() {
    const run = this.run;
    this.fetching = true;
    this.policy = run.policy;
    const start = performance.now();
    try {
      const answer = await fetch(`episode?run=${encodeURIComponent(run.id)}`);
      const data = answer.ok ? await answer.json() : { problem: "the board does not know this run any more" };
      if (this.run !== run) return;
      if (data.problem) {
        if (!this.episode) element("episodefacts").textContent = data.problem;
        return;
      }
      if (!this.painter || JSON.stringify(data.view) !== this.view) {
        this.painter?.dispose?.();
        const stage = document.createElement("canvas");
        stage.width = 900;
        stage.height = 600;
        stage.setAttribute("role", "img");
        stage.setAttribute("aria-label", "The environment");
        element("stagebox").replaceChildren(stage);
        this.painter = await painter(stage, data.view);
        this.view = JSON.stringify(data.view);
      }
      this.next = data;
      if (!this.episode || !this.playing) this.begin();
    } catch {
      if (!this.episode) element("episodefacts").textContent = "The board does not answer.";
    } finally {
      const now = performance.now();
      this.due = now + Math.max(LEAST_WAIT, RATIO * (now - start));
      this.fetching = false;
    }
  }

  /** Begins the newest recording. */
  begin() {
    if (this.next) {
      this.data = this.next;
      this.next = undefined;
      this.episode = this.data.episodes[0];
      this.total = this.episode.rewards.reduce((a, b) => a + b, 0);
      element("scrub").max = this.episode.frames.length - 1;
    }
    this.step = 0;
    this.sum = 0;
    this.show();
  }

  show() {
    const { frames, rewards, success } = this.episode;
    this.painter.show(frames[this.step]);
    element("scrub").value = this.step;
    const sum = rewards.slice(0, this.step).reduce((a, b) => a + b, 0);
    const end = success === null ? "" : success ? ", ends in success" : ", ends without success";
    element("episodefacts").textContent =
      `step ${this.step} of ${frames.length - 1}, return so far ${number(sum)} of ${number(this.total)}${end}`;
    element("stagebox").dataset.step = this.step;
  }

  setPlaying(value) {
    if (value === this.playing || (value && !this.episode)) return;
    this.playing = value;
    element("play").textContent = value ? "Pause" : "Play";
    if (value) {
      this.dueFrame = performance.now();
      requestAnimationFrame((now) => this.tick(now));
    }
  }

  tick(now) {
    if (!this.playing || !this.episode) return;
    const wait = 1000 / Math.min(this.data.framesPerSecond, 60);
    if (now - this.dueFrame > 1000) this.dueFrame = now; // the page was hidden
    let moved = false;
    while (now >= this.dueFrame) {
      this.dueFrame += wait;
      if (this.step >= this.episode.frames.length - 1) {
        this.dueFrame += 700; // a look at the end
        this.begin();
      } else {
        this.step++;
        moved = true;
      }
    }
    if (moved) this.show();
    requestAnimationFrame((later) => this.tick(later));
  }
}
