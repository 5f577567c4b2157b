TASKS.translation = {
  path: "translate", verb: "Translate", text: "Text", show: showTranslation,
  example: ["The library is open on every day of the week.\nBring your card."],
};

function showTranslation([{ translation_text: translation, score, abstained, ended }], text, model) {
  const side = (label, content) => element("div", {}, element("p", { class: "hint" }, label),
    element("div", { class: "marked", dir: "auto", tabindex: "0", role: "region", "aria-label": label }, content));
  const cut = ended === false ? [element("p", { class: "notice" }, element("strong", {}, "Cut."),
    " The model did not end this text by itself: it reached the most tokens that it may write.")] : [];
  const both = element("div", { class: "sides" }, side("Text", text), side("Translation", translation));
  return { verdict: `Translated, ${percent(score)} sure`, nodes: [...unsureNote([{ abstained }], model), ...cut, both] };
}
