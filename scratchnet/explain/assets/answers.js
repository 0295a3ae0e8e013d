// What the page says in words, computed from its numbers: of an op, and in answer to a question.
function farthest(array, pick = Math.abs) {
  // The flat index at which `pick` of the element is the largest; NaN is none.
  let best = 0;
  for (let i = 1; i < array.length; i++) if (pick(array[i]) > pick(array[best]) || Number.isNaN(array[best])) best = i;
  return best;
}
function count(array, test) {
  let n = 0;
  for (let i = 0; i < array.length; i++) if (test(array[i], i)) n++;
  return n;
}
const whole = (n) => n.toLocaleString(language === "zh" ? "zh-CN" : "en-US");
const share = (n, of) => say("shareOf", whole(n), whole(of), percent(of ? n / of : 0));
const rms = (number) => { const s = DATA.tensors[number].stats; return s?.norm != null && s.size && !s.lost ? s.norm / Math.sqrt(s.size) : null; };
const normText = (number) => { const s = DATA.tensors[number].stats; return s?.lost ? say("lost", whole(s.lost)) : brief(s?.norm, 3); };
const allFinite = (array) => array.every(Number.isFinite);
const place = (name, flat, number) => `${name}[${indexText(flat, number)}]`;

// -- what an op did, as sentences -----------------------------------------------------------------

const WORDS = {
  input(node) {
    const { t, g } = node.outs[0], x = values(t), gx = values(g);
    if (!x || !gx) return [];
    let down = 0, up = 0, best = 0;
    const product = Array.from(x, (v, i) => v * gx[i]);
    product.forEach((v, i) => { if (v < 0) down += v; else up += v; if (v < product[best]) best = i; });
    const isImage = shapeOf(t).length === 4, lost = count(product, (v) => !Number.isFinite(v));
    if (lost) return [say("inputLost", share(lost, product.length))];
    const said = [say(isImage ? "pixels" : "inputNumbers", whole(count(product, (v) => v < 0)), brief(down, 4), whole(count(product, (v) => v > 0)), brief(up, 4))];
    if (product[best] < 0) said.push(say("strongestPixel", place("x", best, t), brief(x[best], 4), brief(gx[best], 4), brief(product[best], 4)));
    return said;
  },
  max_pool2d(node) {
    const found = pooled(node);
    if (!found) return [];
    const { g, gx, at, winner, ties } = found, out = node.outs[0], x = node.ins[0];
    return [
      say("pooledWhole", share(count(g, (v) => v !== 0), g.length), share(count(gx, (v) => v !== 0), gx.length)),
      ...(ties ? [say("pooledTies", whole(ties))] : []),
      ...(ties === null || g[at] === 0 ? [] : [say("pooledMost", place("y", at, out.t), brief(g[at], 4), place("x", winner, x.t), brief(values(x.t)[winner], 4))]),
    ];
  },
  avg_pool2d(node) {
    const [fewest, most] = sharers(node);
    return [fewest === most ? say("shared", most) : say("sharedEdge", most, fewest)];
  },
  drop(node) {
    const [x, keep] = node.ins, mask = values(keep.t);
    if (!mask) return [];
    const gone = count(mask, (v) => !v), said = [say("dropped", share(gone, mask.length), brief(dropScale(node), 6))];
    const g = values(node.outs[0].g), gx = values(x.g);
    if (g && gx) {
      said.push(say("droppedBack", whole(count(g, (v, i) => v !== 0 && !mask[i])), whole(count(g, (v) => v !== 0))));
      const at = farthest(g.map((v, i) => (mask[i] ? 0 : v)));
      if (!mask[at] && g[at] !== 0 && allFinite(g)) said.push(say("droppedMost", brief(g[at], 4), place("y", at, node.outs[0].t)));
    }
    return said;
  },
  relu(node) {
    const y = values(node.outs[0].t), g = values(node.outs[0].g);
    if (!y) return [];
    const isOpen = opening(node), said = [say(node.op === "relu6" ? "relu6Open" : "reluOpen", share(count(y, (v, i) => isOpen(i)), y.length))];
    if (g) said.push(say("reluStopped", whole(count(g, (v, i) => v !== 0 && !isOpen(i))), whole(count(g, (v) => v !== 0))));
    return said;
  },
  fused_conv2d: (node) => (node.attrs.relu ? WORDS.relu(node) : []),
  add: (node) => (node.ins.every((e) => e.from != null && e.g != null) ? [say(isBroadcast(node) ? "addedBroadcast" : "added")] : []),
  sparse_softmax_cross_entropy_with_logits(node) {
    const x = node.ins[1], g = values(x.g);
    if (!g || !values(x.t)) return [];
    const { C, p } = crossEntropy(node, 0), y = truth(node, 0), label = farthest(y, (v) => v), hard = isHard(node), said = [say(hard ? "a4why" : "a4whySoft")];
    let other = -1;
    if (hard && y[label] !== 1) return said; // of a label that is no class
    if (!allFinite(g) || !Array.from({ length: C }, (_, i) => p(i)).every(Number.isFinite)) return said;
    for (let i = 0; i < C; i++) if (i !== label && (other < 0 || p(i) - y[i] > p(other) - y[other])) other = i;
    if (other >= 0) {
      const way = say(g[label] < 0 ? "lowers" : g[label] > 0 ? "raises" : "neither");
      said.push(say(hard ? "pMinusY" : "pMinusYSoft", label, brief(p(label), 4), brief(p(label) - y[label], 4), other, brief(p(other), 4), brief(p(other) - y[other], 4), way, brief(y[label], 4)));
    }
    return said;
  },
};
WORDS.relu6 = WORDS.relu;
WORDS.softmax_cross_entropy_with_logits = WORDS.sparse_softmax_cross_entropy_with_logits;
const wordsOf = (node) => WORDS[node.op]?.(node) ?? [];

