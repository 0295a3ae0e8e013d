// Pictures of tensors: feature maps and filters as tiles, matrices as images, vectors as bars.
const COLOURS = {};
function readColours() {
  const style = getComputedStyle(document.documentElement);
  for (const name of ["negative", "zero", "positive", "lost", "accent", "ink", "line", "veil", "muted"]) COLOURS[name] = style.getPropertyValue(`--${name}`).trim();
  for (const name of ["negative", "zero", "positive", "lost"]) COLOURS[name + "Rgb"] = COLOURS[name].match(/\w\w/g).map((h) => parseInt(h, 16));
}
let rootColours = true;

function scaleOf(v, limit) {
  // In [-1, 1]; with root colours small numbers are told apart, too.
  const x = limit ? Math.max(-1, Math.min(1, v / limit)) : 0;
  return rootColours ? Math.sign(x) * Math.sqrt(Math.abs(x)) : x;
}
function colourInto(bytes, at, v, limit) {
  let end = COLOURS.lostRgb, share = 1;
  if (Number.isFinite(v)) {
    const x = scaleOf(v, limit);
    end = x < 0 ? COLOURS.negativeRgb : COLOURS.positiveRgb;
    share = Math.abs(x);
  }
  const zero = COLOURS.zeroRgb;
  for (let c = 0; c < 3; c++) bytes[at + c] = zero[c] + (end[c] - zero[c]) * share;
  bytes[at + 3] = 255;
}

// A plan says how the elements of a tensor lie in a grid of cells.
function planOf(shape, isFilter) {
  const size = shape.reduce((a, b) => a * b, 1);
  const long = shape.filter((n) => n > 1);
  if (size === 1) return { kind: "scalar", W: 1, H: 1, flat: () => 0, cell: () => [0, 0] };
  if (long.length === 1 && long[0] <= 400) return { kind: "bars", n: size, W: size, H: 1, flat: (x) => x, cell: (i) => [i, 0] };
  if (long.length === 1) {
    const W = Math.ceil(Math.sqrt(size * 2)), H = Math.ceil(size / W);
    return { kind: "image", W, H, flat: (x, y) => (y * W + x < size ? y * W + x : -1), cell: (i) => [i % W, Math.floor(i / W)] };
  }
  if (shape.length === 4 && isFilter) {
    const [kh, kw, C, O] = shape;
    return tiles(kh, kw, C === 1 ? O : C * O, C === 1 ? null : O, (a, b, tile) => ((a * kw + b) * C + (C === 1 ? 0 : Math.floor(tile / O))) * O + (C === 1 ? tile : tile % O),
      (flat) => { const [a, b, c, o] = unravel(flat, shape); return [a, b, C === 1 ? o : c * O + o]; });
  }
  if (shape.length === 4 || shape.length === 3) {
    const [N, H, W, C] = shape.length === 4 ? shape : [1, ...shape];
    return tiles(H, W, N * C, N > 1 ? C : null, (h, w, tile) => ((Math.floor(tile / C) * H + h) * W + w) * C + (tile % C),
      (flat) => { const c = flat % C, w = Math.floor(flat / C) % W, h = Math.floor(flat / C / W) % H, n = Math.floor(flat / C / W / H); return [h, w, n * C + c]; });
  }
  const n = shape.at(-1), m = size / n;
  if (m > n) return { kind: "image", W: m, H: n, turned: true, flat: (x, y) => x * n + y, cell: (i) => [Math.floor(i / n), i % n] };
  return { kind: "image", W: n, H: m, flat: (x, y) => y * n + x, cell: (i) => [i % n, Math.floor(i / n)] };
}
function tiles(h, w, count, columns, flat, place) {
  const across = columns ?? Math.min(count, Math.max(1, Math.ceil(Math.sqrt((count * h * 1.6) / w))));
  const down = Math.ceil(count / across), gap = count > 1 ? 1 : 0;
  return {
    kind: "tiles", W: across * (w + gap) - gap, H: down * (h + gap) - gap,
    flat(x, y) {
      const a = y % (h + gap), b = x % (w + gap), tile = Math.floor(y / (h + gap)) * across + Math.floor(x / (w + gap));
      return a < h && b < w && tile < count ? flat(a, b, tile) : -1;
    },
    cell(i) {
      const [a, b, tile] = place(i);
      return [(tile % across) * (w + gap) + b, Math.floor(tile / across) * (h + gap) + a];
    },
  };
}

