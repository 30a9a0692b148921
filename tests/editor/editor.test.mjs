// The published schema in a real editor server: yaml-language-server, driven over LSP as an editor drives it.
// Completion, hover, and the errors of a good and a bad file; all of it within a budget.

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import path from "node:path";
import assert from "node:assert/strict";

const HERE = path.dirname(fileURLToPath(import.meta.url));
const ROOT = path.resolve(HERE, "../..");
const SERVER = path.join(HERE, "node_modules/yaml-language-server/bin/yaml-language-server");
// a server that starts on a busy machine, and then answers as fast as somebody types
const BUDGET_START_MS = 30_000;
const BUDGET_ANSWER_MS = 2_000;

class Editor {
  #server = spawn(process.execPath, [SERVER, "--stdio"], { stdio: ["pipe", "pipe", "inherit"] });
  #buffer = Buffer.alloc(0);
  #next = 1;
  #waiting = new Map();
  #diagnostics = new Map();

  constructor() {
    this.#server.stdout.on("data", (data) => this.#receive(data));
  }

  #receive(data) {
    this.#buffer = Buffer.concat([this.#buffer, data]);
    for (;;) {
      const end = this.#buffer.indexOf("\r\n\r\n");
      if (end < 0) return;
      const length = Number(/Content-Length: (\d+)/i.exec(this.#buffer.subarray(0, end).toString())[1]);
      if (this.#buffer.length < end + 4 + length) return;
      const message = JSON.parse(this.#buffer.subarray(end + 4, end + 4 + length).toString());
      this.#buffer = this.#buffer.subarray(end + 4 + length);
      this.#take(message);
    }
  }

  #take(message) {
    if (message.method === "textDocument/publishDiagnostics") {
      const { uri, diagnostics } = message.params;
      this.#diagnostics.get(uri)?.(diagnostics);
    } else if (message.method && message.id !== undefined) {
      // what the server asks of the editor
      const settings = { yaml: { schemas: {}, completion: true, hover: true, validate: true } };
      const result = message.method === "workspace/configuration" ? message.params.items.map((i) => settings[i.section] ?? {}) : null;
      this.#send({ id: message.id, result });
    } else if (this.#waiting.has(message.id)) {
      const { resolve, reject } = this.#waiting.get(message.id);
      this.#waiting.delete(message.id);
      if (message.error) reject(new Error(JSON.stringify(message.error)));
      else resolve(message.result);
    }
  }

  #send(message) {
    const text = JSON.stringify({ jsonrpc: "2.0", ...message });
    this.#server.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
  }

  request(method, params) {
    const id = this.#next++;
    this.#send({ id, method, params });
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  notify(method, params) {
    this.#send({ method, params });
  }

  /** Opens a text as a file beside the examples, and waits for its errors. */
  open(name, text) {
    const uri = pathToFileURL(path.join(ROOT, "examples/topologies", name)).href;
    const diagnostics = new Promise((resolve) => this.#diagnostics.set(uri, resolve));
    this.notify("textDocument/didOpen", { textDocument: { uri, languageId: "yaml", version: 1, text } });
    return { uri, diagnostics };
  }

  async close() {
    await this.request("shutdown", null);
    this.notify("exit", null);
    this.#server.stdin.end();
  }
}

function within(ms, what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} takes longer than ${ms} ms`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** The position of a mark in a text. */
function position(text, mark, offset = 0) {
  const at = text.indexOf(mark);
  assert.notEqual(at, -1, mark);
  const before = text.slice(0, at + offset).split("\n");
  return { line: before.length - 1, character: before.at(-1).length };
}

const editor = new Editor();
try {
  await within(BUDGET_START_MS, "the start", editor.request("initialize", {
    processId: process.pid,
    rootUri: pathToFileURL(ROOT).href,
    capabilities: {
      workspace: { configuration: true },
      textDocument: { completion: { completionItem: { documentationFormat: ["markdown"] } }, hover: { contentFormat: ["markdown"] } },
    },
  }));
  editor.notify("initialized", {});

  // a good file has no errors; the first file waits for the schema to be read
  const good = readFileSync(path.join(ROOT, "examples/topologies/six-regions.yaml"), "utf8");
  const opened = editor.open("good.yaml", good);
  assert.deepEqual(await within(BUDGET_START_MS, "the first file", opened.diagnostics), [], "errors in a good file");

  // a bad file has them where they are, and in few words
  const bad = good.replace("publisher: imp1.emea", "publishr: imp1.emea").replace("shape: full", "shape: ful").replace("ova_users: 25000", "ova_users: many");
  const errors = await within(BUDGET_ANSWER_MS, "a bad file", editor.open("bad.yaml", bad).diagnostics);
  const said = errors.map((e) => `${e.range.start.line + 1}: ${e.message}`).sort();
  const line = (mark) => position(bad, mark).line + 1;
  assert.ok(said.some((s) => s.startsWith(`${line("shape: ful")}: `) && s.includes('"hub"')), said.join("\n"));
  assert.ok(said.some((s) => s.startsWith(`${line("ova_users: many")}: `)), said.join("\n"));
  assert.ok(said.some((s) => s.includes("publishr") && s.startsWith(`${line("publishr")}: `)), said.join("\n"));
  assert.ok(said.length <= 5 && said.every((s) => s.length < 300), `a wall of text:\n${said.join("\n")}`);

  // hover: the model's own words
  const hover = async (mark, expected) => {
    const at = position(good, mark, 1);
    const answer = await within(BUDGET_ANSWER_MS, "hover", editor.request("textDocument/hover", { textDocument: { uri: opened.uri }, position: at }));
    const text = JSON.stringify(answer?.contents ?? "");
    assert.ok(text.includes(expected), `hover over ${mark}: ${text}`);
  };
  await hover("publisher: imp1.emea", "System > Presence Topology");
  await hover("unified_cm: cucm-emea", "Unified CM cluster");
  await hover("high_availability: switch-off", "High Availability");
  await hover("password: {env: AXL", "Never the password itself");

  // completion: keys that are missing, values that are known
  const complete = async (name, text, mark, offset) => {
    const { uri } = editor.open(name, text);
    const answer = await within(BUDGET_ANSWER_MS, "completion", editor.request("textDocument/completion", {
      textDocument: { uri }, position: position(text, mark, offset),
    }));
    return (answer.items ?? answer).map((item) => item.label);
  };
  const keys = await complete("keys.yaml", `${good}\nd`, "\nd", 2);
  assert.ok(keys.includes("dns") || keys.includes("domain") || keys.includes("defaults"), keys.join(", "));
  const inCluster = good.replace("    protected: true\n", "    pl\n");
  const clusterKeys = await complete("cluster.yaml", inCluster, "    pl\n", 6);
  assert.ok(clusterKeys.includes("protected") || clusterKeys.includes("platform"), clusterKeys.join(", "));
  const shapes = await complete("shapes.yaml", good.replace("shape: full", "shape: "), "shape: ", 7);
  assert.deepEqual(["full", "hub", "links"].filter((v) => !shapes.includes(v)), [], shapes.join(", "));
  const transports = await complete("transports.yaml", good.replace("transport: tls}", "transport: }"), "transport: ", 11);
  assert.deepEqual(["tcp", "tls"].filter((v) => !transports.includes(v)), [], transports.join(", "));

  await within(BUDGET_ANSWER_MS, "the end", editor.close());
  console.log("yaml-language-server: no errors in the good file, %d in the bad one, hover and completion answer", errors.length);
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