// -- the first number that is not finite ----------------------------------------------------------

function opening(node) {
  // Where a relu lets a gradient pass.
  const y = values(node.outs[0].t), limit = node.op === "relu6" ? 6 : Infinity;
  return (i) => y[i] > 0 && y[i] < limit;
}
function sharers(node) {
  // Of mean pooling: the fewest and the most pixels that share the gradient of a window.
  const [, H, W] = shapeOf(node.ins[0].t), [, oh, ow] = shapeOf(node.outs[0].t), sizes = [];
  for (let i = 0; i < oh; i++) for (let j = 0; j < ow; j++) sizes.push(cellsOf(node, i, j, H, W).length);
  return [Math.min(...sizes), Math.max(...sizes)];
}
const sameShape = (a, b) => shapeOf(a).join() === shapeOf(b).join();
const isBroadcast = (node) => node.ins.some((e) => !sameShape(e.t, node.outs[0].t));
function isHard(node) {
  // Whether the targets are labels: 1 at one class and 0 elsewhere.
  if (node.op.startsWith("sparse")) return true;
  const y = values(node.ins[0].t), C = shapeOf(node.ins[1].t).at(-1);
  return y != null && y.every((v) => v === 0 || v === 1) && Array.from({ length: y.length / C }, (_, k) => count(y.slice(k * C, (k + 1) * C), (v) => v === 1)).every((n) => n === 1);
}
const nanText = ({ name, node, at, value, count, size }) => {
  const found = NODES.get(node), where = found ? [nodeTitle(found), layerName(found)].filter(Boolean).join(" ") : "";
  return say(found ? "nanFirst" : "nanFirstUnused", `${name}[${at.join(", ")}]`, full(value), where, whole(count), whole(size));
};
function nanInputs(node, phase) {
  // Of what the op was given, how far it reaches and whether it was finite.
  const given = node.ins.map((e) => [e.name, e.t]);
  if (phase === "backward") node.outs.forEach((o, k) => { if (o.g != null) given.push([`∂L/∂${outputName(node, k)}`, o.g]); });
  return given.map(([name, number]) => `${name}: ${summary(number)}`);
}