function layoutText(shape, isFilter, plan) {
  // In words, how the numbers lie in the picture.
  if (plan.kind === "tiles" && isFilter) return shape[2] === 1 ? say("liesFilters", shape[3]) : say("liesKernels", shape[2], shape[3]);
  if (plan.kind === "tiles") return shape.at(-1) > 1 ? say("liesChannels", shape.at(-1)) : "";
  if (plan.kind === "image") return shape.filter((n) => n > 1).length === 2 ? say(plan.turned ? "liesTurned" : "liesMatrix", plan.H, plan.W) : say("liesVector", shape.reduce((a, b) => a * b, 1), plan.W);
  return "";
}

const BAR_HEIGHT = 96, AXIS = 16;
function axisInto(pen, plan, cell) {
  // Under bars: their indices, as many as there is room for.
  const step = [1, 2, 5, 10, 20, 50, 100, 200].find((s) => s * cell >= 26) ?? 500;
  pen.fillStyle = COLOURS.muted;
  pen.font = "11px system-ui, sans-serif";
  for (let i = 0; i < plan.n; i += step) {
    const text = String(i), half = pen.measureText(text).width / 2, middle = i * cell + Math.min(cell, 28) / 2;
    if (i && middle + half > plan.n * cell) break;
    pen.fillText(text, Math.max(0, middle - half), BAR_HEIGHT + 12);
  }
}
function paint(canvas, array, plan, limit, cell, axis = false) {
  // The picture alone, without what is lit.
  const ratio = plan.kind === "bars" ? 1 : cell;
  canvas.width = Math.max(1, Math.round(plan.W * (plan.kind === "bars" ? cell : ratio)));
  canvas.height = plan.kind === "bars" ? BAR_HEIGHT + (axis ? AXIS : 0) : Math.max(1, Math.round(plan.H * ratio));
  const pen = canvas.getContext("2d");
  if (plan.kind === "bars") {
    const middle = BAR_HEIGHT / 2;
    for (let i = 0; i < plan.n; i++) {
      const v = array[i], x = scaleOf(v, limit), bytes = [];
      colourInto(bytes, 0, v === 0 ? 0 : v < 0 ? -limit : limit, limit);
      pen.fillStyle = Number.isFinite(v) ? `rgb(${bytes.slice(0, 3).join(",")})` : COLOURS.lost;
      const height = Number.isFinite(v) ? Math.abs(x) * (middle - 2) : middle;
      pen.fillRect(i * cell, v < 0 ? middle : middle - height, Math.max(1, cell - (cell > 3 ? 1 : 0)), Math.max(height, v === 0 ? 0 : 1));
    }
    pen.fillStyle = COLOURS.line;
    pen.fillRect(0, middle, canvas.width, 1);
    if (axis) axisInto(pen, plan, cell);
    return;
  }
  const small = new OffscreenCanvas(plan.W, plan.H), image = new ImageData(plan.W, plan.H);
  for (let y = 0; y < plan.H; y++)
    for (let x = 0; x < plan.W; x++) {
      const flat = plan.flat(x, y);
      if (flat >= 0) colourInto(image.data, (y * plan.W + x) * 4, array[flat], limit);
    }
  small.getContext("2d").putImageData(image, 0, 0);
  pen.imageSmoothingEnabled = false;
  pen.drawImage(small, 0, 0, canvas.width, canvas.height);
}

