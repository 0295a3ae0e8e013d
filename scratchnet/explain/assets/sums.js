// Sums, written out: what an output is made of, and what a gradient is made of.
//
// A sum has terms, each a product of factors; a factor is an element of a tensor, or a number with
// a text.  A product of two float32 numbers is exact in the float64 of JavaScript.
class Sum {
  constructor(key, title, shown, number) {
    Object.assign(this, { key, title, shown, number, terms: [], after: [], notes: [], mode: "sum", inside: 0 });
  }
  add(factors, note = null, marks = {}) {
    let value = 1;
    for (const f of factors) value *= f.v;
    this.terms.push({ factors, value, note, ...marks });
    return this;
  }
  get sum() {
    if (this.mode === "max") return this.terms.reduce((m, t) => Math.max(m, t.value), -Infinity);
    return this.terms.reduce((s, t) => s + t.value, 0);
  }
  get isLong() {
    // Whether it is a sum whose terms can be added in another order.
    return this.mode === "sum" && this.terms.length > 2;
  }
  get value() {
    return this.after.reduce((v, step) => step.of(v), this.sum);
  }
}
// An element of a tensor by its flat index.
function element(name, number, flat) {
  return { name, number, flat, index: unravel(flat, shapeOf(number)), v: values(number)[flat] };
}
const factor = (text, v) => ({ text, v });

function broadcastMap(out, inner) {
  // The flat index in `inner` of a flat index in `out`, to which it is broadcast.
  const steps = new Array(out.length).fill(0);
  let step = 1;
  for (let k = inner.length - 1; k >= 0; k--) {
    steps[k + out.length - inner.length] = inner[k] === 1 ? 0 : step;
    step *= inner[k];
  }
  return (flat) => unravel(flat, out).reduce((s, i, k) => s + i * steps[k], 0);
}
function broadcastFrom(out, inner, flat) {
  // All flat indices in `out` that come from one in `inner`.
  const map = broadcastMap(out, inner), size = out.reduce((a, b) => a * b, 1), found = [];
  for (let i = 0; i < size; i++) if (map(i) === flat) found.push(i);
  return found;
}

// -- convolution: three linear maps ---------------------------------------------------------------

function geometry(node) {
  const { strides, pads, dilations, window } = node.attrs;
  return { s: strides, p: [pads[0][0], pads[1][0]], d: dilations ?? [1, 1], window };
}
function convolve(sum, node, x, k, flat, outShape) {
  // y[n, i, j, o] = sum over x[n, i s + a d - p, j s + b d - p, c] k[a, b, c, o]
  const [n, i, j, o] = unravel(flat, outShape), { s, p, d } = geometry(node);
  const [, H, W] = shapeOf(x.t), [kh, kw, C, O] = shapeOf(k.t);
  const group = Math.floor(o / (O / (shapeOf(x.t)[3] / C)));
  const pixel = x.pass ?? ((at) => [element(x.name, x.t, at)]);
  let skipped = 0;
  for (let a = 0; a < kh; a++)
    for (let b = 0; b < kw; b++) {
      const h = i * s[0] + a * d[0] - p[0], w = j * s[1] + b * d[1] - p[1];
      if (h < 0 || w < 0 || h >= H || w >= W) { skipped += C; continue; }
      for (let c = 0; c < C; c++)
        sum.add([...pixel(ravel([n, h, w, group * C + c], shapeOf(x.t))),
          element(k.name, k.t, ravel([a, b, c, o], shapeOf(k.t)))]);
    }
  if (skipped) sum.notes.push(["paddingSkipped", skipped]);
}
function convolveBack(sum, node, g, k, flat, xShape, pass) {
  // gx[n, h, w, c] = sum over g[n, i, j, o] k[a, b, c, o] where tap (a, b) of (i, j) is (h, w)
  const [n, h, w, c] = unravel(flat, xShape), { s, p, d } = geometry(node);
  const [, oh, ow] = shapeOf(g.t), [kh, kw, C, O] = shapeOf(k.t);
  const per = O / (xShape[3] / C), group = Math.floor(c / C);
  for (let a = 0; a < kh; a++)
    for (let b = 0; b < kw; b++) {
      const top = h + p[0] - a * d[0], left = w + p[1] - b * d[1];
      if (top < 0 || left < 0 || top % s[0] || left % s[1]) continue;
      const i = top / s[0], j = left / s[1];
      if (i >= oh || j >= ow) continue;
      for (let o = group * per; o < (group + 1) * per; o++)
        sum.add([...pass(ravel([n, i, j, o], shapeOf(g.t))),
          element(k.name, k.t, ravel([a, b, c % C, o], shapeOf(k.t)))]);
    }
}
function convolveFilter(sum, node, x, g, flat, kShape, pass) {
  // gk[a, b, c, o] = sum over x[n, i s + a d - p, j s + b d - p, c] g[n, i, j, o]
  const [a, b, c, o] = unravel(flat, kShape), { s, p, d } = geometry(node);
  const [N, H, W, C] = shapeOf(x.t), [, oh, ow] = shapeOf(g.t);
  const group = Math.floor(o / (kShape[3] / (C / kShape[2])));
  const pixel = x.pass ?? ((at) => [element(x.name, x.t, at)]);
  for (let n = 0; n < N; n++)
    for (let i = 0; i < oh; i++)
      for (let j = 0; j < ow; j++) {
        const h = i * s[0] + a * d[0] - p[0], w = j * s[1] + b * d[1] - p[1];
        if (h < 0 || w < 0 || h >= H || w >= W) continue;
        sum.add([...pixel(ravel([n, h, w, group * kShape[2] + c], shapeOf(x.t))),
          ...pass(ravel([n, i, j, o], shapeOf(g.t)))]);
      }
}
function passing(node) {
  // The cotangent at an output of a convolution, after the relu that is fused into it.
  const out = node.outs[0];
  return (flat) => {
    const g = element("g", out.g, flat);
    if (!node.attrs.relu) return [g];
    const open = values(out.t)[flat] > 0;
    return [g, { ...factor(open ? "[y>0]=1" : "[y>0]=0", open ? 1 : 0), why: open ? null : "reluBlocks" }];
  };
}

