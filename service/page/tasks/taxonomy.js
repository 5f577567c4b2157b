TASKS.taxonomy = {
  path: "classify", verb: "Classify", text: "Text", show: showPaths,
  example: ["The parcel was due on Monday and has not come. Yet the invoice for it was charged to my card " +
    "twice. Please send one of the two payments back."],
};

function showPaths(labels, _, model) {
  const named = labels.map((entry) => ({ ...entry, label: entry.path.join(" › ") }));
  if (!model.multi_label) return showLabels(named, _, model);
  const scores = new Map(labels.map(({ label, score }) => [label, score]));
  const passes = (label) => scores.get(label) >= (model.thresholds?.[label] ?? 0.5);
  const given = named.filter(({ path }) => path.every(passes));
  const inner = new Set(given.flatMap(({ path }) => path.slice(0, -1)));
  const ends = given.filter(({ path }) => !inner.has(path.at(-1)));
  const names = ends.map(({ label, score, abstained }) => `${label}, ${percent(score)}${abstained ? " (not sure)" : ""}`);
  const bars = named.map((entry) => bar(entry, given.includes(entry), given.includes(entry)));
  return { verdict: names.join("; ") || "No label passes its threshold.",
    nodes: [...unsureNote(ends, model), element("ol", { class: "bars" }, ...bars)] };
}
