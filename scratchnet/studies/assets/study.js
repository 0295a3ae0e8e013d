"use strict";
// The two switches of a page: its language and its colours. What is chosen holds for the site.
const root = document.documentElement;
const kept = (name) => { try { return localStorage.getItem(`scratchnet-${name}`); } catch { return null; } };
const keep = (name, value) => { try { localStorage.setItem(`scratchnet-${name}`, value); } catch { /* a page opened from a file may not */ } };
const themes = {
  en: { auto: "◐ auto", dark: "● dark", light: "○ light" },
  zh: { auto: "◐ 自动", dark: "● 深色", light: "○ 浅色" },
};
const state = { language: root.lang.startsWith("zh") ? "zh" : "en", theme: "auto" };

function speak(language) {
  state.language = language;
  root.lang = language === "zh" ? "zh-Hans" : "en";
  const title = document.querySelector(`h1 [lang|="${language}"]`);
  if (title) document.title = title.textContent;
  for (const hover of document.querySelectorAll("title[data-zh]")) hover.textContent = hover.dataset[language];
  for (const svg of document.querySelectorAll("svg[data-zh]")) svg.setAttribute("aria-label", svg.dataset[language]);
  const button = document.getElementById("language");
  button.textContent = language === "en" ? "中文" : "English";
  paint(state.theme);
  for (const link of document.querySelectorAll("a[data-site]")) link.href = `${link.dataset.site}?lang=${language}`;
  for (const calculator of document.querySelectorAll(".calculator")) calculator.dispatchEvent(new Event("input"));
}

function paint(theme) {
  state.theme = theme;
  if (theme === "auto") delete root.dataset.theme;
  else root.dataset.theme = theme;
  document.getElementById("theme").textContent = themes[state.language][theme];
}

// The calculator of parameters: what is asked, the formula with its numbers, and what it comes to.
const grouped = (n) => n.toLocaleString("en-US");
const layers = {
  conv2d: { asks: ["height", "width", "channels", "filters", "kh", "kw", "stride", "padding", "bias"] },
  depthwise_conv2d: { asks: ["height", "width", "channels", "multiplier", "kh", "kw", "stride", "padding", "bias"] },
  separable_conv2d: { asks: ["height", "width", "channels", "multiplier", "filters", "kh", "kw", "stride", "padding", "bias"] },
  conv2d_transpose: { asks: ["height", "width", "channels", "filters", "kh", "kw", "stride", "padding", "bias"] },
  dense: { asks: ["channels", "units", "bias"] },
  batch_normalization: { asks: ["height", "width", "channels"] },
  pooling: { asks: ["height", "width", "channels", "kh", "kw", "stride", "padding"] },
};

// By the name of a layer: its terms as [text, number], the shape of its output, its multiplications.
function count(kind, v) {
  const bias = (n) => v.bias ? [[grouped(n), n]] : [];
  const product = (...factors) => [factors.map(grouped).join(" × "), factors.reduce((a, b) => a * b, 1)];
  const across = (n, k) => v.padding === "same" ? Math.ceil(n / v.stride) : Math.max(0, Math.floor((n - k) / v.stride) + 1);
  const back = (n, k) => v.padding === "same" ? n * v.stride : n * v.stride + Math.max(k - v.stride, 0);
  const oh = across(v.height, v.kh), ow = across(v.width, v.kw);
  if (kind === "conv2d") return { terms: [product(v.filters, v.kh, v.kw, v.channels), ...bias(v.filters)], shape: [oh, ow, v.filters], times: [oh, ow, v.filters, v.kh, v.kw, v.channels] };
  if (kind === "depthwise_conv2d") return { terms: [product(v.kh, v.kw, v.channels, v.multiplier), ...bias(v.channels * v.multiplier)], shape: [oh, ow, v.channels * v.multiplier], times: [oh, ow, v.channels, v.multiplier, v.kh, v.kw] };
  if (kind === "separable_conv2d") {
    const between = v.channels * v.multiplier;
    return { terms: [product(v.kh, v.kw, v.channels, v.multiplier), product(between, v.filters), ...bias(v.filters)], shape: [oh, ow, v.filters], times: [oh, ow, between, v.kh * v.kw + v.filters] };
  }
  if (kind === "conv2d_transpose") return { terms: [product(v.filters, v.kh, v.kw, v.channels), ...bias(v.filters)], shape: [back(v.height, v.kh), back(v.width, v.kw), v.filters], times: [v.height, v.width, v.filters, v.kh, v.kw, v.channels] };
  if (kind === "dense") return { terms: [product(v.channels, v.units), ...bias(v.units)], shape: [v.units], times: [v.channels, v.units] };
  if (kind === "batch_normalization") return { terms: ["γ", "β", "μ", "σ²"].map((name) => [`${grouped(v.channels)} (${name})`, v.channels]), shape: [v.height, v.width, v.channels], times: null };
  return { terms: [], shape: [oh, ow, v.channels], times: null };
}