class Picture {
  // One tensor as a canvas that can be zoomed, walked through by keys, and clicked.
  // `array` stands for the tensor's own numbers, `tell` says more of one of them.
  constructor({ number, name, isFilter, width, onPick, what, array = null, tell = null }) {
    Object.assign(this, { number, name, onPick, what, tell, pointed: null });
    this.isDerived = array != null;
    this.array = array ?? values(number);
    this.plan = planOf(shapeOf(number), isFilter);
    this.limit = limitOf(this.isDerived ? null : number, this.array);
    const whole = width / this.plan.W;
    this.cell = this.plan.kind === "bars" ? Math.max(1, Math.min(28, Math.floor(whole))) : Math.max(1, Math.min(this.plan.kind === "tiles" ? 14 : 20, Math.floor(whole)));
    if (this.plan.kind === "image" && this.plan.W > 2000) this.cell = 1;
    if (this.plan.kind === "scalar") this.cell = 48;
    this.cursor = null;
    this.lit = new Map();
    this.box = document.createElement("div");
    this.box.className = "picture";
    this.canvas = document.createElement("canvas");
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "img");
    this.box.append(this.canvas);
    this.canvas.addEventListener("mousemove", (e) => this.hover(e));
    this.canvas.addEventListener("mouseleave", () => hideTip());
    this.canvas.addEventListener("click", (e) => this.pick(this.under(e), e));
    this.canvas.addEventListener("keydown", (e) => this.key(e));
    this.canvas.addEventListener("blur", () => { if (this.cursor != null) { this.cursor = null; this.draw(); } });
    this.draw();
  }
  draw() {
    const { canvas, plan } = this;
    canvas.setAttribute("aria-description", say("pictureKeys"));
    canvas.setAttribute("aria-label", say("picture", this.label, shapeOf(this.number).join(" × ") || "1", this.isDerived ? "" : summary(this.number)));
    paint(canvas, this.array, plan, this.limit, this.cell, true);
    const pen = canvas.getContext("2d");
    if (this.lit.size) {
      pen.fillStyle = COLOURS.veil;
      pen.fillRect(0, 0, canvas.width, plan.kind === "bars" ? BAR_HEIGHT : canvas.height);
      for (const flat of this.lit.keys()) this.uncover(pen, flat);
      const few = this.lit.size <= 60;
      pen.strokeStyle = COLOURS.accent;
      pen.lineWidth = 1;
      if (few) for (const [flat, strong] of this.lit) this.outline(pen, flat, strong);
    }
    if (this.pointed != null) this.outline(pen, this.pointed, true);
    if (this.cursor != null) this.outline(pen, this.cursor, true);
  }
  point(flat) { this.pointed = flat; this.draw(); }
  get label() { return `${this.what ? say(this.what, this.name) : this.name}`; }
  rectangle(flat) {
    const [x, y] = this.plan.cell(flat), s = this.cell;
    return this.plan.kind === "bars" ? [x * s, 0, s, BAR_HEIGHT] : [x * s, y * s, s, s];
  }
  uncover(pen, flat) {
    const [x, y, w, h] = this.rectangle(flat);
    if (this.plan.kind === "bars") {
      pen.clearRect(x, y, w, h);
      const v = this.array[flat], height = Math.abs(scaleOf(v, this.limit)) * (BAR_HEIGHT / 2 - 2);
      pen.fillStyle = v < 0 ? COLOURS.negative : COLOURS.positive;
      pen.fillRect(x, v < 0 ? BAR_HEIGHT / 2 : BAR_HEIGHT / 2 - height, Math.max(1, w - (w > 3 ? 1 : 0)), Math.max(1, height));
      return;
    }
    const bytes = [];
    colourInto(bytes, 0, this.array[flat], this.limit);
    pen.fillStyle = `rgb(${bytes.slice(0, 3).join(",")})`;
    pen.fillRect(x, y, w, h);
  }
  outline(pen, flat, strong) {
    const [x, y, w, h] = this.rectangle(flat);
    pen.strokeStyle = strong ? COLOURS.ink : COLOURS.accent;
    pen.lineWidth = strong ? 2 : 1;
    pen.strokeRect(x + 0.5, y + 0.5, Math.max(1, w - 1), Math.max(1, h - 1));
  }
  under(e) {
    const box = this.canvas.getBoundingClientRect();
    const x = ((e.clientX - box.left) / box.width) * this.canvas.width, y = ((e.clientY - box.top) / box.height) * this.canvas.height;
    if (this.plan.kind === "bars") { const i = Math.floor(x / this.cell); return i >= 0 && i < this.plan.n ? i : -1; }
    const cx = Math.floor(x / this.cell), cy = Math.floor(y / this.cell);
    return cx >= 0 && cy >= 0 && cx < this.plan.W && cy < this.plan.H ? this.plan.flat(cx, cy) : -1;
  }
  text(flat) {
    if (this.isDerived) return this.tell(flat);
    const text = say("at", this.label, indexText(flat, this.number), full(this.array[flat], this.number));
    return this.tell ? this.tell(flat, text) : text;
  }
  hover(e) {
    const flat = this.under(e);
    if (flat < 0) hideTip();
    else showTip(this.text(flat), e.clientX, e.clientY);
  }
  pick(flat) {
    if (flat >= 0 && this.onPick) this.onPick(flat);
  }
  key(e) {
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    if (e.key === "+" || e.key === "-") this.zoom(e.key === "+" ? 1 : -1);
    else if (e.key === "Enter" && this.cursor != null) this.pick(this.cursor);
    else if (moves[e.key]) {
      if (this.cursor == null) this.cursor = 0;
      else {
        const [dx, dy] = moves[e.key];
        let [x, y] = this.plan.cell(this.cursor), flat = -1;
        do { x += dx; y += dy; flat = x < 0 || y < 0 || x >= this.plan.W || y >= this.plan.H ? -2 : this.plan.flat(x, y); } while (flat === -1);
        if (flat >= 0) this.cursor = flat;
      }
      this.draw();
      const box = this.canvas.getBoundingClientRect(), [x, y] = this.rectangle(this.cursor);
      showTip(this.text(this.cursor), box.left + x, box.top + y);
      hear(this.text(this.cursor));
    } else return;
    e.preventDefault();
    e.stopPropagation();
  }
  zoom(way) {
    const most = Math.max(1, Math.floor(8000 / Math.max(this.plan.W, this.plan.kind === "bars" ? 1 : this.plan.H)));
    this.cell = Math.max(1, Math.min(most, 64, way > 0 ? Math.ceil(this.cell * 1.5) : Math.floor(this.cell / 1.5)));
    this.draw();
  }
  lens() {
    // Where single cells are too small to see: what is lit, enlarged, with its surroundings.
    this.lensBox?.remove();
    this.lensBox = null;
    if (!this.lit.size || this.cell >= 6 || this.plan.kind === "bars" || this.plan.kind === "scalar") return;
    const cells = [...this.lit.keys()].map((flat) => this.plan.cell(flat)), around = 24, size = 8;
    const [x0, x1] = [Math.min(...cells.map((c) => c[0])), Math.max(...cells.map((c) => c[0]))];
    const [y0, y1] = [Math.min(...cells.map((c) => c[1])), Math.max(...cells.map((c) => c[1]))];
    if (x1 - x0 > around || y1 - y0 > around) return;
    const left = Math.max(0, Math.min(this.plan.W - around, Math.round((x0 + x1 - around) / 2)));
    const top = Math.max(0, Math.min(this.plan.H - around, Math.round((y0 + y1 - around) / 2)));
    const canvas = document.createElement("canvas"), pen = canvas.getContext("2d"), bytes = [];
    canvas.width = Math.min(around, this.plan.W) * size;
    canvas.height = Math.min(around, this.plan.H) * size;
    canvas.setAttribute("aria-hidden", "true");
    for (let y = 0; y * size < canvas.height; y++)
      for (let x = 0; x * size < canvas.width; x++) {
        const flat = this.plan.flat(left + x, top + y);
        if (flat < 0) continue;
        colourInto(bytes, 0, this.array[flat], this.limit);
        pen.fillStyle = `rgb(${bytes.slice(0, 3).join(",")})`;
        pen.fillRect(x * size, y * size, size, size);
      }
    for (const [flat, strong] of this.lit.size <= 60 ? this.lit : []) {
      const [x, y] = this.plan.cell(flat);
      pen.strokeStyle = strong ? COLOURS.ink : COLOURS.accent;
      pen.lineWidth = 2;
      pen.strokeRect((x - left) * size + 1, (y - top) * size + 1, size - 2, size - 2);
    }
    const place = (e) => {
      const box = canvas.getBoundingClientRect();
      return this.plan.flat(left + Math.floor((e.clientX - box.left) / size), top + Math.floor((e.clientY - box.top) / size));
    };
    canvas.addEventListener("mousemove", (e) => { const flat = place(e); if (flat >= 0) showTip(this.text(flat), e.clientX, e.clientY); });
    canvas.addEventListener("mouseleave", hideTip);
    canvas.addEventListener("click", (e) => this.pick(place(e)));
    this.lensBox = canvas;
    canvas.className = "lens";
    this.box.after(canvas);
  }
  light(lit) {
    this.lit = lit ?? new Map();
    this.draw();
    this.lens();
    const first = [...this.lit.entries()].find(([, strong]) => strong) ?? [...this.lit.entries()][0];
    if (first && (this.canvas.width > this.box.clientWidth || this.canvas.height > this.box.clientHeight)) {
      const [x, y] = this.rectangle(first[0]);
      this.box.scrollTo({ left: x - this.box.clientWidth / 2, top: y - this.box.clientHeight / 2 });
    }
  }
}