const POOLED = new Map(); // found once: a batch has many windows
function pooled(node) {
  if (!POOLED.has(node)) POOLED.set(node, wherePooled(node));
  return POOLED.get(node);
}
function wherePooled(node) {
  // The strongest gradient that came to max pooling, where it can be by a window in which one pixel
  // is the largest; the pixel that it went to; in how many windows that got one several tie.
  const out = node.outs[0], x = node.ins[0], g = values(out.g), gx = values(x.g), argmax = node.saved && values(node.saved.t);
  if (!g || !gx || !argmax) return null;
  const shape = shapeOf(x.t), xs = values(x.t), ys = values(out.t);
  const isTied = (flat) => {
    const [n, i, j, c] = unravel(flat, shapeOf(out.t));
    return cellsOf(node, i, j, shape[1], shape[2]).filter(([h, w]) => xs[ravel([n, h, w, c], shape)] === ys[flat]).length > 1;
  };
  const tied = g.map((v, flat) => (v !== 0 && isTied(flat) ? 1 : 0)), alone = g.map((v, flat) => (tied[flat] ? 0 : v));
  const at = farthest(alone.some((v) => v !== 0) ? alone : g), [n, , , c] = unravel(at, shapeOf(out.t));
  const winner = ravel([n, Math.floor(argmax[at] / shape[2]), argmax[at] % shape[2], c], shape);
  // Of NaN none is the largest.
  return { g, gx, at, winner, ties: allFinite(g) && !xs.some(Number.isNaN) ? count(tied, (v) => v > 0) : null };
}
function truth(node, row) {
  // What the probabilities of a sample are compared with: 1 at the label, or what is given.
  const C = shapeOf(node.ins[1].t).at(-1), given = values(node.ins[0].t);
  if (node.op.startsWith("sparse")) return Array.from({ length: C }, (_, i) => (i === given[row] ? 1 : 0));
  return Array.from(given.slice(row * C, (row + 1) * C));
}
function entropyTable(node) {
  // p − y of the first sample, class by class.
  const x = node.ins[1], g = values(x.g);
  if (!g || !values(x.t)) return null;
  const { C, q: p } = crossEntropy(node, 0), y = truth(node, 0), classes = Array.from({ length: C }, (_, i) => i);
  const shown = C <= 20 ? classes : classes.sort((a, b) => Math.abs(g[b]) - Math.abs(g[a])).slice(0, 10);
  const table = tableOf(say("entropyCaption", C > shown.length ? say("largestOf", shown.length, C) : ""), ["class", "x", "p", "y", "p − y", "∂L/∂x"].map((head, k) => (k ? head : say("classHead"))));
  for (const i of shown) {
    const row = addRow(table, [i, fixed(values(x.t)[i], 4), fixed(p(i), 5), brief(y[i], 5), fixed(p(i) - y[i], 5), brief(g[i], 5)]);
    if (y[i] > 0) row.classList.add("best");
  }
  return table;
}
const fixed = (v, digits) => minus(v.toFixed(digits));
function tableOf(caption, heads) {
  const table = el("table", "numbers"), line = el("tr"), head = el("thead");
  table.append(el("caption", "", caption), head);
  for (const text of heads) { const th = el("th", "", text); th.scope = "col"; line.append(th); }
  head.append(line);
  table.append(el("tbody"));
  return table;
}
function addRow(table, cells) {
  const row = el("tr");
  cells.forEach((cell, k) => {
    const box = el(k ? "td" : "th");
    if (!k) box.scope = "row";
    box.append(cell);
    row.append(box);
  });
  table.tBodies[0].append(row);
  return row;
}

// -- the questions --------------------------------------------------------------------------------

const LINEAR = ["conv2d", "fused_conv2d", "matmul"], FILTERED = [...LINEAR, "fused_conv2d_transpose"];
// The flat index of the first weight of filter or unit o: the kernel of a transposed convolution is (kh, kw, O, C).
const firstWeight = (node, o) => (node.op === "fused_conv2d_transpose" ? o * shapeOf(node.ins[1].t)[3] : o);
const silentCount = (node) => Object.keys(node.silent ?? {}).length;