function channelOf(node, flat) {
  // Of a batch normalization: a channel's factors, and the flat indices of its pixels.
  const [x, gamma, beta] = node.ins, C = shapeOf(gamma.t)[0], c = flat % C, cells = [];
  for (let at = c; at < values(x.t).length; at += C) cells.push(at);
  const r = 1 / Math.sqrt(values(node.outs[2].t)[c] + node.attrs.epsilon);
  return { x, gamma: element("γ", gamma.t, c), beta: element("β", beta.t, c), mu: values(node.outs[1].t)[c], r, cells };
}

// -- the ops: forward(sum, node, flat, k) and backward(sum, node, argument, flat) -------------------

function cellsOf(node, i, j, H, W) {
  const { s, p, window: size } = geometry(node), cells = [];
  for (let a = 0; a < size[0]; a++)
    for (let b = 0; b < size[1]; b++) {
      const h = i * s[0] + a - p[0], w = j * s[1] + b - p[1];
      if (h >= 0 && w >= 0 && h < H && w < W) cells.push([h, w]);
    }
  return cells;
}
function windowsOf(node, h, w, oh, ow) {
  const { s, p, window: size } = geometry(node), found = [];
  for (let i = 0; i < oh; i++) {
    const a = h + p[0] - i * s[0];
    if (a < 0 || a >= size[0]) continue;
    for (let j = 0; j < ow; j++) {
      const b = w + p[1] - j * s[1];
      if (b >= 0 && b < size[1]) found.push([i, j]);
    }
  }
  return found;
}

const UNARY = {
  relu: [(x) => Math.max(x, 0), (x, y) => [y > 0 ? 1 : 0, "[y>0]"]],
  relu6: [(x) => Math.min(Math.max(x, 0), 6), (x) => [x > 0 && x < 6 ? 1 : 0, "[0<x<6]"]],
  leaky_relu: [(x, a) => (x > 0 ? x : a.alpha * x), (x, y, a) => [x > 0 ? 1 : a.alpha, "x>0 ? 1 : α"]],
  elu: [(x) => (x > 0 ? x : Math.expm1(x)), (x, y) => [y > 0 ? 1 : y + 1, "y>0 ? 1 : y+1"]],
  sigmoid: [(x) => 1 / (1 + Math.exp(-x)), (x, y) => [y * (1 - y), "y(1−y)"]],
  tanh: [Math.tanh, (x, y) => [1 - y * y, "1−y²", 1 + y * y]],
  softplus: [(x) => Math.log1p(Math.exp(-Math.abs(x))) + Math.max(x, 0), (x) => [1 / (1 + Math.exp(-x)), "σ(x)"]],
  exp: [Math.exp, (x, y) => [y, "y"]], log: [Math.log, (x) => [1 / x, "1/x"]],
  log1p: [Math.log1p, (x) => [1 / (1 + x), "1/(1+x)"]], square: [(x) => x * x, (x) => [2 * x, "2x"]],
  sqrt: [Math.sqrt, (x, y) => [1 / (2 * y), "1/2y"]],
  rsqrt: [(x) => 1 / Math.sqrt(x), (x, y) => [-0.5 * y ** 3, "−y³/2"]],
  negative: [(x) => -x, () => [-1, "−1"]], abs: [Math.abs, (x) => [Math.sign(x), "sign x"]],
};
const BINARY = {
  add: [() => [1, ""], () => [1, ""]], subtract: [() => [1, ""], () => [-1, "−1"]],
  multiply: [(x, y) => [y, "y"], (x, y) => [x, "x"]],
  divide: [(x, y) => [1 / y, "1/y"], (x, y) => [-x / (y * y), "−x/y²"]],
  maximum: [(x, y) => [x >= y ? 1 : 0, "[x≥y]"], (x, y) => [x < y ? 1 : 0, "[x<y]"]],
  minimum: [(x, y) => [x <= y ? 1 : 0, "[x≤y]"], (x, y) => [x > y ? 1 : 0, "[x>y]"]],
};
const COMPUTE = {
  add: (x, y) => x + y, subtract: (x, y) => x - y, multiply: (x, y) => x * y, divide: (x, y) => x / y,
  maximum: Math.max, minimum: Math.min,
};

