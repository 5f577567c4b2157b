TASKS.summary = {
  path: "summarize", verb: "Summarize", text: "Document", show: showSummary,
  example: ["The reading room was closed in March because of a broken boiler. Visitors were sent to Harbour Lane. " +
    "The boiler was replaced in May at a cost of 4,200 euros. Two parts came late. The room opened again on 2 June."],
};

function showSummary([{ summary_text: summary, sentences }], text, model) {
  const tip = ({ score, start, end }) => `key sentence, ${percent(score)}, characters ${start} to ${end}`;
  const marked = markedText(text, sentences, (piece, sentence) => coloured(element("mark",
    { tabindex: "0", "data-tip": tip(sentence) }, piece,
    element("span", { class: "unseen" }, ` ${percent(sentence.score)}`)), HUES[0]));
  const unsure = sentences.filter(({ abstained }) => abstained).length;
  const verdict = count(sentences.length, "sentence", "sentences") + (unsure ? `, ${unsure} not sure` : "");
  return { verdict, nodes: [...unsureNote(sentences, model), element("p", { class: "summary" }, summary), marked] };
}
