TASKS.regression = {
  path: "score", verb: "Score", text: "Text", show: showScore,
  example: ["The heating in our office has failed, and it is eight degrees in here. Please send somebody today."],
};

function showScore({ score, interval, level }) {
  const short = (number) => Number(number.toPrecision(4)).toLocaleString("en", { maximumSignificantDigits: 4 });
  const verdict = level === undefined ? short(score) : `${short(level)} (${short(score)})`;
  const told = interval
    ? `The true score lies between ${short(interval[0])} and ${short(interval[1])} for 9 in 10 such texts.`
    : "The validation rows were too few to tell how far the true score may lie from it.";
  return { verdict, nodes: [element("p", {}, told)] };
}
