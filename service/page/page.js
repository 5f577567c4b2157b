// The page's whole script: it talks to the server that it came from and keeps nothing.
// Whatever a person, a model or a card says becomes text nodes, never markup.

const MAX_BODY_BYTES = 1024 * 1024;
const MAX_ARGUMENT_BYTES = 100_000; // Linux takes 128 KiB in one argument of a command
const HUES = [235, 70, 150, 325, 30, 285, 110, 195];

// By task: tasks/*.js, which are put at the end. A task may ask for a `first` text before its `text`.
const TASKS = {};

const HEADINGS = {
  deadline: "No answer in time.",
  forbidden: "Not allowed.",
  network: "The server cannot be reached.",
  not_ready: "Not ready.",
  overloaded: "The server is busy.",
  too_large: "The request is too large.",
  unauthorized: "A key is needed.",
};

const state = { key: "", models: [], model: null, asking: null };
const at = (id) => document.getElementById(id);
const urlOf = (path) => new URL(path, location.href).href;
const byteLength = (text) => new TextEncoder().encode(text).length;
const codePoints = (text) => text.length - (text.match(/[\ud800-\udbff][\udc00-\udfff]/g)?.length ?? 0);
const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`; // for sh
const count = (number, singular, plural = `${singular}s`) =>
  `${number.toLocaleString("en")} ${number === 1 ? singular : plural}`;
const figure = (value) =>
  Math.abs(value) >= 1e-4 || value === 0 ? String(Number(value.toPrecision(4))) : value.toExponential(3);

// --- Talking to the server -------------------------------------------------------------------
class Refusal extends Error {
  constructor(type, message, { requestId = "", retryAfter = null } = {}) {
    super(message);
    Object.assign(this, { type, requestId, retryAfter });
  }
}

async function call(path, { body, signal } = {}) {
  const headers = {};
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (state.key) headers.Authorization = `Bearer ${state.key}`;
  const method = body === undefined ? "GET" : "POST";
  let response, content;
  try {
    response = await fetch(urlOf(path), { method, headers, body, signal, cache: "no-store" });
    content = await response.text();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refusal("network", "Check that it is running, then try again.", { retryAfter: 0 });
  }
  if (!response.ok) throw refusalOf(response, content);
  return { value: JSON.parse(content), headers: response.headers };
}

function refusalOf(response, content) {
  const seconds = Number.parseInt(response.headers.get("Retry-After") ?? "", 10);
  const more = {
    requestId: response.headers.get("X-Request-ID") ?? "",
    retryAfter: Number.isNaN(seconds) ? null : seconds,
  };
  try {
    const { error, error_type: type } = JSON.parse(content);
    return new Refusal(type, error, more);
  } catch { // a proxy's page stands in its place
    return new Refusal("other", `The reply has the status ${response.status}.`, more);
  }
}

// --- Building the document -------------------------------------------------------------------
function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function facts(place, entries) {
  place.replaceChildren(...entries.map(([term, ...value]) =>
    element("div", {}, element("dt", {}, term), element("dd", {}, ...value))));
}

function table(heads, rows) {
  const figures = heads.map((_, column) => rows.some((row) => /^[+-]?\d[\d.,e+-]*( %)?$/.test(row[column] ?? "")));
  const line = (tag, row) => element("tr", {}, ...row.map((cell, column) => element(
    tag, { class: figures[column] ? "figure" : cell.length > 24 ? "long" : "" }, ...inlineNodes(cell))));
  return element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Table" },
    element("table", {}, element("thead", {}, line("th", heads)),
      element("tbody", {}, ...rows.map((row) => line("td", row)))));
}

function percent(score) {
  if (score >= 0.9995 && score < 1) return "> 99.9 %";
  if (score > 0 && score < 0.0005) return "< 0.1 %";
  return `${(100 * score).toFixed(1)} %`;
}

// --- Problems --------------------------------------------------------------------------------
function showProblem(place, refusal, again) {
  const heading = HEADINGS[refusal.type] ?? "Not answered.";
  place.replaceChildren(
    element("p", { role: "alert" }, element("strong", {}, heading), " ", refusal.message));
  if (refusal.requestId) {
    place.append(element("p", { class: "hint" }, "Request ID ", element("code", {}, refusal.requestId)));
  }
  if (refusal.retryAfter !== null && again) place.append(retryButton(refusal.retryAfter, again));
}

function retryButton(seconds, again) {
  const button = element("button", { type: "button", class: "retry" });
  const end = performance.now() + 1000 * seconds;
  const tick = () => {
    const left = Math.ceil((end - performance.now()) / 1000);
    button.disabled = left > 0;
    button.textContent = left > 0 ? `Ask again in ${left} s` : "Ask again";
    if (left > 0) setTimeout(tick, 200);
  };
  tick();
  button.addEventListener("click", again);
  return button;
}

function failed(place, error, again) {
  if (!(error instanceof Refusal)) {
    showProblem(place, new Refusal("other", "The page could not read the reply."));
    throw error; // a defect: let the console have it
  }
  const keyless = error.type === "unauthorized";
  showProblem(keyless ? at("key-error") : place, error, again);
  if (!keyless) return;
  at("key-form").hidden = false;
  at("key").focus();
}

async function useKey(event) {
  event.preventDefault();
  const key = at("key").value.trim();
  at("key-error").replaceChildren();
  if (!/^[\x21-\x7e]+$/.test(key)) {
    showProblem(at("key-error"), new Refusal("unauthorized", "A key has letters, digits and signs, and no spaces."));
    return;
  }
  state.key = key;
  if (await loadModels()) at("text").focus();
}

// --- Models ----------------------------------------------------------------------------------
async function loadModels() {
  at("model-error").replaceChildren();
  try {
    const { value } = await call("models");
    state.models = value.models;
    at("key-form").hidden = true;
    at("key").value = "";
    listModels();
    return true;
  } catch (error) {
    if (!waitsFor(error)) failed(at("model-error"), error, loadModels);
    return false;
  }
}

// What is no error as long as nobody has asked for anything: a key that is still to be typed, and
// a server that is still to be ready.
function waitsFor(error) {
  if (error.type === "unauthorized" && !state.key) {
    showWaiting("Enter the API key first");
    at("key-form").hidden = false;
    at("key").focus();
    return true;
  }
  const busy = error.type === "overloaded" && !state.key;
  if (error.type !== "not_ready" && !busy) return false;
  showWaiting(busy ? "The server is busy…" : "The server is not ready yet…");
  setTimeout(loadModels, 1000 * Math.max(1, error.retryAfter ?? 1));
  return true;
}

function showWaiting(text) {
  at("model").replaceChildren(element("option", {}, text));
}

function listModels() {
  const chosen = at("model").value;
  at("model").replaceChildren(...state.models.map((model) =>
    element("option", { value: model.name }, `${model.name} (${model.task})`)));
  if (state.models.some((model) => model.name === chosen)) at("model").value = chosen;
  for (const id of ["model", "example", "ask"]) at(id).disabled = state.models.length === 0;
  chooseModel();
}

function chooseModel() {
  const model = state.models.find(({ name }) => name === at("model").value);
  if (!model) return; // a server without models
  const task = TASKS[model.task];
  state.asking?.abort();
  state.model = model;
  at("first-field").hidden = !task.first;
  if (task.first) at("first-label").textContent = task.first;
  at("text-label").textContent = task.text;
  at("ask").textContent = task.verb;
  at("ask-error").replaceChildren();
  clearAnswer("Nothing asked yet.");
  at("curl").hidden = true;
  facts(at("model-facts"), [
    ["Task", model.task],
    ...(model.version ? [["Version", model.version]] : []), ["Precision", model.precision],
    ...(model.labels.length ? [["Labels", String(model.labels.length)]] : []),
    ["Window", count(model.max_length, "token")],
    ...(model.abstain_below ? [["Abstains below", model.abstain_below > 1 ? "any score" : percent(model.abstain_below)]] : []),
    ["Digest", element("code", { title: model.digest }, model.digest.slice(0, 12))],
  ]);
  countText();
  showDetails(model);
}

async function showDetails(model) {
  at("about").hidden = true;
  at("model-error").replaceChildren();
  try {
    const { value } = await call(`models/${encodeURIComponent(model.name)}`);
    if (state.model !== model) return; // another one was chosen meanwhile
    const judged = value.gates.filter(isJudged);
    const unknown = value.gates.filter((gate) => gate.value === null).length;
    const passed = judged.filter((gate) => gate.passed).length;
    at("gates-summary").textContent = value.gates.length
      ? `Gates: ${passed} of ${judged.length} passed${unknown ? `, ${unknown} unknown` : ""}`
      : "Gates: none recorded";
    at("gates-body").replaceChildren(gateTable(value.gates));
    at("card-body").replaceChildren(...markdownNodes(value.card));
    at("about").hidden = false;
  } catch (error) {
    if (state.model === model) failed(at("model-error"), error, () => showDetails(model));
  }
}

function isJudged(gate) {
  return gate.value !== null && gate.threshold !== null && gate.severity !== "record";
}

function gateTable(gates) {
  return table(["Gate", "Value", "Threshold", "Passed", "Meaning"], gates.map((gate) => [
    gate.name, gate.value === null ? "" : figure(gate.value), String(gate.threshold ?? ""),
    isJudged(gate) ? (gate.passed ? "yes" : "**no**") : gate.value === null ? "unknown" : "recorded",
    gate.reason ? `${gate.detail}. Overridden: ${gate.reason}` : gate.detail,
  ]));
}

// --- Asking ----------------------------------------------------------------------------------
function requestOf(model) {
  const text = at("text").value;
  const task = TASKS[model.task];
  const inputs = task.first ? task.inputs(at("first").value, text) : text;
  const asked = { model: model.name, inputs };
  if (model.multi_label) asked.parameters = { threshold: 0, top_k: Math.min(model.labels.length, 1000) };
  return { path: task.path, text, body: JSON.stringify(asked) };
}

function complain(model) {
  const task = TASKS[model.task];
  const empty = (task.first ? ["first", "text"] : ["text"]).find((id) => at(id).value === "");
  if (!empty) return false;
  const what = (empty === "first" ? task.first : task.text).toLowerCase();
  showProblem(at("ask-error"), new Refusal("validation", `Type or paste a ${what} first.`));
  at(empty).focus();
  return true;
}

async function ask(event) {
  event?.preventDefault();
  const model = state.model;
  if (!model || state.asking) return;
  at("ask-error").replaceChildren();
  if (complain(model)) return;
  const asked = requestOf(model);
  const asking = new AbortController();
  setAsking(asking);
  clearAnswer("Reading…");
  showCurl(asked);
  try {
    const start = performance.now();
    const reply = await call(asked.path, { body: asked.body, signal: asking.signal });
    showReply(model, asked, reply, performance.now() - start);
  } catch (error) {
    if (state.model === model) clearAnswer(error.name === "AbortError" ? "Stopped." : "Not answered.");
    if (error.name !== "AbortError") failed(at("ask-error"), error, ask);
  } finally {
    if (state.asking === asking) setAsking(null);
  }
}

function setAsking(asking) {
  state.asking = asking;
  at("answer").setAttribute("aria-busy", String(asking !== null));
  at("stop").hidden = asking === null;
}

function countText() {
  const model = state.model;
  if (!model) return;
  const { text, body } = requestOf(model);
  const characters = codePoints(text);
  const bytes = byteLength(body);
  const tooLarge = bytes > MAX_BODY_BYTES || characters > model.limits.max_characters;
  const size = `${count(characters, "character")}, ${(bytes / 1024).toLocaleString("en", { maximumFractionDigits: 1 })} KiB to send`;
  at("count").className = tooLarge ? "hint warning" : "hint";
  at("count").textContent = tooLarge
    ? `${size}. This is more than a request may hold (1,024 KiB, and ` +
      `${count(model.limits.max_characters, "character")} for this model): send it in parts.`
    : size;
}

// --- Answers ---------------------------------------------------------------------------------
function clearAnswer(verdict) {
  at("verdict").textContent = verdict;
  at("verdict").className = "quiet";
  at("result").replaceChildren();
  at("reading").replaceChildren();
}

function showReply(model, asked, { value, headers }, milliseconds) {
  const { verdict, nodes } = TASKS[model.task].show(value, asked.text, model);
  at("verdict").className = "";
  at("verdict").textContent = verdict;
  at("result").replaceChildren(...nodes);
  const digest = headers.get("X-Burnish-Model") ?? "";
  facts(at("reading"), [
    ["Time, measured here", `${milliseconds.toFixed(milliseconds < 100 ? 1 : 0)} ms`],
    ["Tokens read", Number(headers.get("X-Burnish-Tokens")).toLocaleString("en")],
    ["Windows", Number(headers.get("X-Burnish-Windows")).toLocaleString("en")],
    ["Answered by", element("code", { title: digest }, digest.slice(0, 12)),
      digest === model.digest ? "" : " (another version)"],
  ]);
  const mark = at("result").querySelector("mark");
  if (mark) mark.parentNode.scrollTop = mark.offsetTop - 40;
  if (matchMedia("(max-width: 899px)").matches) at("answer").scrollIntoView();
}

// What the export could not promise to be right often enough.
function unsureNote(said, model) {
  if (!said.some(({ abstained }) => abstained)) return [];
  const promise = model.metrics?.abstention?.promise;
  const why = promise ? `of the answers without this mark, at most ${percent(promise.error)} should be wrong` : "its score is too low";
  return [element("p", { class: "notice" }, element("strong", {}, "Abstained."), ` Do not rely on this: ${why}.`)];
}

function coloured(node, hue) {
  node.style.setProperty("--hue", hue);
  return node;
}

function markedText(text, spans, mark) {
  const attributes = { class: "marked", dir: "auto", tabindex: "0", role: "region", "aria-label": "The text, marked" };
  const place = element("div", attributes);
  for (const { piece, span } of cut(text, spans)) place.append(span ? mark(piece, span) : piece);
  return place;
}

// The server counts code points; a string here counts UTF-16 units, two for an emoji.
function cut(text, spans) {
  const pieces = [];
  let point = 0, unit = 0, done = 0;
  const advance = (wanted) => {
    for (; point < wanted && unit < text.length; point += 1) unit += text.codePointAt(unit) > 0xffff ? 2 : 1;
    return unit;
  };
  for (const span of [...spans].sort((a, b) => a.start - b.start)) {
    if (span.start < point) continue; // inside the one before; models of this server give none
    const start = advance(span.start);
    const stop = advance(span.end);
    pieces.push({ piece: text.slice(done, start) }, { piece: text.slice(start, stop), span });
    done = stop;
  }
  pieces.push({ piece: text.slice(done) });
  return pieces;
}

// --- The curl line ---------------------------------------------------------------------------
function curlOf({ path, body }) {
  const parts = [`curl -sS ${quoted(urlOf(path))}`, "-H 'Content-Type: application/json'"];
  if (state.key) parts.push('-H "Authorization: Bearer $BURNISH_API_KEY"');
  parts.push(byteLength(body) <= MAX_ARGUMENT_BYTES
    ? `--data-binary ${quoted(body)}` : `--data-binary @- <<'JSON'\n${body}\nJSON`);
  return parts.join(" \\\n  ");
}

function showCurl(asked) {
  const line = curlOf(asked);
  at("curl").hidden = false;
  at("copied").textContent = "";
  at("curl-line").textContent = line.length > 5000 ? `${line.slice(0, 5000)}… (Copy takes all of it)` : line;
  at("copy").onclick = () => copy(line);
}

async function copy(line) {
  try {
    await navigator.clipboard.writeText(line);
    at("copied").textContent = "Copied.";
  } catch { // no clipboard without TLS
    at("curl-line").textContent = line;
    getSelection().selectAllChildren(at("curl-line"));
    at("copied").textContent = "Selected: copy it with Ctrl or ⌘ + C.";
  }
}

// --- The card: a small part of Markdown, as text nodes ---------------------------------------
function inlineNodes(text) {
  return text.split(/(`[^`]+`|\*\*[^*]+\*\*)/).filter(Boolean).map((part) => {
    if (/^`[^`]+`$/.test(part)) return element("code", {}, part.slice(1, -1));
    if (/^\*\*[^*]+\*\*$/.test(part)) return element("strong", {}, part.slice(2, -2));
    return part;
  });
}

const ITEM = /^\s{0,3}(?:[-*]|\d+\.)\s+/;
const BLOCKS = {
  heading: ([line]) => {
    const [, signs, text] = /^(#+)\s+(.*)/.exec(line);
    return element(`h${Math.min(6, signs.length + 2)}`, {}, ...inlineNodes(text));
  },
  table: ([head, , ...rows]) => table(cellsOf(head), rows.map(cellsOf)),
  list: (lines) => element("ul", {}, ...lines.map((line) => element("li", {}, ...inlineNodes(line.replace(ITEM, ""))))),
  indented: (lines) => element("pre", { class: "code" }, lines.map((line) => line.slice(4)).join("\n")),
  fenced: (lines) => element("pre", { class: "code" }, lines.join("\n")),
  text: (lines) => element("p", {}, ...inlineNodes(lines.join(" "))),
};

function markdownNodes(source) {
  const groups = [];
  let fenced = false;
  for (const line of source.replaceAll("\r\n", "\n").replace(/^---\n[^]*?\n---\n/, "").split("\n")) {
    const fence = line.startsWith("```");
    const kind = fence ? "fence" : fenced ? "fenced" : kindOf(line);
    if (fence) fenced = !fenced;
    if (kind === groups.at(-1)?.kind && kind !== "heading") groups.at(-1).lines.push(line);
    else groups.push({ kind, lines: [line] });
  }
  return groups.flatMap(({ kind, lines }) => BLOCKS[kind]?.(lines) ?? []);
}

function kindOf(line) {
  if (!line.trim()) return "blank";
  if (/^#{1,6}\s+\S/.test(line)) return "heading";
  if (line.startsWith("|")) return "table";
  if (ITEM.test(line)) return "list";
  return line.startsWith("    ") ? "indented" : "text";
}

function cellsOf(line) {
  return line.replace(/^\||\|\s*$/g, "").split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));
}

// --- Tasks -----------------------------------------------------------------------------------
/* tasks */

// --- Start -----------------------------------------------------------------------------------
function useExample() {
  const [text, first] = TASKS[state.model.task].example;
  at("text").value = text;
  if (first) at("first").value = first;
  countText();
  at("ask").focus();
}

at("key-form").addEventListener("submit", useKey);
at("ask-form").addEventListener("submit", ask);
at("ask-form").addEventListener("input", countText);
at("ask-form").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) ask(event);
});
at("model").addEventListener("change", chooseModel);
at("example").addEventListener("click", useExample);
at("stop").addEventListener("click", () => (state.asking?.abort(), at("ask").focus()));
loadModels();
