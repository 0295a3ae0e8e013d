// The data of the page: tensors as typed arrays, and how numbers are written.
let DATA = null;
const NODES = new Map();

async function inflate(text) {
  let bytes;
  if (Uint8Array.fromBase64) bytes = Uint8Array.fromBase64(text);
  else {
    const raw = atob(text);
    bytes = new Uint8Array(raw.length);
    for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
  }
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

async function decode(tensor) {
  // Bytes of equal rank lie together: put those of each number side by side again.
  const shuffled = await inflate(tensor.data);
  const Kind = { f4: Float32Array, f8: Float64Array, u1: Uint8Array }[tensor.kind];
  const width = Kind.BYTES_PER_ELEMENT, n = shuffled.length / width;
  const bytes = new Uint8Array(shuffled.length);
  for (let b = 0; b < width; b++)
    for (let i = 0, at = b * n; i < n; i++) bytes[i * width + b] = shuffled[at + i];
  tensor.values = new Kind(bytes.buffer);
  tensor.data = null;
}

// JSON knows no NaN and no infinity: they stand in it as {"float": "NaN"}.
const revived = (key, v) => (typeof v?.float === "string" ? Number(v.float) : v);

async function load() {
  DATA = JSON.parse(document.getElementById("data").textContent, revived);
  document.getElementById("data").remove();
  for (const node of DATA.nodes) NODES.set(node.id, node);
  const late = later();
  await Promise.all(DATA.tensors.filter((t, number) => t.data && !late.has(number)).map(decode));
}
function later() {
  // What the page does not show when it opens: large weights and their gradients, recorded steps.
  const found = new Set(), size = (number) => shapeOf(number).reduce((a, b) => a * b, 1);
  for (const { t, g } of DATA.nodes.flatMap((n) => n.ins.filter((e) => e.parameter)))
    for (const number of [t, g]) if (number != null && size(number) > 20000) found.add(number);
  for (const m of DATA.moments ?? [])
    for (const pair of [...Object.values(m.pictures), ...Object.values(m.filters)]) for (const number of pair) found.add(number);
  return found;
}
async function loadRest() {
  // One by one: between two of them the page answers.
  for (const tensor of DATA.tensors) if (tensor.data) await decode(tensor);
}

function values(number) {
  // The numbers of a tensor; those of an outer product are multiplied when first asked for.
  if (number == null) return null;
  const tensor = DATA.tensors[number];
  if (!tensor.values && tensor.outer) {
    const [a, g] = tensor.outer.map(values);
    if (!a || !g) return null;
    const out = new Float32Array(a.length * g.length);
    for (let i = 0, at = 0; i < a.length; i++) for (let j = 0; j < g.length; j++) out[at++] = a[i] * g[j];
    tensor.values = out;
  }
  return tensor.values ?? null;
}
const shapeOf = (number) => DATA.tensors[number].shape;

function unravel(flat, shape) {
  const index = new Array(shape.length);
  for (let k = shape.length - 1; k >= 0; k--) {
    index[k] = flat % shape[k];
    flat = Math.floor(flat / shape[k]);
  }
  return index;
}
function ravel(index, shape) {
  let flat = 0;
  for (let k = 0; k < shape.length; k++) flat = flat * shape[k] + index[k];
  return flat;
}

function full(v, number = null) {
  // The shortest text that is this number and no other: of a float32 at most nine digits.
  const kind = number == null ? "f4" : (DATA.tensors[number].dtype ?? "float32");
  if (!Number.isFinite(v) || Number.isInteger(v) && Math.abs(v) < 1e9) return minus(String(v));
  if (kind === "float64" || Math.fround(v) !== v) return minus(String(v));
  for (let digits = 6; digits < 9; digits++) {
    const text = v.toPrecision(digits);
    if (Math.fround(Number(text)) === v) return short(Number(text));
  }
  return short(Number(v.toPrecision(9)));
}
function brief(v, digits = 4) {
  if (v == null) return "";
  if (!Number.isFinite(v) || Number.isInteger(v) && Math.abs(v) < 1e6) return minus(String(v));
  return short(Number(v.toPrecision(digits)));
}
// Very small numbers as 3.2e−7: a row of zeros is hard to read.
const short = (v) => minus(Math.abs(v) < 1e-4 && v !== 0 ? v.toExponential() : String(v));
const minus = (text) => text.replace(/-/g, "−");
function ulp(v) {
  // The distance from a float32 to the next one.
  const a = Math.abs(v);
  return a < 2 ** -126 ? 2 ** -149 : 2 ** (Math.floor(Math.log2(a)) - 23);
}