const OPS = {};
for (const name of Object.keys(UNARY)) {
  const [f, slope] = UNARY[name];
  OPS[name] = {
    forward(sum, node, flat) {
      sum.add([element("x", node.ins[0].t, flat)]);
      sum.after.push({ label: name, of: (v) => f(v, node.attrs) });
    },
    backward(sum, node, argument, flat) {
      const x = values(node.ins[0].t)[flat], y = values(node.outs[0].t)[flat];
      const [v, text, size = 0] = slope(x, y, node.attrs), g = element("g", node.outs[0].g, flat);
      sum.inside += Math.abs(g.v) * size;
      sum.add([g, factor(`${text} = ${brief(v, 9)}`, v)], null, { to: [[node.outs[0].t, flat]] });
    },
  };
}
for (const name of Object.keys(BINARY))
  OPS[name] = {
    forward(sum, node, flat) {
      const shape = shapeOf(node.outs[0].t);
      const [x, y] = node.ins.map((e) => element(e.name, e.t, broadcastMap(shape, shapeOf(e.t))(flat)));
      if (name === "add") sum.add([x]).add([y]);
      else if (name === "subtract") sum.add([x]).add([factor("−1", -1), y]);
      else if (name === "multiply") sum.add([x, y]);
      else if (name === "divide") sum.add([x, factor(`1 / ${full(y.v)}`, 1 / y.v)], null, { lit: [y] });
      else { sum.add([x]).add([y]); sum.mode = "max"; if (name === "minimum") { sum.after.push({ label: "min", of: () => COMPUTE.minimum(x.v, y.v) }); } }
    },
    backward(sum, node, argument, flat) {
      const out = node.outs[0], shape = shapeOf(out.t), other = node.ins[1 - argument], me = node.ins[argument];
      const map = broadcastMap(shape, shapeOf(other.t)), slope = BINARY[name][argument];
      for (const at of broadcastFrom(shape, shapeOf(me.t), flat)) {
        const mine = values(me.t)[flat], theirs = values(other.t)[map(at)];
        const [v, text] = argument ? slope(theirs, mine) : slope(mine, theirs);
        sum.add([element("g", out.g, at), ...(text ? [factor(`${text} = ${brief(v, 9)}`, v)] : [])], null, { to: [[out.t, at]] });
      }
    },
  };

