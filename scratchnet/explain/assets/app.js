// Who judged: TensorFlow where it was asked, itself or by a golden file, and finite differences.
function witnessNames(isShort = false, asked = DATA.about.witnesses?.asked ?? []) {
  const { about } = DATA;
  if (!asked.length) return say("witnesses");
  if (about.golden && !asked.includes("tensorflow")) return isShort ? say("finite") : say("goldenNone", about.golden);
  if (!asked.includes("tensorflow")) return about.tensorflow === null && !isShort ? say("finiteAlone") : say("finite");
  const name = say("tensorflow", about.tensorflow ?? "").trim(), full = about.golden ? say("fromGolden", name, about.golden) : name;
  return asked.includes("finite") ? say("both", full, say("finite")) : full;
}
const agreed = (n) => say(n === 1 ? "verdictOne" : "verdict", whole(n));
const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

// The page as a whole: where it is, and the keys and buttons that move it.
const page = {
  at: 0, steps: [], playing: null, answer: null, theme: "auto",
  go(at) {
    this.at = Math.max(0, Math.min(this.steps.length - 1, at));
    this.show();
  },
  goNode(id, phase) {
    let at = this.steps.findIndex((s) => s.node.id === id && s.phase === phase);
    if (at < 0) at = this.steps.findIndex((s) => s.node.id === id);
    this.go(at);
  },
  pictureWidth(across) {
    const main = document.getElementById("panel").clientWidth;
    return innerWidth < 900 ? Math.max(200, main - 40) : Math.max(140, Math.min(430, (main - 506) / across - 32));
  },
  show(force = false) {
    const { node, phase } = this.steps[this.at], forward = this.steps.filter((s) => s.phase === "forward").length;
    this.tape.show(this.steps, this.at, force);
    this.panel.show(node, phase);
    const within = phase === "forward" ? [this.at + 1, forward] : [this.at - forward + 1, this.steps.length - forward];
    const text = say("step", say(phase), ...within);
    document.getElementById("where").textContent = text;
    document.getElementById("slider").value = this.at;
    document.getElementById("slider").setAttribute("aria-valuetext", `${text}: ${nodeTitle(node)}`);
    const turn = document.getElementById("turn");
    turn.textContent = say(phase === "forward" ? "turnBackward" : "turnForward");
    turn.disabled = !this.steps.some((s) => s.node === node && s.phase !== phase);
    document.body.dataset.phase = phase;
    hear(`${text}: ${nodeTitle(node)} ${layerName(node)}`);
  },
  turn() {
    const { node, phase } = this.steps[this.at];
    if (!document.getElementById("turn").disabled) this.goNode(node.id, phase === "forward" ? "backward" : "forward");
  },
  play(on = !this.playing) {
    clearInterval(this.playing);
    this.playing = null;
    if (on) {
      if (this.at === this.steps.length - 1) this.go(0);
      this.playing = setInterval(() => {
        this.go(this.at + 1);
        if (this.at === this.steps.length - 1) this.play(false);
      }, 900);
    }
    const button = document.getElementById("play");
    button.textContent = on ? "❚❚" : "▶";
    button.setAttribute("aria-label", say(on ? "pause" : "play"));
    button.title = say(on ? "pause" : "play");
  },
  speak(to) {
    language = to;
    document.documentElement.lang = to === "zh" ? "zh-Hans" : "en";
    for (const e of document.querySelectorAll("[data-t]")) e.textContent = say(e.dataset.t);
    for (const [id, key] of [["first", "first"], ["back", "back"], ["next", "next"], ["slider", "sliderLabel"], ["tape", "tapeLabel"], ["help", "keysButton"], ["controls", "controlsLabel"]]) {
      const e = document.getElementById(id);
      e.setAttribute("aria-label", say(key));
      if (e.tagName === "BUTTON") e.title = say(key);
    }
    document.getElementById("language").textContent = say("otherLanguage");
    document.getElementById("contrast").textContent = say(rootColours ? "contrastRoot" : "contrastLinear");
    document.getElementById("theme").textContent = say({ auto: "themeAuto", dark: "themeDark", light: "themeLight" }[this.theme]);
    document.getElementById("keys").innerHTML = say("keysText");
    document.getElementById("footer").textContent = say("stored", DATA.about.version ?? "");
    this.about();
    this.nonFinite();
    this.flow();
    this.questions();
    this.training();
    this.tape.build();
    this.play(Boolean(this.playing));
    this.show(true);
  },
  about() {
    const { about, loss } = DATA, parts = [];
    if (about.model) parts.push(named(about.model));
    if (about.sample) parts.push(sampleName(about.sample));
    if (about.passes) parts.push(say("lastOf", about.passes));
    if (about.label != null) parts.push(say("label", about.label));
    const here = about.in_training; // the step drops units: it may see another class
    if (here) parts.push(say("predictedHere", here.with.map((word) => say("with_" + word)).join(", ") || "training=True", here.prediction, about.prediction));
    else if (about.prediction != null) parts.push(say("predicted", about.prediction));
    if (loss != null) parts.push(say(about.targets ? "lossOf" : "loss", full(loss), about.targets));
    document.getElementById("about").textContent = parts.join(" · ");
    const verdict = document.getElementById("verdict"), w = about.witnesses;
    verdict.hidden = !w;
    if (!w) return;
    verdict.className = w.disagree ? "bad" : "";
    verdict.textContent = w.disagree ? `✗ ${say("verdictBad", w.agree + w.disagree, w.disagree)} (${witnessNames()})` : `${w.agree ? "✓" : "○"} ${witnessNames()}: ${agreed(w.agree)}`;
    if (about.golden && w.missing) verdict.textContent += ` · ${say("goldenMissing", w.missing)}`;
  },
  nonFinite() {
    const box = document.getElementById("nonfinite"), { nan } = DATA.about;
    box.hidden = !nan;
    if (!nan) return;
    const link = el("button", "link", say("nanGo"));
    link.type = "button";
    link.addEventListener("click", () => this.showNonFinite());
    box.replaceChildren([nanText(nan), ...(nan.calm ? [say("nanCalm")] : [])].join(" "), ...(NODES.has(nan.node) ? [" ", link] : []));
  },
  showNonFinite() {
    const { nan } = DATA.about;
    this.answer = { node: nan.node, key: "nanAnswer", args: [] };
    this.goNode(nan.node, nan.phase);
  },
  questions() {
    const box = document.getElementById("questions"), chip = (key, action) => {
      const button = el("button", "question", key);
      button.type = "button";
      button.addEventListener("click", action);
      return button;
    };
    const to = (id) => document.getElementById(id).scrollIntoView({ block: "start", behavior: calm() ? "instant" : "smooth" });
    box.setAttribute("aria-label", say("questionsLabel"));
    box.replaceChildren(...questionsOf().map(({ question, about, node, key, args, follow, place }) => chip(say(question, ...about), () => {
      this.play(false);
      this.answer = { node: node.id, key, args };
      this.goNode(node.id, "backward");
      const at = follow?.();
      if (at) this.panel.follow(...at);
      hear([say(question, ...about), ...[...document.querySelectorAll("#panel .answer p")].map((p) => p.textContent)].join(" "));
      to(place ?? "panel");
    })));
  },
  flow() { showFlow(this); },
  training() { showTraining(); },
  whole() {
    // The arrays that were decoded last are there: draw where one was missing.
    const { followed } = this.panel;
    if (document.querySelector("#panel .decoding")) this.show(true);
    if (followed) this.panel.follow(followed.role, followed.what, followed.flat);
    this.training();
    document.body.dataset.whole = "yes";
  },
  paintAll() {
    readColours();
    this.tape.build();
    this.training();
    this.show(true);
  },
  setTheme(theme) {
    this.theme = theme;
    if (theme === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    this.speakTheme();
    this.paintAll();
  },
  speakTheme() { document.getElementById("theme").textContent = say({ auto: "themeAuto", dark: "themeDark", light: "themeLight" }[this.theme]); },
  key(e) {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    const on = e.target, isTyping = on.matches?.("input:not([type=range]), select, textarea"), isButton = on.matches?.("button, summary");
    if (isTyping || on.matches?.("canvas[tabindex]") && e.key.startsWith("Arrow")) return;
    const actions = {
      ArrowRight: () => this.go(this.at + 1), ArrowLeft: () => this.go(this.at - 1),
      Home: () => this.go(0), End: () => this.go(this.steps.length - 1),
      " ": () => this.play(), t: () => this.turn(), l: () => this.speak(language === "en" ? "zh" : "en"),
      d: () => this.nextTheme(), c: () => this.contrast(), "?": () => this.help(), Escape: () => { this.help(false); this.panel.unfollow(); this.play(false); },
    };
    const action = actions[e.key] ?? actions[e.key.toLowerCase()];
    if (!action || isButton && e.key === " " || on.type === "range" && e.key !== " " && e.key.length > 1) return;
    e.preventDefault();
    action();
  },
  nextTheme() { this.setTheme({ auto: matchMedia("(prefers-color-scheme: dark)").matches ? "light" : "dark", dark: "light", light: "dark" }[this.theme]); },
  contrast() {
    rootColours = !rootColours;
    const button = document.getElementById("contrast");
    button.setAttribute("aria-pressed", String(rootColours));
    button.textContent = say(rootColours ? "contrastRoot" : "contrastLinear");
    this.paintAll();
  },
  help(on = document.getElementById("keys").hidden) {
    const keys = document.getElementById("keys");
    keys.hidden = !on;
    document.getElementById("help").setAttribute("aria-expanded", String(!keys.hidden));
  },
};

async function start() {
  await load();
  readColours();
  const on = (id, event, action) => document.getElementById(id).addEventListener(event, action);
  page.steps = stepsOf(DATA.nodes);
  page.panel = new Panel(document.getElementById("panel"), page);
  page.tape = new Tape(document.getElementById("tape"), (node) => { page.play(false); page.goNode(node.id, page.steps[page.at].phase); });
  const slider = document.getElementById("slider");
  slider.max = page.steps.length - 1;
  on("slider", "input", () => { page.play(false); page.go(Number(slider.value)); });
  on("first", "click", () => page.go(0));
  on("back", "click", () => page.go(page.at - 1));
  on("next", "click", () => page.go(page.at + 1));
  on("play", "click", () => page.play());
  on("turn", "click", () => page.turn());
  on("help", "click", () => page.help());
  on("contrast", "click", () => page.contrast());
  on("theme", "click", () => page.nextTheme());
  on("language", "click", () => page.speak(language === "en" ? "zh" : "en"));
  document.addEventListener("keydown", (e) => page.key(e));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => page.paintAll());
  let width = innerWidth;
  for (const gone of ["scroll", "blur"]) addEventListener(gone, hideTip, { capture: true, passive: true });
  addEventListener("resize", () => { if (innerWidth !== width) { width = innerWidth; page.show(true); } });
  // The page opens at the first number that is not finite, unless loss and gradients all are.
  const nan = NODES.has(DATA.about.nan?.node) && !DATA.about.nan.calm ? DATA.about.nan : null;
  if (nan) page.at = Math.max(0, page.steps.findIndex((s) => s.node.id === nan.node && s.phase === nan.phase));
  if (nan) page.answer = { node: nan.node, key: "nanAnswer", args: [] };
  page.speak(document.documentElement.lang === "zh" ? "zh" : "en");
  document.body.dataset.ready = "yes";
  await loadRest();
  page.whole();
}
