TASKS.qa = {
  path: "answer", verb: "Find the answer", first: "Question", text: "Context", show: showAnswer,
  inputs: (question, context) => ({ question, context }),
  example: ["The reading room of the town archive is open from nine to five on weekdays. It is closed on " +
    "Wednesdays and in the last week of August. Visitors may order seven boxes a day; a box is brought " +
    "within the hour. Photographs without flash are allowed.", "When is the reading room closed?"],
};

function showAnswer(reply, text, model) {
  const { answer, score, start, end } = reply;
  const marked = markedText(text, answer ? [{ start, end }] : [], (piece) => element("mark", {}, piece));
  const verdict = answer
    ? `“${answer}”, ${percent(score)}`
    : `The context holds no answer to this question (score ${percent(score)}).`;
  return { verdict, nodes: [...unsureNote([reply], model), marked] };
}