function calculate(form) {
  const v = { bias: form.elements.bias.checked, padding: form.elements.padding.value };
  for (const name of ["height", "width", "channels", "filters", "units", "kh", "kw", "stride", "multiplier"]) v[name] = Math.max(1, Math.floor(Number(form.elements[name].value)) || 1);
  const kind = form.elements.layer.value, { asks } = layers[kind];
  for (const label of form.querySelectorAll("label[data-for]")) label.hidden = !asks.includes(label.dataset.for);
  const zh = state.language === "zh", out = form.querySelector("output");
  const windows = asks.includes("kh") && kind !== "conv2d_transpose" && v.padding === "valid";
  if (windows && (v.kh > v.height || v.kw > v.width)) {
    const [window, image] = [`${v.kh} × ${v.kw}`, `${v.height} × ${v.width}`];
    out.textContent = zh ? `padding 为 valid 时，窗口 ${window} 不能大于图像 ${image}。` : `With padding valid, a window of ${window} is larger than the image of ${image}: no output.`;
    delete form.dataset.total;
    return;
  }
  const { terms, shape, times } = count(kind, v), total = terms.reduce((sum, [, n]) => sum + n, 0);
  const line = (...parts) => { const p = document.createElement("div"); p.append(...parts); return p; };
  const bold = document.createElement("b");
  bold.textContent = grouped(total);
  const rows = [line(zh ? "参数：" : "parameters: ", terms.length ? `${terms.map(([text]) => text).join(" + ")} = ` : "", bold)];
  rows.push(line(zh ? "输出形状：" : "output shape: ", `(${shape.join(", ")})`));
  if (times) rows.push(line(zh ? "每个样本的乘法次数：" : "multiplications per sample: ", times.map(grouped).join(" × "), " = ", grouped(times.reduce((a, b) => a * b, 1))));
  if (kind === "batch_normalization") rows.push(line(zh ? "其中可训练的是 γ 和 β：" : "of these γ and β are trained: ", grouped(2 * v.channels)));
  out.replaceChildren(...rows);
  form.dataset.total = total;
}

document.getElementById("language").addEventListener("click", () => speak(state.language === "en" ? "zh" : "en"));
document.getElementById("theme").addEventListener("click", () => {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  paint({ auto: dark ? "light" : "dark", dark: "light", light: "dark" }[state.theme]);
  keep("theme", state.theme);
});
for (const form of document.querySelectorAll(".calculator")) {
  form.addEventListener("input", () => calculate(form));
  form.addEventListener("submit", (e) => e.preventDefault());
}
// A microscope is decoded and drawn when it is unfolded, not before.
for (const details of document.querySelectorAll("details.microscope")) details.addEventListener("toggle", () => {
  const frame = details.querySelector("iframe");
  if (details.open && !frame.srcdoc) frame.srcdoc = JSON.parse(details.querySelector("script").textContent).replace('<html lang="en">', `<html lang="${state.language}">`);
});
const asked = new URLSearchParams(location.search).get("lang");
speak(["en", "zh"].includes(asked) ? asked : state.language);
if (kept("theme")) paint(kept("theme"));
document.body.dataset.ready = "yes";