Object.assign(OPS, {
  conv2d: {
    forward(sum, node, flat) {
      convolve(sum, node, node.ins[0], node.ins[1], flat, shapeOf(node.outs[0].t));
      if (node.op === "fused_conv2d") {
        sum.add([element("b", node.ins[2].t, flat % shapeOf(node.outs[0].t)[3])]);
        if (node.attrs.relu) sum.after.push({ label: "relu", of: (v) => Math.max(v, 0) });
      }
    },
    backward(sum, node, argument, flat) {
      const g = { t: node.outs[0].g }, [x, k] = node.ins, pass = passing(node);
      if (argument === 0) convolveBack(sum, node, g, k, flat, shapeOf(x.t), pass);
      else if (argument === 1) convolveFilter(sum, node, x, g, flat, shapeOf(k.t), pass);
      else {
        const O = shapeOf(g.t)[3];
        for (let at = flat; at < values(g.t).length; at += O) sum.add(pass(at));
      }
    },
  },
  conv2d_backprop_input: {
    forward(sum, node, flat) {
      const [k, h] = node.ins;
      convolveBack(sum, node, h, k, flat, shapeOf(node.outs[0].t), (at) => [element("h", h.t, at)]);
    },
    backward(sum, node, argument, flat) {
      const [k, h] = node.ins, g = { name: "g", t: node.outs[0].g };
      if (argument === 0) convolveFilter(sum, node, g, h, flat, shapeOf(k.t), (at) => [element("h", h.t, at)]);
      else convolve(sum, node, g, k, flat, shapeOf(h.t));
    },
  },
  fused_conv2d_transpose: {
    forward(sum, node, flat) {
      const [x, k, b] = node.ins, shape = shapeOf(node.outs[0].t);
      convolveBack(sum, node, x, k, flat, shape, (at) => [element("x", x.t, at)]);
      sum.add([element("b", b.t, flat % shape[3])]);
      if (node.attrs.relu) sum.after.push({ label: "relu", of: (v) => Math.max(v, 0) });
    },
    backward(sum, node, argument, flat) {
      const [x, k] = node.ins, g = { t: node.outs[0].g, pass: passing(node) };
      if (argument === 0) convolve(sum, node, g, k, flat, shapeOf(x.t));
      else if (argument === 1) convolveFilter(sum, node, g, x, flat, shapeOf(k.t), (at) => [element("x", x.t, at)]);
      else {
        const C = shapeOf(g.t)[3];
        for (let at = flat; at < values(g.t).length; at += C) sum.add(g.pass(at));
      }
    },
  },
  max_pool2d: {
    forward(sum, node, flat) {
      const [n, i, j, c] = unravel(flat, shapeOf(node.outs[0].t)), x = node.ins[0], shape = shapeOf(x.t);
      for (const [h, w] of cellsOf(node, i, j, shape[1], shape[2])) sum.add([element("x", x.t, ravel([n, h, w, c], shape))]);
      sum.mode = "max";
      sum.key = "maxOf";
      const ties = sum.terms.filter((term) => term.value === sum.sum);
      if (ties.length > 1) sum.notes.push(["tie", ties.length]);
      if (ties.length) ties[0].best = true;
    },
    backward(sum, node, argument, flat) {
      const x = node.ins[0], out = node.outs[0], shape = shapeOf(x.t), [n, h, w, c] = unravel(flat, shape);
      const at = values(node.saved.t), [, oh, ow] = shapeOf(out.t);
      for (const [i, j] of windowsOf(node, h, w, oh, ow)) {
        const place = ravel([n, i, j, c], shapeOf(out.t)), won = at[place] === h * shape[2] + w;
        const where = [Math.floor(at[place] / shape[2]), at[place] % shape[2]];
        sum.add([element("g", out.g, place), factor(won ? "1" : "0", won ? 1 : 0)], Number.isNaN(values(x.t)[ravel([n, ...where, c], shape)]) ? null : won ? ["took"] : ["wentTo", ...where], {
          to: [[out.t, place]], lit: [element("x", x.t, ravel([n, ...where, c], shape))],
        });
      }
    },
  },
  avg_pool2d: {
    forward(sum, node, flat) {
      const [n, i, j, c] = unravel(flat, shapeOf(node.outs[0].t)), x = node.ins[0], shape = shapeOf(x.t);
      const cells = cellsOf(node, i, j, shape[1], shape[2]);
      for (const [h, w] of cells) sum.add([element("x", x.t, ravel([n, h, w, c], shape)), factor(`1/${cells.length}`, 1 / cells.length)]);
    },
    backward(sum, node, argument, flat) {
      const shape = shapeOf(node.ins[0].t), out = node.outs[0], [n, h, w, c] = unravel(flat, shape);
      const [, oh, ow] = shapeOf(out.t);
      for (const [i, j] of windowsOf(node, h, w, oh, ow)) {
        const count = cellsOf(node, i, j, shape[1], shape[2]).length, at = ravel([n, i, j, c], shapeOf(out.t));
        sum.add([element("g", out.g, at), factor(`1/${count}`, 1 / count)], null, { to: [[out.t, at]] });
      }
    },
  },
  matmul: {
    forward(sum, node, flat) {
      const [A, B] = node.ins, t = node.attrs, [n, m] = matrix(A.t, t.transpose_a), [, k] = matrix(B.t, t.transpose_b);
      const row = Math.floor(flat / k), column = flat % k;
      for (let j = 0; j < m; j++)
        sum.add([element("A", A.t, t.transpose_a ? j * n + row : row * m + j), element("B", B.t, t.transpose_b ? column * m + j : j * k + column)]);
    },
    backward(sum, node, argument, flat) {
      const [A, B] = node.ins, t = node.attrs, [n, m] = matrix(A.t, t.transpose_a), [, k] = matrix(B.t, t.transpose_b), g = node.outs[0].g;
      if (argument === 0) {
        const [i, j] = t.transpose_a ? [flat % n, Math.floor(flat / n)] : [Math.floor(flat / m), flat % m];
        for (let c = 0; c < k; c++) sum.add([element("g", g, i * k + c), element("B", B.t, t.transpose_b ? c * m + j : j * k + c)], null, { to: [[node.outs[0].t, i * k + c]] });
      } else {
        const [j, c] = t.transpose_b ? [flat % m, Math.floor(flat / m)] : [Math.floor(flat / k), flat % k];
        for (let i = 0; i < n; i++) sum.add([element("A", A.t, t.transpose_a ? j * n + i : i * m + j), element("g", g, i * k + c)], null, { to: [[node.outs[0].t, i * k + c]] });
      }
    },
  },
  bias_add: {
    forward(sum, node, flat) {
      const [x, b] = node.ins;
      sum.add([element("x", x.t, flat)]).add([element("b", b.t, flat % shapeOf(b.t)[0])]);
    },
    backward(sum, node, argument, flat) {
      const g = node.outs[0].g, C = shapeOf(node.ins[1].t)[0];
      if (argument === 0) sum.add([element("g", g, flat)], null, { to: [[node.outs[0].t, flat]] });
      else for (let at = flat; at < values(g).length; at += C) sum.add([element("g", g, at)]);
    },
  },
  reduce_sum: {
    forward(sum, node, flat) {
      const x = node.ins[0], cells = reducedFrom(node, flat), mean = node.op === "reduce_mean";
      for (const at of cells) sum.add([element("x", x.t, at), ...(mean ? [factor(`1/${cells.length}`, 1 / cells.length)] : [])]);
    },
    backward(sum, node, argument, flat) {
      const out = node.outs[0], at = reducedTo(node, flat), mean = node.op === "reduce_mean";
      const n = values(node.ins[0].t).length / values(out.t).length;
      sum.add([element("g", out.g, at), ...(mean ? [factor(`1/${n}`, 1 / n)] : [])], null, { to: [[out.t, at]] });
    },
  },
  reshape: moved((node, flat) => flat, (node, flat) => [flat]),
  transpose: moved(
    (node, flat) => {
      const shape = shapeOf(node.ins[0].t), index = unravel(flat, shapeOf(node.outs[0].t)), from = [];
      node.attrs.perm.forEach((axis, k) => (from[axis] = index[k]));
      return ravel(from, shape);
    },
    (node, flat) => {
      const index = unravel(flat, shapeOf(node.ins[0].t));
      return [ravel(node.attrs.perm.map((axis) => index[axis]), shapeOf(node.outs[0].t))];
    },
  ),
  gather: {
    forward(sum, node, flat) {
      const [x, at] = node.ins, index = unravel(flat, shapeOf(node.outs[0].t)), axis = node.attrs.axis, r = shapeOf(at.t).length;
      const pick = values(at.t)[ravel(index.slice(axis, axis + r), shapeOf(at.t))];
      sum.add([element("x", x.t, ravel([...index.slice(0, axis), pick, ...index.slice(axis + r)], shapeOf(x.t)))]);
    },
    backward(sum, node, argument, flat) {
      const [x, at] = node.ins, out = node.outs[0], axis = node.attrs.axis, index = unravel(flat, shapeOf(x.t));
      values(at.t).forEach((pick, i) => {
        if (pick !== index[axis]) return;
        const place = ravel([...index.slice(0, axis), ...unravel(i, shapeOf(at.t)), ...index.slice(axis + 1)], shapeOf(out.t));
        sum.add([element("g", out.g, place)], null, { to: [[out.t, place]] });
      });
    },
  },
  concat: {
    forward(sum, node, flat) {
      const index = unravel(flat, shapeOf(node.outs[0].t)), axis = node.attrs.axis;
      for (const e of node.ins) {
        const size = shapeOf(e.t)[axis];
        if (index[axis] < size) { sum.add([element(e.name, e.t, ravel(index, shapeOf(e.t)))]); return; }
        index[axis] -= size;
      }
    },
    backward(sum, node, argument, flat) {
      const out = node.outs[0], axis = node.attrs.axis, index = unravel(flat, shapeOf(node.ins[argument].t));
      for (const e of node.ins.slice(0, argument)) index[axis] += shapeOf(e.t)[axis];
      const at = ravel(index, shapeOf(out.t));
      sum.add([element("g", out.g, at)], null, { to: [[out.t, at]] });
    },
  },
  pad: {
    forward(sum, node, flat) {
      const x = node.ins[0], shape = shapeOf(x.t);
      const index = unravel(flat, shapeOf(node.outs[0].t)).map((i, k) => i - node.attrs.paddings[k][0]);
      if (index.every((i, k) => i >= 0 && i < shape[k])) sum.add([element("x", x.t, ravel(index, shape))]);
      else sum.add([factor(String(node.attrs.value), node.attrs.value)]);
    },
    backward(sum, node, argument, flat) {
      const out = node.outs[0], index = unravel(flat, shapeOf(node.ins[0].t)).map((i, k) => i + node.attrs.paddings[k][0]);
      const at = ravel(index, shapeOf(out.t));
      sum.add([element("g", out.g, at)], null, { to: [[out.t, at]] });
    },
  },
  where: {
    forward(sum, node, flat) {
      const shape = shapeOf(node.outs[0].t), [c, x, y] = node.ins.map((e) => element(e.name, e.t, broadcastMap(shape, shapeOf(e.t))(flat)));
      const one = c.v ? 1 : 0;
      sum.add([x, factor(`[c]=${one}`, one)], null, { lit: [c] }).add([y, factor(`[not c]=${1 - one}`, 1 - one)]);
    },
    backward(sum, node, argument, flat) {
      const out = node.outs[0], shape = shapeOf(out.t), c = node.ins[0], map = broadcastMap(shape, shapeOf(c.t));
      for (const at of broadcastFrom(shape, shapeOf(node.ins[argument].t), flat)) {
        const one = (values(c.t)[map(at)] ? 1 : 0) === 2 - argument ? 1 : 0;
        sum.add([element("g", out.g, at), factor(`[${argument === 1 ? "c" : "not c"}]=${one}`, one)], null, { to: [[out.t, at]] });
      }
    },
  },
  drop: {
    forward(sum, node, flat) {
      const [x, keep] = node.ins, kept = values(keep.t)[flat] ? 1 : 0, scale = dropScale(node);
      sum.add([element("x", x.t, flat), factor(`keep=${kept}`, kept), factor(`1/(1−${node.attrs.rate}) = ${brief(scale, 9)}`, scale)], kept ? null : ["blocked"], { lit: [element("keep", keep.t, flat)] });
    },
    backward(sum, node, argument, flat) {
      const out = node.outs[0], kept = values(node.ins[1].t)[flat] ? 1 : 0, scale = dropScale(node);
      sum.add([element("g", out.g, flat), factor(`keep=${kept}`, kept), factor(`1/(1−${node.attrs.rate}) = ${brief(scale, 9)}`, scale)], kept ? null : ["blocked"], { to: [[out.t, flat]] });
    },
  },
  moments: {
    forward(sum, node, flat, k) {
      const x = node.ins[0], cells = reducedFrom(node, flat), n = cells.length, mu = values(node.outs[0].t)[flat];
      for (const at of cells) {
        const e = element("x", x.t, at);
        if (k === 0) sum.add([e, factor(`1/${n}`, 1 / n)]);
        else sum.add([factor(`(${full(e.v)} − μ)²`, (e.v - mu) ** 2), factor(`1/${n}`, 1 / n)], null, { lit: [e] });
      }
    },
    backward(sum, node, argument, flat) {
      const x = node.ins[0], at = reducedTo(node, flat), [mean, variance] = node.outs, v = values(x.t)[flat], mu = values(mean.t)[at];
      const n = values(x.t).length / values(mean.t).length;
      if (mean.g != null) sum.add([element("gμ", mean.g, at), factor(`1/${n}`, 1 / n)], null, { to: [[mean.t, at]] });
      if (variance.g != null) sum.add([element("gσ²", variance.g, at), factor(`2(x − μ) = ${brief(2 * (v - mu), 9)}`, 2 * (v - mu)), factor(`1/${n}`, 1 / n)], null, { to: [[variance.t, at]] });
    },
  },
  batch_normalization: {
    forward(sum, node, flat) {
      const shape = shapeOf(node.outs[0].t), [x, mean, variance, beta, gamma] = node.ins.map((e) => element(e.name, e.t, broadcastMap(shape, shapeOf(e.t))(flat)));
      const r = 1 / Math.sqrt(variance.v + node.attrs.epsilon);
      sum.add([x, gamma, factor(`r = ${brief(r, 9)}`, r)], null, { lit: [variance] });
      sum.add([factor("−1", -1), mean, gamma, factor(`r = ${brief(r, 9)}`, r)]);
      sum.add([beta]);
    },
    backward(sum, node, argument, flat) {
      const out = node.outs[0], shape = shapeOf(out.t), maps = node.ins.map((e) => broadcastMap(shape, shapeOf(e.t)));
      for (const at of broadcastFrom(shape, shapeOf(node.ins[argument].t), flat)) {
        const [x, mean, variance, , gamma] = node.ins.map((e, i) => values(e.t)[maps[i](at)]);
        const r = 1 / Math.sqrt(variance + node.attrs.epsilon), show = (text, v) => factor(`${text} = ${brief(v, 9)}`, v);
        const factors = [[show("γ r", gamma * r)], [show("−γ r", -gamma * r)], [show("x − μ", x - mean), show("−γ r³/2", -0.5 * gamma * r ** 3)], [], [show("x − μ", x - mean), show("r", r)]][argument];
        sum.add([element("g", out.g, at), ...factors], null, { to: [[out.t, at]] });
      }
    },
  },
  fused_batch_norm: {
    forward(sum, node, flat, k) {
      const { x, gamma, beta, mu, r, cells } = channelOf(node, flat), n = cells.length;
      if (k === 0) {
        const show = factor(`r = ${brief(r, 9)}`, r);
        sum.add([element("x", x.t, flat), gamma, show]);
        sum.add([factor("−μ", -mu), gamma, show]);
        sum.add([beta]);
        if (node.attrs.relu) sum.after.push({ label: "relu", of: (v) => Math.max(v, 0) });
      }
      for (const at of k === 0 ? [] : cells) {
        const e = element("x", x.t, at);
        if (k === 1) sum.add([e, factor(`1/${n}`, 1 / n)]);
        else sum.add([factor(`(${full(e.v)} − μ)²`, (e.v - mu) ** 2), factor(`1/${n}`, 1 / n)], null, { lit: [e] });
      }
    },
    backward(sum, node, argument, flat) {
      const { x, gamma, mu, r, cells } = channelOf(node, flat), n = cells.length, pass = passing(node), out = node.outs[0];
      const show = (text, v) => factor(`${text} = ${brief(v, 9)}`, v), xhat = (at) => (values(x.t)[at] - mu) * r;
      for (const at of cells) {
        const own = at === flat ? 1 : 0;
        const factors = [
          [show("γ r", gamma.v * r), show(`${own} − (1 + x̂ x̂ᵢ)/${n}`, own - (1 + xhat(flat) * xhat(at)) / n)],
          [show("x̂", xhat(at))], []][argument];
        sum.add([...pass(at), ...factors], null, { to: [[out.t, at]] });
      }
    },
  },
  softmax: {
    forward(sum, node, flat) {
      const row = rowOf(node, flat), x = node.ins[0], m = Math.max(...row.map((at) => values(x.t)[at])), own = Math.exp(values(x.t)[flat] - m);
      for (const at of row) {
        const e = element("x", x.t, at);
        sum.add([factor(`exp(${full(e.v)} − ${full(m)})`, Math.exp(e.v - m))], null, { lit: [e], best: at === flat });
      }
      if (node.op === "softmax") sum.after.push({ label: `${brief(own, 9)} / Σ`, of: (v) => own / v });
      else sum.after.push({ label: "ln Σ", of: Math.log }, { label: "x − max − ln Σ", of: (v) => values(x.t)[flat] - m - v });
    },
    backward(sum, node, argument, flat) {
      const out = node.outs[0], y = values(out.t);
      for (const at of rowOf(node, flat)) {
        const e = element("g", out.g, at), own = at === flat ? 1 : 0, soft = node.op === "softmax";
        sum.inside += Math.abs(e.v) * (soft ? y[at] * (own + y[flat]) : own + Math.exp(y[flat]));
        if (soft) sum.add([e, factor(`y = ${brief(y[at], 9)}`, y[at]), factor(`${own} − y = ${brief(own - y[flat], 9)}`, own - y[flat])], null, { to: [[out.t, at]] });
        else sum.add([e, factor(`${own} − e^y = ${brief(own - Math.exp(y[flat]), 9)}`, own - Math.exp(y[flat]))], null, { to: [[out.t, at]] });
      }
    },
  },
  sparse_softmax_cross_entropy_with_logits: {
    forward(sum, node, flat) {
      const { x, p, m, C } = crossEntropy(node, flat), label = values(node.ins[0].t)[flat];
      for (let j = 0; j < C; j++) {
        const e = element("x", x.t, flat * C + j);
        sum.add([factor(`exp(${full(e.v)} − ${full(m)})`, Math.exp(e.v - m))], null, { lit: [e], best: j === label });
      }
      sum.after.push({ label: `p[${label}] = exp(x − max) / Σ`, of: () => p(label) }, { label: "−ln p", of: (v) => -Math.log(v) });
    },
    backward(sum, node, argument, flat) {
      const C = shapeOf(node.ins[1].t).at(-1), row = Math.floor(flat / C), i = flat % C;
      const g = element("g", node.outs[0].g, row), one = values(node.ins[0].t)[row] === i ? 1 : 0;
      sum.add([g, probability(node, row, i)], null, { to: [[node.outs[0].t, row]] });
      sum.add([g, factor(`−y = −${one}`, -one)]);
    },
  },
  softmax_cross_entropy_with_logits: {
    forward(sum, node, flat) {
      const { x, p, C } = crossEntropy(node, flat), y = node.ins[0];
      for (let j = 0; j < C; j++)
        sum.add([element("y", y.t, flat * C + j), factor(`−ln p = ${brief(-Math.log(p(j)), 9)}`, -Math.log(p(j)))], null, { lit: [element("x", x.t, flat * C + j)] });
    },
    backward(sum, node, argument, flat) {
      const C = shapeOf(node.ins[1].t).at(-1), row = Math.floor(flat / C), { p } = crossEntropy(node, row), i = flat % C;
      const g = element("g", node.outs[0].g, row), y = element("y", node.ins[0].t, flat);
      if (argument === 0) { sum.add([g, factor(`−ln p = ${brief(-Math.log(p(i)), 9)}`, -Math.log(p(i)))]); return; }
      sum.add([g, probability(node, row, i)], null, { to: [[node.outs[0].t, row]] }).add([g, factor("−1", -1), y]);
    },
  },
});
OPS.fused_conv2d = OPS.conv2d;
OPS.reduce_mean = OPS.reduce_sum;
OPS.log_softmax = OPS.softmax;
OPS.cast = OPS.identity = OPS.expand_dims = OPS.squeeze = OPS.reshape;