function limitOf(number, array) {
  const stats = number == null ? null : DATA.tensors[number].stats;
  if (stats) return stats.limit ?? 1;
  return array.reduce((m, v) => (Number.isFinite(v) ? Math.max(m, Math.abs(v)) : m), 0) || 1;
}
function summary(number) {
  const stats = DATA.tensors[number].stats;
  if (!stats) return "";
  if (stats.min == null) return stats.lost ? say("lost", stats.lost) : "";
  const parts = [say("range", brief(stats.min), brief(stats.max)), ...(stats.lost ? [] : [say("norm", brief(stats.norm))]), say("zeros", percent(stats.zeros / stats.size))];
  if (stats.lost) parts.push(say("lost", stats.lost));
  return parts.join(" · ");
}
const percent = (share) => `${brief(100 * share, 3)} %`;

function histogram(number) {
  const stats = DATA.tensors[number].stats, canvas = document.createElement("canvas");
  canvas.className = "histogram";
  if (!stats?.counts) return canvas;
  const n = stats.counts.length;
  canvas.width = n * 3;
  canvas.height = 30;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", say("hist", stats.size, brief(-stats.limit), brief(stats.limit)));
  const pen = canvas.getContext("2d"), most = Math.log1p(Math.max(...stats.counts));
  stats.counts.forEach((count, i) => {
    const height = most ? (Math.log1p(count) / most) * 28 : 0;
    pen.fillStyle = i < (n - 1) / 2 ? COLOURS.negative : i > (n - 1) / 2 ? COLOURS.positive : COLOURS.line;
    pen.fillRect(i * 3, 29 - height, 2, height);
  });
  pen.fillStyle = COLOURS.line;
  pen.fillRect(0, 29, canvas.width, 1);
  return canvas;
}

function showTip(text, x, y) {
  const tip = document.getElementById("tip");
  tip.textContent = text;
  tip.hidden = false;
  const w = tip.offsetWidth, h = tip.offsetHeight;
  tip.style.left = `${Math.max(4, Math.min(x + 14, innerWidth - w - 8))}px`;
  tip.style.top = `${y + 18 + h > innerHeight ? y - h - 10 : y + 18}px`;
}
const hideTip = () => { document.getElementById("tip").hidden = true; };
const hear = (text) => { document.getElementById("live").textContent = text; };
