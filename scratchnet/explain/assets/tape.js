// The tape as a picture: a card for each op, left to right, and the edges between them.
const CARD = { w: 116, h: 132, gapX: 26, gapY: 12 };

function stepsOf(nodes) {
  const forward = nodes.map((node) => ({ node, phase: "forward" }));
  const has = (node) => [...node.outs, ...node.ins].some((e) => e.g != null);
  const backward = nodes.filter(has).reverse().map((node) => ({ node, phase: "backward" }));
  return [...forward, ...backward];
}
function nodeTitle(node) {
  return node.op === "input" ? say("input") : opTitle(node.op);
}
const opTitle = (name) => shortTitle(name.replaceAll("_", " "));
const shortTitle = (text) => text.replace(/(sparse )?softmax cross entropy with logits/, "softmax cross-entropy");
const layerName = (node) => [node.layer?.split("/").at(-1), node.part].filter(Boolean).join(" ");

class Tape {
  constructor(box, onPick) {
    this.box = box;
    this.graph = box.querySelector("#graph");
    this.cards = new Map();
    this.onPick = onPick;
  }
  place(node) {
    return [node.column * (CARD.w + CARD.gapX) + 12, this.tops[node.lane]];
  }
  heightOf(node) { return this.heights[node.lane]; }
  measure() {
    // A lane of small cards is low, one of edges alone lower.
    const lanes = Math.max(...DATA.nodes.map((n) => n.lane), ...DATA.edges.map((e) => e.lane ?? 0)) + 1;
    this.heights = Array.from({ length: lanes }, (_, lane) => {
      const nodes = DATA.nodes.filter((n) => n.lane === lane);
      return !nodes.length ? 12 : nodes.every((n) => n.minor) ? 44 : CARD.h;
    });
    this.tops = [12];
    for (const h of this.heights) this.tops.push(this.tops.at(-1) + h + CARD.gapY);
  }
  build() {
    this.measure();
    const columns = Math.max(...DATA.nodes.map((n) => n.column)) + 1;
    const width = columns * (CARD.w + CARD.gapX) + 24, height = this.tops.at(-1) - CARD.gapY + 12;
    this.graph.replaceChildren();
    this.graph.style.width = `${width}px`;
    this.graph.style.height = `${height}px`;
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("width", width);
    svg.setAttribute("height", height);
    svg.setAttribute("aria-hidden", "true");
    this.edges = DATA.edges.map((edge) => {
      const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
      path.setAttribute("d", this.curve(edge));
      svg.append(path);
      return { edge, path };
    });
    this.graph.append(svg);
    for (const node of DATA.nodes) this.graph.append(this.card(node));
  }
  curve(edge) {
    const [x0, y0] = this.place(NODES.get(edge.from)), [x1, y1] = this.place(NODES.get(edge.to));
    const from = [x0 + CARD.w, y0 + this.heightOf(NODES.get(edge.from)) / 2], to = [x1, y1 + this.heightOf(NODES.get(edge.to)) / 2], g = CARD.gapX;
    if (edge.lane == null) return `M${from}C${from[0] + g / 2},${from[1]} ${to[0] - g / 2},${to[1]} ${to}`;
    const y = this.tops[edge.lane] + this.heights[edge.lane] / 2, a = from[0] + g, b = to[0] - g;
    return `M${from}C${from[0] + g},${from[1]} ${from[0]},${y} ${a},${y}L${b},${y}C${to[0]},${y} ${to[0] - g},${to[1]} ${to}`;
  }
  card(node) {
    const card = document.createElement("button"), [x, y] = this.place(node);
    card.type = "button";
    card.className = `card${node.aside ? " aside" : ""}`;
    card.style.left = `${x}px`;
    card.style.top = `${y}px`;
    card.style.height = `${this.heightOf(node)}px`;
    if (this.heightOf(node) < CARD.h) card.classList.add("low");
    card.dataset.node = node.id;
    const sizes = shapeOf(node.outs[0].t), shape = (sizes[0] === 1 && sizes.length > 1 ? sizes.slice(1) : sizes).join("×") || "1";
    const layer = document.createElement("span"), op = document.createElement("b"), note = document.createElement("small"), more = document.createElement("small"), canvas = document.createElement("canvas");
    layer.className = "layer";
    layer.textContent = layerName(node);
    layer.hidden = !layerName(node);
    op.textContent = nodeTitle(node);
    note.textContent = node.ms != null ? `${shape} · ${node.ms.toFixed(node.ms < 10 ? 1 : 0)} ms${node.compiled ? "*" : ""}` : shape;
    more.textContent = node.parameters ? `${compact(node.parameters)} ${say("short")}` : "\u00a0";
    card.append(layer, op, canvas, note, more);
    const doubted = node.witnesses?.some((w) => w.agrees === false);
    if (node.witnesses?.some((w) => w.agrees != null)) card.append(el("span", `mark${doubted ? " bad" : ""}`, doubted ? "✗" : "✓"));
    if (doubted) card.classList.add("doubted");
    card.setAttribute("aria-label", [doubted ? say("doubt") : "", nodeTitle(node), layerName(node), shape, node.aside ? say("aside") : ""].filter(Boolean).join(", "));
    card.addEventListener("click", () => this.onPick(node));
    this.cards.set(node.id, { card, canvas, state: "" });
    return card;
  }
  thumbnail(node, canvas, what) {
    const number = node.outs[0][what] ?? null, array = values(number);
    if (!array) { canvas.width = canvas.height = 1; return; }
    let shape = shapeOf(number), plan, shown = array;
    if (shape.length === 4 && shape[3] > 9) {
      // The nine channels with the most in them.
      const C = shape[3], sums = new Float64Array(C);
      for (let i = 0; i < array.length; i++) sums[i % C] += Math.abs(array[i]);
      const best = [...sums.keys()].sort((a, b) => sums[b] - sums[a]).slice(0, 9);
      shape = [1, shape[1], shape[2], 9];
      shown = new Float64Array(shape[1] * shape[2] * 9);
      for (let p = 0; p < shape[1] * shape[2]; p++) best.forEach((c, j) => (shown[p * 9 + j] = array[p * C + c]));
    }
    plan = planOf(shape, false);
    if (plan.kind === "scalar") {
      canvas.width = 92;
      canvas.height = 40;
      const pen = canvas.getContext("2d");
      pen.fillStyle = COLOURS.ink;
      pen.font = "600 17px system-ui";
      pen.textAlign = "center";
      pen.fillText(brief(array[0], 4), 46, 26);
      return;
    }
    paint(canvas, shown, plan, limitOf(number, array), plan.kind === "bars" ? Math.max(1, Math.floor(96 / plan.n)) : Math.max(1, Math.floor(64 / Math.max(plan.W, plan.H))));
  }
  show(steps, at, force = false) {
    const { node: now, phase } = steps[at], seen = new Map();
    steps.forEach((step, i) => { if (i <= at) seen.set(step.node.id, step.phase); });
    for (const node of DATA.nodes) {
      const entry = this.cards.get(node.id), state = seen.get(node.id) === "backward" ? "g" : "t";
      if (entry.state !== state || force) this.thumbnail(node, entry.canvas, state === "g" && node.outs[0].g != null ? "g" : "t");
      entry.state = state;
      entry.card.classList.toggle("reached", seen.has(node.id));
      entry.card.classList.toggle("backward", state === "g");
      entry.card.classList.toggle("now", node === now);
      if (node === now) entry.card.setAttribute("aria-current", "step");
      else entry.card.removeAttribute("aria-current");
    }
    for (const { edge, path } of this.edges) {
      const lit = phase === "forward" ? edge.to === now.id : edge.to === now.id || edge.from === now.id;
      path.setAttribute("class", `${lit ? "lit " : ""}${phase}`);
    }
    const [x, y] = this.place(now);
    this.box.scrollTo({ left: x - this.box.clientWidth / 2 + CARD.w / 2, top: y - this.box.clientHeight / 2 + CARD.h / 2, behavior: calm() ? "instant" : "smooth" });
  }
}
const compact = (n) => (n >= 1e6 ? `${(n / 1e6).toFixed(2)}M` : n >= 1e4 ? `${Math.round(n / 1e3)}k` : String(n));