function questionsOf() {
  // Each: its text, the op that answers it, the answer's first sentence, and the number to follow.
  const found = [], ask = (question, node, key, args = [], follow = null, place = null, about = []) => found.push({ question, node, key, args, follow, place, about });
  const inputs = DATA.nodes.filter((n) => n.op === "input"), asked = inputs.filter((n) => n.outs[0].g != null);
  const image = (node) => shapeOf(node.outs[0].t).length === 4, isFloat = (node) => DATA.tensors[node.outs[0].t].dtype.startsWith("float");
  for (const node of asked) ask(image(node) ? "q1" : "q1numbers", node, image(node) ? "a1" : "a1numbers", [], null, null, [asked.length > 1 ? say("ofInput", asked.indexOf(node) + 1) : ""]);
  const unasked = inputs.find(isFloat);
  if (!asked.length && unasked && DATA.nodes.some((n) => n.outs.some((o) => o.g != null))) ask(image(unasked) ? "q1" : "q1numbers", unasked, ...(unasked.without && unasked.without !== "unasked" ? ["a1stopped", [unasked.without]] : ["a1unasked"]));
  const pool = DATA.nodes.find((n) => n.op === "max_pool2d" && n.ins[0].g != null);
  if (pool) {
    const { zeros, size } = DATA.tensors[pool.ins[0].g].stats;
    ask("q2", pool, "a2", [whole(zeros), whole(size)], () => { const it = pooled(pool); return it && [{ argument: 0 }, "gradient", it.winner]; });
  }
  const layers = DATA.nodes.filter((n) => (n.ins[1]?.parameter || n.ins[1]?.reshaped) && n.ins[1].g != null && FILTERED.includes(n.op));
  const convs = layers.filter((n) => n.op !== "matmul" && silentCount(n));
  const silent = (convs.length ? convs : layers).toSorted((a, b) => silentCount(b) - silentCount(a))[0];
  if (silent) {
    const n = silentCount(silent), kind = silent.op === "matmul" ? "a3units" : "a3";
    ask("q3", silent, n ? kind : "a3none", [n, shapeOf(silent.outs[0].t).at(-1)], () => n ? [{ argument: 1 }, "gradient", firstWeight(silent, Number(Object.keys(silent.silent)[0]))] : null);
  }
  const entropy = DATA.nodes.find((n) => n.op.includes("softmax_cross_entropy") && n.ins[1].g != null);
  if (entropy) ask("q4", entropy, isHard(entropy) ? "a4" : "a4soft", [], () => [{ argument: 1 }, "gradient", entropy.op.startsWith("sparse") ? values(entropy.ins[0].t)[0] : farthest(truth(entropy, 0), (v) => v)]);
  const drop = DATA.nodes.find((n) => n.op === "drop" && n.ins[0].g != null);
  if (drop) ask("q6", drop, "a6");
  const way = wayBack(); // the answer is a table below the op, and the op where it ends
  if (way) ask("q7", way.early, way.key, way.args, null, "flow");
  const { moments } = DATA, learns = layers[0] ?? DATA.nodes.at(-1);
  if (moments?.length) ask("q5", learns, "a5", [...[moments[0], moments.at(-1)].flatMap((m) => [m.step, brief(m.loss, 4)]), sampleName(DATA.about.recorded ?? "")], null, "training");
  return found;
}
function silentElsewhere(node) {
  // The other convolutions or dense layers that have such filters.
  const isDense = node.op === "matmul";
  return DATA.nodes.filter((n) => n !== node && (n.op === "matmul") === isDense && silentCount(n) && (n.ins[1]?.parameter || n.ins[1]?.reshaped));
}

function whySilent(node, why, places) {
  // The reason, as the arrays prove it, with what blocked its gradient, if that is proven, too.
  const [kind, by] = why.split(":");
  if (kind !== "blocked") return say("why_" + kind, places);
  return by ? say("why_blocked", by.split(",").map((name) => say("by_" + name)).join(say("and"))) : say("why_nothing");
}

// -- the gradient on its way back -----------------------------------------------------------------

