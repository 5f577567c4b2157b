TASKS.extraction = {
  path: "extract", verb: "Find entities", text: "Text", show: showEntities,
  example: ["Anna Lindqvist opens the new reading room in Paris on 12 May. Questions go to the Riverside " +
    "Trust, Harbour Lane, before the end of April."],
};

function showEntities(entities, text, model) {
  const hue = (label) => HUES[Math.max(0, model.labels.indexOf(label)) % HUES.length];
  const amounts = new Map();
  for (const { entity_group: label } of entities) amounts.set(label, (amounts.get(label) ?? 0) + 1);
  const detail = element("p", { class: "hint detail" }, "Point at an entity, or tab to it, to see its score.");
  const marked = markedText(text, entities, (piece, entity) => entityMark(piece, entity, hue));
  const tell = ({ target }) => { detail.textContent = target.closest("mark")?.dataset.tip ?? detail.textContent; };
  for (const type of ["focusin", "pointerover"]) marked.addEventListener(type, tell);
  const legend = element("ul", { class: "legend", "aria-label": "Labels found" });
  for (const [label, amount] of amounts) {
    legend.append(coloured(element("li", {}, element("span", { class: "chip" }, label), ` ${amount}`), hue(label)));
  }
  if (!entities.length) return { verdict: "No entities found.", nodes: [marked] };
  const unsure = entities.filter(({ abstained }) => abstained).length;
  const verdict = count(entities.length, "entity", "entities") + (unsure ? `, ${unsure} not sure` : "");
  return { verdict, nodes: [...unsureNote(entities, model), legend, marked, detail] };
}

function entityMark(piece, { entity_group: label, score, start, end, abstained }, hue) {
  const tip = `${label}, ${percent(score)}, characters ${start} to ${end}${abstained ? ", abstained" : ""}`;
  const mark = element("mark", { tabindex: "0", "data-tip": tip }, piece,
    element("span", { class: "chip" }, label), element("span", { class: "unseen" }, ` ${percent(score)}`));
  return coloured(mark, hue(label));
}
