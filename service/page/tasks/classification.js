TASKS.classification = {
  path: "classify", verb: "Classify", text: "Text", show: showLabels,
  example: ["The parcel was due on Monday and has not come. Yet the invoice for it was charged to my card " +
    "twice. Please send one of the two payments back."],
};

function showLabels(labels, _, model) {
  const passes = ({ label, score }) => score >= (model.thresholds?.[label] ?? 0.5);
  const passing = model.multi_label ? labels.filter(passes) : [];
  const chosen = passing.length || (model.multi_label && !model.at_least_one) ? passing : labels.slice(0, 1);
  const names = chosen.map(({ label, score, abstained }) => `${label}, ${percent(score)}${abstained ? " (not sure)" : ""}`);
  const none = model.multi_label && !passing.length ? "No label passes its threshold." : "";
  const verdict = [names.join("; "), none].filter(Boolean).join(". ");
  const bars = labels.map((entry) => bar(entry, chosen.includes(entry), passing.includes(entry)));
  return { verdict, nodes: [...unsureNote(chosen, model), element("ol", { class: "bars" }, ...bars)] };
}

function bar({ label, score }, chosen, passes) {
  const fill = element("span", { class: "fill" });
  fill.style.inlineSize = `${100 * score}%`;
  const name = element("span", { class: "name" }, label);
  if (passes) name.append(" ", element("span", { class: "badge" }, "passes"));
  return element("li", chosen ? { class: "chosen" } : {}, name,
    element("span", { class: "score" }, percent(score)),
    element("span", { class: "track", "aria-hidden": "true" }, fill));
}
