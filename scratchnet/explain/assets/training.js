// The training: norms by layer and step as a table of colours, and what the sample looked like.
let shownMoment = null;

function showTraining() {
  const box = document.getElementById("training"), moments = DATA.moments ?? [];
  box.hidden = !moments.length;
  if (!moments.length) return;
  shownMoment ??= moments.length - 1;
  box.replaceChildren(el("h2", "", say("trainingTitle")), el("p", "small", say(DATA.about.own_step ? "trainingHintOwn" : "trainingHint", sampleName(DATA.about.recorded ?? ""))));
  const names = Object.keys(moments[0].norms), tables = el("div", "norms");
  for (const [k, key] of [[0, "valueNorms"], [1, "gradientNorms"]]) tables.append(normTable(moments, names, k, key));
  const bar = el("div", "training-bar"), slider = el("input"), text = el("output");
  slider.type = "range";
  slider.id = "moment";
  slider.min = 0;
  slider.max = moments.length - 1;
  slider.value = shownMoment;
  slider.setAttribute("aria-label", say("trainingTitle"));
  bar.append(slider, text);
  const film = el("div", "film");
  const show = () => {
    shownMoment = Number(slider.value);
    const m = moments[shownMoment];
    text.textContent = say("recorded", m.step, m.loss == null ? "" : brief(m.loss, 5));
    slider.setAttribute("aria-valuetext", text.textContent);
    tables.querySelectorAll("[data-moment]").forEach((c) => c.classList.toggle("now", Number(c.dataset.moment) === shownMoment));
    film.replaceChildren();
    for (const id of Object.keys(m.filters)) film.append(frame(`${say("filtersThen")}: ${id}`, m.filters[id], true));
    for (const name of Object.keys(m.pictures)) film.append(frame(shortTitle(name), m.pictures[name], false));
  };
  slider.addEventListener("input", show);
  tables.addEventListener("click", (e) => {
    const at = e.target.closest("[data-moment]")?.dataset.moment;
    if (at != null) { slider.value = at; show(); }
  });
  box.append(bar, tables, film);
  show();
}

function normTable(moments, names, k, key) {
  const table = el("table"), caption = el("caption", "", say(key));
  table.append(caption);
  const logs = moments.flatMap((m) => names.map((name) => m.norms[name]?.[k])).filter((v) => v > 0).map(Math.log10);
  const low = Math.min(...logs), high = Math.max(...logs), head = el("tr");
  head.append(el("th"));
  moments.forEach((m) => head.append(el("th", "", String(m.step))));
  table.append(head);
  for (const label of names) {
    const row = el("tr"), name = el("th", "", shortTitle(label));
    name.scope = "row";
    row.append(name);
    moments.forEach((m, at) => {
      const v = m.norms[label]?.[k], cell = el("td"), share = v > 0 ? (high > low ? (Math.log10(v) - low) / (high - low) : 1) : 0;
      cell.dataset.moment = at;
      cell.style.setProperty("--share", `${Math.round(8 + 92 * share)}%`);
      cell.className = k ? "g" : "";
      if (!(v > 0)) cell.classList.add("none");
      cell.title = `${name.textContent}: ${brief(v)}`;
      cell.append(el("span", "hearing", brief(v)));
      row.append(cell);
    });
    table.append(row);
  }
  const scale = el("tr"), cell = el("td", `scale${k ? " g" : ""}`), legend = el("div", "ends");
  if (logs.length) legend.append(el("span", "", brief(10 ** low, 2)), el("span", "", brief(10 ** high, 2)));
  cell.colSpan = moments.length;
  cell.append(el("i"), legend);
  scale.append(el("th", "", say("normScale")), cell);
  table.append(scale);
  return table;
}

function frame(title, [v, g], isFilter) {
  const box = el("figure", "frame");
  box.append(el("figcaption", "", title));
  for (const number of [v, g]) {
    const array = values(number), canvas = el("canvas");
    if (!array) continue;
    const shape = shapeOf(number), plan = planOf(shape, isFilter), across = plan.kind === "bars" ? plan.n : Math.max(plan.W, plan.H);
    paint(canvas, array, plan, limitOf(number, array), Math.max(1, Math.floor(150 / across)));
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", `${title}: ${say(number === v ? "value" : "gradient", "y")}, ${summary(number)}`);
    box.append(el("small", "", number === v ? (isFilter ? "k" : "y") : `∂L/∂${isFilter ? "k" : "y"}`), canvas);
  }
  return box;
}
