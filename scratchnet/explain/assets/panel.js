// The panel: the op that is lit, its tensors with their gradients, one number followed, the code.
const el = (tag, className = "", text = null) => {
  const e = document.createElement(tag);
  if (className) e.className = className;
  if (text != null) e.textContent = text;
  return e;
};

class Panel {
  constructor(box, state) {
    this.box = box;
    this.state = state;
    this.pictures = [];
    this.followed = null;
  }
  show(node, phase) {
    this.node = node;
    this.phase = phase;
    this.followed = null;
    this.pictures = [];
    hideTip(); // the picture that it belongs to goes
    this.box.replaceChildren(this.head(), this.tensors(), this.side());
    this.box.className = phase;
    this.box.setAttribute("aria-label", `${nodeTitle(node)}, ${say(phase)}`);
  }
  head() {
    const { node } = this, head = el("div", "op-head"), title = el("h2", "", nodeTitle(node));
    title.append(el("span", "phase", say(this.phase)));
    head.append(title);
    const facts = [], words = this.words();
    if (words?.className === "answer") head.append(words);
    if (node.layer) facts.push(node.class ? `${node.layer} (${node.class})` : node.layer);
    if (node.part) facts.push(node.part);
    if (node.parameters) facts.push(say(node.parameters === 1 ? "parameter" : "parameters", node.parameters.toLocaleString(language)));
    if (node.ms != null) facts.push(say("ms", node.ms.toFixed(2)));
    if (node.backward_ms) facts.push(say("msBack", node.backward_ms.toFixed(2)));
    if (node.compiled) facts.push(say("compiled"));
    for (const [name, value] of Object.entries(node.attrs)) facts.push(`${name}=${JSON.stringify(value)}`);
    head.append(el("p", "facts", facts.join(" · ")));
    if (node.site?.text) { const line = el("p", "facts", `${say("line", node.site.place)} `); line.append(el("code", "", node.site.text)); head.append(line); }
    if (node.hidden) head.append(el("p", "note", say("hidden")));
    else if (node.op !== "input" && node.outs.every((o) => o.g == null)) head.append(el("p", "note", withoutGradient(node)));
    const C = shapeOf(node.outs[0].t).at(-1);
    if (node.dead?.length) head.append(el("p", "note", say("dead", node.dead.length, C, listed(node.dead))));
    const silent = Object.entries(node.silent ?? {});
    if (silent.length) {
      const note = el("div", "note", say(node.op === "matmul" ? "silentUnits" : "silent", silent.length, C));
      const places = whole(values(node.outs[0].t)?.length / C || 0);
      for (const why of new Set(silent.map(([, w]) => w))) {
        const line = el("div"), numbers = silent.filter(([, w]) => w === why).map(([o]) => Number(o));
        line.append(...this.filterLinks(numbers), whySilent(node, why, places));
        note.append(line);
      }
      head.append(note);
    }
    if (words?.className === "note") head.append(words);
    if (node.witnesses) head.append(this.witnesses());
    return head;
  }
  words() {
    // What this op did, in numbers; before that, the answer, where a question led here.
    const { node } = this, answer = this.state.answer, asked = answer?.node === node.id;
    const first = asked && (answer.key === "nanAnswer" ? `${nanText(DATA.about.nan)} ${say("nanAnswer")}` : say(answer.key, ...answer.args));
    const said = [...(asked ? [first] : []), ...wordsOf(node)];
    if (!said.length) return null;
    const box = el("div", asked ? "answer" : "note");
    for (const text of said) box.append(el("p", "", text));
    if (asked && answer.key === "nanAnswer") for (const text of nanInputs(node, this.phase)) box.append(el("p", "", text));
    if (asked && answer.key.startsWith("a3")) box.append(...this.silentElsewhere());
    return box;
  }
  silentElsewhere() {
    // Where else a filter's gradient is 0: each leads there.
    return silentElsewhere(this.node).map((other) => {
      const numbers = Object.keys(other.silent).map(Number), line = el("p", "", say("a3also", layerName(other) || nodeTitle(other)));
      const link = el("button", "link", listed(numbers));
      link.type = "button";
      link.setAttribute("aria-label", `${layerName(other) || nodeTitle(other)}: ${say("followFilter", numbers[0])}`);
      link.addEventListener("click", () => {
        this.state.answer = { node: other.id, key: other.op === "matmul" ? "a3units" : "a3", args: [numbers.length, shapeOf(other.outs[0].t).at(-1)] };
        this.state.goNode(other.id, "backward");
        this.state.panel.follow({ argument: 1 }, "gradient", firstWeight(other, numbers[0]));
      });
      line.append(link);
      return line;
    });
  }
  filterLinks(numbers) {
    // Their numbers: each leads to the gradient of its first weight, written out.
    const most = 24, links = numbers.slice(0, most).map((o) => {
      const link = el("button", "link", String(o));
      link.type = "button";
      link.title = say("followFilter", o);
      link.setAttribute("aria-label", say("followFilter", o));
      link.addEventListener("click", () => this.follow({ argument: 1 }, "gradient", firstWeight(this.node, o)));
      return link;
    });
    const parts = links.flatMap((link, i) => (i ? [", ", link] : [link]));
    return [...parts, numbers.length > most ? ", …: " : ": "];
  }
  tensors() {
    const { node } = this, box = el("div", "tensors");
    if (node.ins.length) {
      box.append(el("h3", "", say("inputs")));
      node.ins.forEach((entry, i) => box.append(this.row(entry, entry.name, { argument: i })));
    }
    const table = node.op.includes("softmax_cross_entropy") ? entropyTable(node) : null;
    if (table) { const wide = el("section", "tensor wide"); wide.append(table); box.prepend(wide); }
    box.append(el("h3", "", say("output")));
    node.outs.forEach((out, k) => box.append(this.row(out, outputName(node, k), { output: k })));
    if (node.saved) box.append(this.row({ t: node.saved.t, g: null }, node.saved.name, { saved: true }));
    return box;
  }
  row(entry, name, role) {
    const { node } = this, row = el("section", "tensor"), head = el("div", "tensor-head");
    head.append(el("b", "", name), el("span", "shape", `(${shapeOf(entry.t).join(", ")}) ${DATA.tensors[entry.t].dtype}`));
    let origin = null;
    if (entry.parameter) origin = el("span", "origin", say("weight", entry.parameter.split("/").slice(-2).join("/")) + (entry.trainable ? "" : ` (${say("notTrained")})`));
    else if (entry.from != null) {
      origin = el("button", "origin link", say("from", nodeTitle(NODES.get(entry.from))));
      origin.type = "button";
      origin.addEventListener("click", () => this.state.goNode(entry.from, this.phase));
    } else if (role.argument != null) origin = el("span", "origin", say("constant"));
    if (origin) head.append(origin);
    row.append(head);
    const figures = el("div", "figures");
    this.across = (node.op === "input" && entry.g != null) || entry.total != null ? 3 : 2;
    figures.append(this.figure(entry.t, name, "value", role, entry));
    if (entry.g != null) figures.append(this.figure(entry.g, name, "gradient", role, entry));
    else if (role.argument != null && !node.aside && node.outs.some((o) => o.g != null) && !entry.parameter) figures.append(el("p", "none", say("noInputGradient", say(`none_${entry.why?.[0] ?? "made"}`, ...(entry.why ?? []).slice(1)))));
    if (entry.total != null) figures.append(this.figure(entry.total, name, "gradient", { ...role, total: true }, entry));
    if (node.op === "input" && entry.g != null && values(entry.g)) figures.append(this.attribution(entry));
    row.append(figures);
    return row;
  }
  figure(number, name, what, role, entry) {
    const tensor = DATA.tensors[number], figure = el("figure", `${what}${(what === "value") === (this.phase === "forward") ? " current" : ""}`);
    const caption = el("figcaption");
    const uses = what === "gradient" && entry.total != null ? ` · ${role.total ? say("allUses", entry.uses) : say("thisUse", entry.use, entry.uses)}` : "";
    caption.append(el("span", "", say(what, name) + uses));
    figure.append(caption);
    if (!values(number)) { figure.append(el("p", tensor.data ? "none decoding" : "none", say(tensor.data ? "decoding" : `leftOut_${tensor.left_out ?? "size"}`))); if (tensor.stats) figure.append(this.stats(number)); return figure; }
    const filters = entry.parameter != null && shapeOf(number).length === 4 || this.node.op === "conv2d_backprop_input" && role.argument === 0;
    const picture = new Picture({ number, name, isFilter: filters, width: this.state.pictureWidth(this.across), what: what === "gradient" ? "gradient" : null, onPick: role.saved ? null : (flat) => this.follow(role, what, flat), tell: name === "argmax" ? (flat, text) => this.wentTo(flat, text) : null });
    picture.role = role;
    picture.kindOf = what;
    picture.t = entry.t;
    this.pictures.push(picture);
    if (picture.plan.kind === "scalar") {
      const number_ = el("button", "scalar", full(values(number)[0], number));
      number_.type = "button";
      number_.setAttribute("aria-label", picture.text(0));
      number_.addEventListener("click", () => picture.pick(0));
      figure.append(number_);
      return figure;
    }
    caption.append(...this.zooms(picture));
    figure.append(picture.box);
    const lies = layoutText(shapeOf(number), filters, picture.plan);
    if (lies) figure.append(el("p", "lies", lies));
    if (name === "argmax") figure.append(el("p", "small", say("argmaxHint")));
    figure.append(this.legend(picture.limit), this.stats(number));
    if (what === "gradient" && role.argument != null && entry.from != null) {
      const uses = DATA.nodes.flatMap((n) => n.ins).filter((e) => e.t === entry.t && e.g != null).length;
      if (uses > 1) figure.append(el("p", "small", say("partial", uses)));
    } else if (what === "gradient" && entry.total != null && !role.total) figure.append(el("p", "small", say("partial", entry.uses)));
    if (tensor.outer) figure.append(el("p", "small", say("outer")));
    return figure;
  }
  attribution(entry) {
    // The product of input and gradient: to first order, what each pixel adds to the loss.
    const figure = el("figure", "value"), caption = el("figcaption"), x = values(entry.t), g = values(entry.g);
    const product = Float64Array.from(x, (v, i) => v * g[i]), lowest = farthest(product, (v) => -v);
    const tell = (flat) => `${say("attribution")} [${indexText(flat, entry.t)}] = ${full(x[flat], entry.t)} · ${full(g[flat], entry.g)} = ${brief(product[flat], 9)}`;
    const picture = new Picture({ number: entry.t, name: say("attribution"), width: this.state.pictureWidth(this.across), array: product, tell, onPick: (flat) => this.follow({ output: 0 }, "gradient", flat) });
    if (product[lowest] < 0) picture.point(lowest);
    this.pictures.push(picture);
    caption.append(el("span", "", say("attribution")), ...this.zooms(picture));
    figure.append(caption, picture.box, this.legend(picture.limit), el("p", "small", say("attributionHint")));
    return figure;
  }
  zooms(picture) {
    return [["+", 1, "zoomIn"], ["−", -1, "zoomOut"]].map(([text, way, key]) => {
      const button = el("button", "zoom", text);
      button.type = "button";
      button.title = say(key);
      button.setAttribute("aria-label", `${say(key)}: ${picture.label}`);
      button.addEventListener("click", () => picture.zoom(way));
      return button;
    });
  }
  wentTo(flat, text) {
    // Of an argmax, beside its number: which pixel that is.
    const { node } = this, at = values(node.saved.t)[flat], [n, , , c] = unravel(flat, shapeOf(node.saved.t)), W = shapeOf(node.ins[0].t)[2];
    return `${text} → x[${[n, Math.floor(at / W), at % W, c].join(", ")}]`;
  }
  legend(limit) {
    const box = el("div", "legend");
    const ends = el("div", "ends");
    ends.append(el("span", "", brief(-limit, 3)), el("span", "", "0"), el("span", "", brief(limit, 3)));
    box.append(el("i"), ends);
    box.setAttribute("aria-hidden", "true");
    return box;
  }
  stats(number) {
    const box = el("div", "stats");
    box.append(histogram(number), el("span", "", summary(number)));
    return box;
  }
  witnesses() {
    const box = el("details", "witnesses"), said = this.node.witnesses, bad = said.filter((w) => w.agrees === false).length;
    box.open = bad > 0;
    const good = said.filter((w) => w.agrees).length;
    box.append(el("summary", bad ? "disagrees" : "agrees", bad ? `✗ ${say("verdictBad", good + bad, bad)}` : good ? `✓ ${witnessNames(true, said.filter((w) => w.agrees != null).map((w) => w.who))}: ${agreed(good)}` : `○ ${say("witnesses")}: ${agreed(0)}`));
    for (const w of this.node.witnesses) {
      const line = el("div", w.agrees == null ? "unasked" : w.agrees ? "agrees" : "disagrees");
      const mark = w.agrees == null ? "○" : w.agrees ? "✓" : "✗";
      const name = say("tensorflow", DATA.about.tensorflow ?? "").trim();
      const who = w.who !== "tensorflow" ? say("finite") : DATA.about.golden ? say("fromGolden", name, DATA.about.golden) : name;
      let text = `${mark} ${who} · ${w.what}: `;
      if (w.agrees == null) text += say("notAsked", w.reason);
      else text += `${say(w.agrees ? "agrees" : "disagrees")}, ${w.who === "tensorflow" ? say("largest", brief(w.difference, 3), brief(w.ulps, 3), brief(w.allowed, 3)) : say("sampled", w.entries, brief(w.difference, 3), brief(w.allowed, 3))}${w.kinks ? `, ${say("atKink", w.kinks)}` : ""}`;
      line.textContent = text;
      box.append(line);
    }
    if (DATA.about.golden) box.append(el("p", "small", say("goldenHint")));
    return box;
  }
  side() {
    const side = el("aside", "side");
    this.followBox = el("section", "follow");
    this.followBox.setAttribute("aria-live", "polite");
    this.renderFollow();
    side.append(this.followBox, this.mathematics(), this.code());
    return side;
  }
  mathematics() {
    const page = DATA.ops[this.node.op], op = this.node.attrs.relu === false ? page?.without_relu ?? page : page, box = el("section", "mathematics");
    if (this.node.op === "input") return box;
    box.append(el("h3", "", say("formula")));
    if (!op.formula) { box.append(el("p", "small", say("noFormula"))); return box; }
    box.append(formula(op.formula));
    if (op.vjps.length) { box.append(el("h3", "", say("vjps"))); for (const vjp of op.vjps) box.append(formula(vjp)); }
    return box;
  }
  code() {
    const op = DATA.ops[this.node.op], box = el("section", "code");
    if (!op.sources.length) return box;
    box.append(el("h3", "", say("code")));
    const isBackward = this.phase === "backward";
    const firstVjp = op.sources.find((part) => part.title.startsWith("vjp") && part.place)?.title;
    for (const part of op.sources) {
      const [kind, number] = part.title.split(" "), details = el("details"), title = el("summary");
      const name = kind === "vjp" ? say("vjpCode", number, this.node.ins[number]?.name ?? "") : say({ function: "function", forward: "forwardCode", prologue: "prologue", composed: "twin" }[kind]);
      title.append(el("span", "", name), el("span", "place", part.place));
      details.append(title, coloured(part.text));
      details.open = isBackward ? part.title === firstVjp : kind === "forward";
      box.append(details);
    }
    return box;
  }
  // -- one number ---------------------------------------------------------------------------------
  follow(role, what, flat) {
    const { node } = this;
    if (node.op === "input") {
      const user = DATA.nodes.find((n) => n.ins.some((e) => e.t === node.outs[0].t && e.g != null));
      if (user) { this.state.goNode(user.id, "backward"); this.state.panel.follow({ argument: user.ins.findIndex((e) => e.t === node.outs[0].t) }, "gradient", flat); }
      return;
    }
    let sum = null;
    if (role.output != null) sum = what === "value" ? outputSum(node, role.output, flat) : usesSum(node, role.output, flat);
    else if (role.total) sum = totalSum(node, role.argument, flat);
    else sum = gradientSum(node, role.argument, flat) ?? sentElsewhere(node, role.argument, flat);
    this.followed = { role, what, flat, sum, all: false };
    this.light();
    this.renderFollow();
  }
  unfollow() {
    this.followed = null;
    this.light();
    this.renderFollow();
  }
  light() {
    const lit = new Map();
    const mark = (number, flat, strong) => {
      if (number == null) return;
      if (!lit.has(number)) lit.set(number, new Map());
      lit.get(number).set(flat, strong || lit.get(number).get(flat) || false);
    };
    if (this.followed?.sum) {
      const { sum, role, flat } = this.followed, entry = role.output != null ? this.node.outs[role.output] : this.node.ins[role.argument];
      mark(entry.t, flat, true);
      mark(entry.g, flat, true);
      mark(entry.total, flat, true);
      for (const term of sum.terms) {
        for (const f of term.factors) if (f.number != null) mark(f.number, f.flat, term.best);
        for (const f of term.lit ?? []) mark(f.number, f.flat, term.best);
        for (const [number, at] of term.to ?? []) mark(number, at, term.best);
        for (const f of term.factors) // where the cotangent of an output is lit, its value is, too
          for (const out of this.node.outs) if (out.g === f.number && f.number != null) mark(out.t, f.flat, false);
      }
    }
    for (const picture of this.pictures) picture.light(lit.get(picture.number));
  }
  renderFollow() {
    const box = this.followBox;
    box.classList.toggle("open", Boolean(this.followed)); // on a phone: a sheet at the bottom
    box.replaceChildren(el("h3", "", say("follow")));
    if (!this.followed) { box.append(el("p", "small", say("followHint"))); return; }
    const close = el("button", "zoom", "✕");
    close.type = "button";
    close.setAttribute("aria-label", say("close"));
    close.addEventListener("click", () => this.unfollow());
    box.firstChild.append(close);
    const { sum } = this.followed;
    if (!sum) { box.append(el("p", "small", this.whyNoSum())); return; }
    box.append(el("p", "sum-title", say(sum.key, sum.title)));
    const zeros = sum.terms.filter((t) => t.value === 0).length;
    if (sum.terms.length > 1) box.append(el("p", "small", say("terms", sum.terms.length, zeros)));
    for (const [key, ...args] of sum.notes) box.append(el("p", "small", say(key, ...args)));
    const list = el("ol", "terms"), order = [...sum.terms.keys()].sort((a, b) => Math.abs(sum.terms[b].value) - Math.abs(sum.terms[a].value));
    const most = 10, shown = this.followed.all || sum.terms.length <= most + 2 ? order : order.slice(0, most);
    const largest = Math.abs(sum.terms[order[0]]?.value ?? 0) || 1;
    for (const i of shown) list.append(termLine(sum.terms[i], largest));
    box.append(list);
    if (sum.terms.length > most + 2) {
      if (shown.length < order.length) {
        const rest = order.slice(shown.length).reduce((s, i) => s + sum.terms[i].value, 0);
        if (sum.mode === "sum") box.append(el("p", "small", say("others", order.length - shown.length, brief(rest, 9))));
      }
      const more = el("button", "more", say(this.followed.all ? "fewer" : "allTerms", sum.terms.length));
      more.type = "button";
      more.addEventListener("click", () => { this.followed.all = !this.followed.all; this.renderFollow(); });
      box.append(more);
    }
    box.append(this.total(sum));
    const { role } = this.followed;
    if (role.argument != null && this.node.ins[role.argument].from != null) this.jump(box, "goProducer", this.node.ins[role.argument].from, "forward");
    if (role.output != null) {
      const user = DATA.nodes.find((n) => !n.aside && n.ins.some((e) => e.t === this.node.outs[role.output].t));
      if (user) this.jump(box, "goConsumer", user.id, this.phase, user.ins.findIndex((e) => e.t === this.node.outs[role.output].t));
    }
  }
  whyNoSum() {
    const { node } = this, { argument } = this.followed.role;
    if (node.op === "drop" && argument === 1) return say("maskIs", brief(dropScale(node), 6));
    return argument != null && node.outs.every((o) => o.g == null) ? withoutGradient(node) : say("notWritten");
  }
  jump(box, key, id, phase, argument = null) {
    const { flat, role } = this.followed, button = el("button", "more", say(key)), t = role.argument != null ? this.node.ins[role.argument].t : null;
    button.type = "button";
    button.addEventListener("click", () => {
      this.state.goNode(id, argument == null ? phase : "backward");
      const node = NODES.get(id);
      if (argument != null) this.state.panel.follow({ argument }, "gradient", flat);
      else if (node.op !== "input") this.state.panel.follow({ output: Math.max(0, node.outs.findIndex((o) => o.t === t)) }, "value", flat);
    });
    box.append(button);
  }
  total(sum) {
    const box = el("div", "total"), line = (text, value, className = "") => {
      const p = el("p", className);
      p.append(el("span", "", text), el("b", "", value));
      box.append(p);
    };
    if (sum.after.length || sum.mode === "max") line(sum.mode === "max" ? "max" : "Σ", brief(sum.sum, 12));
    let v = sum.sum;
    for (const step of sum.after) { v = step.of(v); line(step.label, brief(v, 12)); }
    line(say("comesTo"), brief(v, 12), "strong");
    line(say("shown"), full(sum.shown, sum.number), "strong");
    const isWide = DATA.tensors[sum.number].dtype === "float64", same = isWide ? v === sum.shown : Math.fround(v) === sum.shown;
    if (Number.isNaN(v) && Number.isNaN(sum.shown)) { box.append(el("p", "small", say("bothNaN"))); return box; }
    if (!same && !(Number.isFinite(v) && Number.isFinite(sum.shown))) { box.append(el("p", "small", say("notComparable"))); return box; }
    const difference = Math.abs(v - sum.shown);
    // What float32 additions in any order may come to apart.
    // A factor that is itself a difference, such as 1 − y², was rounded as what it is made of.
    const size = sum.inside + sum.terms.reduce((s, t) => s + Math.abs(t.value), 0), eps = isWide ? 2 ** -52 : 2 ** -23;
    const isFar = !(difference <= eps * (4 + Math.sqrt(sum.terms.length)) * Math.max(size, Math.abs(sum.shown)));
    box.append(el("p", isFar && !same ? "far" : "small", same ? say("equal") : say(isFar ? "differs" : sum.isLong ? "difference" : "rounding", brief(difference, 2), brief(difference / ulp(Math.max(Math.abs(sum.shown), Math.abs(sum.sum) * 2 ** -24)), 3))));
    return box;
  }
}

