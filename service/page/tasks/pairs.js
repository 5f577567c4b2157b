TASKS.pairs = {
  path: "classify", verb: "Compare", first: "First text", text: "Second text", show: showLabels,
  inputs: (text, text_pair) => ({ text, text_pair }),
  example: ["The shop is open on every day of the week.", "Our shop is closed on Sundays."],
};
