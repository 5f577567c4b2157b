TASKS.classification = {
  path: "classify", verb: "Classify", text: "Text", show: showLabels,
  example: ["The parcel was due on Monday and has not come. Yet the invoice for it was charged to my card " +
    "twice. Please send one of the two payments back."],
};

function showLabels(labels, _, model) {
  const passes = ({ label, score }) => score >= (model.thresholds?.[label] ?? 0.5);
  const chosen = model.multi_label ? labels.filter(passes) : labels.slice(0, 1);
  const names = chosen.map(({ label, score, abstained }) => `${label}, ${percent(score)}${abstained ? " (not sure)" : ""}`);
  const verdict = names.join("; ") || "No label passes its threshold.";
  const bars = labels.map((entry) => bar(entry, chosen.includes(entry), model.multi_label));
  return { verdict, nodes: [...unsureNote(chosen, model), element("ol", { class: "bars" }, ...bars)] };
}

function bar({ label, score }, chosen, several) {
  const fill = element("span", { class: "fill" });
  fill.style.inlineSize = `${100 * score}%`;
  const name = element("span", { class: "name" }, label);
  if (several && chosen) name.append(" ", element("span", { class: "badge" }, "passes"));
  return element("li", chosen ? { class: "chosen" } : {}, name,
    element("span", { class: "score" }, percent(score)),
    element("span", { class: "track", "aria-hidden": "true" }, fill));
}