function withoutGradient(node) {
  // Why no gradient comes by an op.
  if (node.hidden) return say("hidden");
  if (DATA.nodes.every((n) => n.outs.every((o) => o.g == null))) return say(DATA.about.asked ? "noneCame" : "noTape");
  if (node.without == null) return say("noGradient");
  if (node.without === "dtype") return say("withoutDtype", DATA.tensors[node.outs[0].t].dtype);
  return node.without === "unasked" ? say("unasked") : say("withoutWay", node.without);
}
function termLine(term, largest) {
  const line = el("li", term.best ? "best" : "");
  const left = el("span", "factors");
  term.factors.forEach((f, i) => {
    if (i) left.append(" × ");
    if (f.name) { const name = el("span", "name", f.name); name.append(el("sub", "", f.index.join(","))); left.append(name, el("span", "number", full(f.v, f.number))); }
    else left.append(el("span", f.why ? "number why" : "number", f.text));
    if (f.why) left.lastChild.title = say(f.why);
  });
  const value = el("span", "value-of", brief(term.value, 7));
  const bar = el("i", term.value < 0 ? "minus" : "plus");
  bar.style.width = `${(Math.abs(term.value) / largest) * 100}%`;
  line.append(left, value, bar);
  if (term.note) line.append(el("em", "", say(...term.note)));
  return line;
}
function formula(text) {
  const box = el("div", "formula");
  box.innerHTML = text; // MathML that the generator made
  return box;
}
function listed(numbers) {
  const shown = numbers.slice(0, 24).join(", ");
  return numbers.length > 24 ? `${shown}, …` : shown;
}
function coloured(text) {
  // Python, lightly coloured.
  const pre = el("pre"), pattern = /("""[\s\S]*?"""|#[^\n]*|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|\b(def|return|if|else|elif|for|in|not|and|or|is|None|True|False|lambda|raise|while|with|as|import|from|try|except)\b|\b(\d+(?:\.\d+)?)\b/g;
  let at = 0;
  for (const found of text.matchAll(pattern)) {
    pre.append(text.slice(at, found.index));
    const kind = found[1] ? (found[1][0] === "#" ? "comment" : "string") : found[2] ? "keyword" : "digit";
    pre.append(el("span", kind, found[0]));
    at = found.index + found[0].length;
  }
  pre.append(text.slice(at));
  pre.tabIndex = 0;
  return pre;
}