function moved(from, to) {
  return {
    forward: (sum, node, flat) => sum.add([element("x", node.ins[0].t, from(node, flat))]),
    backward: (sum, node, argument, flat) => {
      for (const at of to(node, flat)) sum.add([element("g", node.outs[0].g, at)], null, { to: [[node.outs[0].t, at]] });
    },
  };
}
function matrix(number, transposed) {
  const shape = shapeOf(number), rest = shape.slice(0, -1).reduce((a, b) => a * b, 1);
  return transposed ? [shape.at(-1), rest] : [rest, shape.at(-1)];
}
const dropScale = (node) => {
  const scale = 1 / (1 - node.attrs.rate);
  return DATA.tensors[node.ins[0].t].dtype === "float64" ? scale : Math.fround(scale);
};
function reducedTo(node, flat) {
  const shape = shapeOf(node.ins[0].t), index = unravel(flat, shape), axes = node.attrs.axis;
  const kept = [], at = [];
  shape.forEach((size, k) => { if (!axes.includes(k)) { kept.push(size); at.push(index[k]); } });
  return ravel(at, kept);
}
function reducedFrom(node, flat) {
  const found = [], size = values(node.ins[0].t).length;
  for (let at = 0; at < size; at++) if (reducedTo(node, at) === flat) found.push(at);
  return found;
}
function rowOf(node, flat) {
  const shape = shapeOf(node.ins[0].t), axis = node.attrs.axis, index = unravel(flat, shape);
  return Array.from({ length: shape[axis] }, (_, j) => ravel(index.map((i, k) => (k === axis ? j : i)), shape));
}
function crossEntropy(node, row) {
  const x = node.ins[1], C = shapeOf(x.t).at(-1), z = values(x.t).slice(row * C, (row + 1) * C), m = Math.max(...z);
  const total = z.reduce((s, v) => s + Math.exp(v - m), 0), kept = node.saved && values(node.saved.t);
  const p = (i) => Math.exp(z[i] - m) / total;
  // p as it is to float64, and q as the engine's forward pass computed and kept it.
  return { x, C, m, p, q: (i) => (kept ? kept[row * C + i] : p(i)) };
}