const onTheWay = (node) => !node.minor && node.outs[0].g != null && DATA.tensors[node.outs[0].g].stats?.norm != null;
function passedOn(node) {
  // How many times as large (in norm) what an op sends back is as what it got.
  const tensors = node.ins.filter((e) => e.from != null && e.g != null && !NODES.get(e.from).minor).map((e) => DATA.tensors[e.g]);
  if ([...tensors, DATA.tensors[node.outs[0].g]].some((tensor) => tensor.stats?.lost)) return null;
  const sent = tensors.map((tensor) => tensor.stats?.norm ?? 0), got = DATA.tensors[node.outs[0].g].stats.norm;
  return sent.length && got ? Math.hypot(...sent) / got : null;
}
function whatItDid(node) {
  const g = values(node.outs[0].g), y = values(node.outs[0].t), weight = node.ins.find((e) => e.parameter && e.name !== "b");
  const parts = [];
  if (LINEAR.includes(node.op) && weight && rms(weight.t) != null) parts.push(say("byWeights", brief(rms(weight.t), 2)));
  if ((node.attrs.relu === true || node.op.startsWith("relu")) && y) { const isOpen = opening(node); parts.push(say("byRelu", percent(count(y, (v, i) => isOpen(i)) / y.length))); }
  if (node.op === "max_pool2d" && node.ins[0].g != null) { const { zeros, size } = DATA.tensors[node.ins[0].g].stats; parts.push(say("byPool", percent((size - zeros) / size))); }
  if (node.op === "avg_pool2d") parts.push(say("byShare", [...new Set(sharers(node))].reverse().map((n) => `1/${n}`).join(" … ")));
  if (node.op === "drop" && values(node.ins[1].t)) parts.push(say("byDrop", percent(count(values(node.ins[1].t), (v) => !v) / g.length), brief(dropScale(node), 3)));
  if (node.op === "reduce_mean") parts.push(say("byShare", `1/${whole(values(node.ins[0].t).length / values(node.outs[0].t).length)}`));
  if (node.op.includes("cross_entropy")) parts.push("p − y");
  if (node.op === "batch_normalization") parts.push("γ / σ");
  if (node.op === "add") parts.push(say(isBroadcast(node) ? "byAddBroadcast" : "byAdd"));
  return parts.join(" · ");
}
function wayBack() {
  // From the logits, or what is nearest to the loss and has several numbers, to the first op that has weights.
  const nodes = DATA.nodes.filter(onTheWay).reverse(), many = nodes.filter((n) => DATA.tensors[n.outs[0].g].stats.size > 1), late = many[0];
  const early = many.findLast((n) => n.ins.some((e) => e.parameter)) ?? many.at(-1);
  if (!late || !early || late === early || nodes.some((n) => DATA.tensors[n.outs[0].g].stats.lost)) return null;
  const [a, b] = [late, early].map((n) => rms(n.outs[0].g));
  if (!(a > 0 && b > 0)) return null; // or nothing is finite
  const name = (n) => [nodeTitle(n), layerName(n)].filter(Boolean).join(" ");
  const key = brief(b < a ? a / b : b / a, 3) === "1" ? "flowSame" : b < a ? "flowSmaller" : "flowLarger";
  return { late, early, key, args: [name(late), brief(a, 3), name(early), brief(b, 3), brief(b < a ? a / b : b / a, 3)] };
}
function showFlow(state) {
  const box = document.getElementById("flow"), nodes = DATA.nodes.filter(onTheWay).reverse();
  box.hidden = nodes.length < 2;
  if (box.hidden) return;
  box.replaceChildren(el("h2", "", say("flowTitle")));
  const way = wayBack();
  if (way) {
    const [sa, sb] = [way.late, way.early].map((n) => DATA.tensors[n.outs[0].g].stats);
    box.append(el("p", "answer", [say(way.key, ...way.args),
      ...(sb.size > sa.size ? [say("flowNorm", brief(sa.norm, 3), brief(sb.norm, 3), whole(sa.size), whole(sb.size), brief(Math.sqrt(sb.size / sa.size), 3))] : []), say("flowWhy")].join(" ")));
  }
  const logs = nodes.map((n) => rms(n.outs[0].g)).filter((v) => v > 0).map(Math.log10), low = Math.min(...logs), high = Math.max(...logs);
  const table = tableOf(say("flowCaption"), ["flowOp", "flowNumbers", "flowPer", "flowNormHead", "flowTimes", "flowDid", "flowWeights"].map((key) => say(key)));
  table.classList.add("flow");
  for (const node of nodes) {
    const { t, g } = node.outs[0], link = el("button", "link", [nodeTitle(node), layerName(node)].filter(Boolean).join(" · ")), per = rms(g), cell = el("span", "bar"), bar = el("i");
    link.type = "button";
    link.addEventListener("click", () => { state.goNode(node.id, "backward"); document.getElementById("panel").scrollIntoView({ block: "start", behavior: "smooth" }); });
    bar.style.width = `${per > 0 ? Math.round(6 + 94 * (high > low ? (Math.log10(per) - low) / (high - low) : 1)) : 0}%`;
    cell.append(bar, el("span", "", per == null ? "" : brief(per, 3)));
    const times = passedOn(node), weights = node.ins.filter((e) => e.parameter && e.g != null);
    addRow(table, [link, whole(values(t)?.length ?? shapeOf(t).reduce((a, b) => a * b, 1)), cell, normText(g), times == null ? "" : `× ${brief(times, 3)}`, whatItDid(node),
      weights.map((e) => `${e.name}: ${normText(e.g)}${e.total == null ? "" : ` (Σ ${e.uses}: ${normText(e.total)})`}`).join(", ")]);
  }
  const scroll = el("div", "wide");
  scroll.tabIndex = 0;
  scroll.setAttribute("role", "region");
  scroll.setAttribute("aria-label", say("flowTitle"));
  scroll.append(table);
  box.append(scroll);
}