function probability(node, row, i) {
  // The engine's own p, to the last bit.
  const { C, p } = crossEntropy(node, row);
  return node.saved ? element("p", node.saved.t, row * C + i) : factor(`p = ${brief(p(i), 9)}`, p(i));
}

// -- what the page asks for -----------------------------------------------------------------------

const indexText = (flat, number) => unravel(flat, shapeOf(number)).join(", ");

function canFollow(node) {
  if (!OPS[node.op]) return false;
  if (node.op === "matmul") {
    const [a, b] = node.ins.map((e) => shapeOf(e.t));
    if (b.length !== 2 || (a.length !== 2 && node.attrs.transpose_a)) return false;
  }
  return [...node.ins, ...node.outs].every((e) => values(e.t) || DATA.tensors[e.t].dtype === "object");
}
function outputSum(node, k, flat) {
  // What element `flat` of output `k` is made of; null where it is not written out.
  if (!canFollow(node)) return null;
  const out = node.outs[k], name = outputName(node, k);
  const sum = new Sum("outOf", `${name}[${indexText(flat, out.t)}]`, values(out.t)[flat], out.t);
  OPS[node.op].forward(sum, node, flat, k);
  return sum;
}
function gradientSum(node, argument, flat) {
  // What this op sends back to element `flat` of an argument.
  const entry = node.ins[argument];
  if (entry.g == null || !canFollow(node) || !values(entry.g)) return null;
  if (node.outs.every((out) => out.g == null || !values(out.g))) return null;
  const sum = new Sum("gradOf", `${entry.name}[${indexText(flat, entry.t)}]`, values(entry.g)[flat], entry.g);
  OPS[node.op].backward(sum, node, argument, flat);
  return sum;
}
function usesSum(node, k, flat) {
  // The cotangent of an output: the sum of what all ops that took it send back.
  const out = node.outs[k];
  if (out.g == null || !values(out.g)) return null;
  const sum = new Sum("usesOf", `${outputName(node, k)}[${indexText(flat, out.t)}]`, values(out.g)[flat], out.g);
  const sent = DATA.nodes.flatMap((n) => n.ins).filter((e) => e.t === out.t && e.g != null);
  if (sent.some((e) => !values(e.g))) return null; // a part of it is not on the page
  for (const user of DATA.nodes)
    user.ins.forEach((entry) => {
      if (entry.t === out.t && entry.g != null)
        sum.add([element(`${user.op} g${entry.name}`, entry.g, flat)], null, { node: user.id });
    });
  if (!sum.terms.length) sum.add([factor("1", values(out.g)[flat])]), sum.notes.push(!out.began ? [values(out.g).some((v) => v !== 0) ? "sentBehind" : "nobodyTook"] : values(out.g)[flat] === 1 ? ["isLoss"] : ["isTarget", full(values(out.g)[flat], out.g)]);
  return sum;
}
function totalSum(node, argument, flat) {
  // The gradient of a weight that several ops use: the sum of what each of them sends back.
  const entry = node.ins[argument], uses = DATA.nodes.flatMap((n) => n.ins.filter((e) => e.total === entry.total).map((e) => [n, e]));
  if (!values(entry.total) || uses.some(([, e]) => !values(e.g))) return null;
  const sum = new Sum("usesOf", `${entry.name}[${indexText(flat, entry.t)}]`, values(entry.total)[flat], entry.total);
  for (const [user, e] of uses) sum.add([element(`${user.op} g${e.name}`, e.g, flat)], ["useNumber", e.use, e.uses], { node: user.id, best: e === entry });
  return sum;
}
function sentElsewhere(node, argument, flat) {
  // Of an argument that got nothing from this op, what the other uses of the tensor sent back.
  const entry = node.ins[argument], maker = entry.g == null ? NODES.get(entry.from) : null;
  const k = maker?.outs.findIndex((out) => out.t === entry.t && out.g != null) ?? -1;
  const sum = k < 0 ? null : usesSum(maker, k, flat);
  if (sum) sum.notes.unshift([node.hidden ? "hidden" : "nothingHere"]);
  return sum;
}
function outputName(node, k) {
  return node.name.split(", ")[k] ?? node.name;
}
