// SPDX-License-Identifier: Apache-2.0
// A command in a running task, line by line: what is typed goes to it with Enter, what it says stands
// above. It has no terminal of its own there; for programs that draw there is the command line.
import { useEffect, useRef, useState } from "preact/hooks";
import { Refusal, ask, token } from "./api";

const charactersMax = 200_000;
/// An empty message, so that proxies keep the connection.
const heartbeatMs = 10_000;
const escapes = /\x1b(\[[0-?]*[ -/]*[@-~]|[@-Z\\-_])/g;

type Said = { typed?: boolean; text: string };
interface Message {
  stdout?: { data?: string };
  stderr?: { data?: string };
  exited?: boolean;
  result?: { exit_code: number };
}

const encoded = (text: string) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
const bytes = (data: string) => Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));

/// A browser says nothing of why a WebSocket was not opened; asking without one does.
async function whyNot(path: string): Promise<string> {
  try {
    await ask(path);
  } catch (error) {
    if (error instanceof Refusal && error.status === 403)
      return `This token may not do this: it needs namespace:alloc-exec, and namespace:alloc-node-exec for tasks of raw_exec. The agent said: ${error.message}.`;
    if (error instanceof Refusal && error.status !== 400) return `${error.status}: ${error.message}`;
    if (!(error instanceof Refusal)) return "The agent does not answer.";
  }
  return "The node did not open it. Does the task run, and does it have this command?";
}

export function Terminal({ alloc, task }: { alloc: string; task: string }) {
  const [command, setCommand] = useState("/bin/sh");
  const [line, setLine] = useState("");
  const [said, setSaid] = useState<Said[]>([]);
  const [problem, setProblem] = useState("");
  const [end, setEnd] = useState("");
  const [stage, setStage] = useState<"closed" | "opening" | "open">("closed");
  const socket = useRef<WebSocket | undefined>();
  const box = useRef<HTMLPreElement>(null);
  const first = useRef<HTMLInputElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const wasOpen = useRef(false);
  useEffect(() => () => socket.current?.close(), []);
  useEffect(() => {
    if (stage === "open") input.current?.focus();
    if (stage === "closed" && wasOpen.current && document.activeElement === document.body) first.current?.focus();
    wasOpen.current = stage === "open";
  }, [stage]);
  useEffect(() => {
    if (box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [said]);
  const add = (piece: Said) =>
    setSaid((before) => {
      const all = [...before, piece];
      let length = all.reduce((sum, { text }) => sum + text.length, 0);
      while (length > charactersMax && all.length > 1) length -= all.shift()!.text.length;
      return all;
    });

  const open = (event: Event) => {
    event.preventDefault();
    const words = command.trim().split(/\s+/);
    if (stage !== "closed" || !words[0]) return;
    const path = `/v1/client/allocation/${alloc}/exec?task=${encodeURIComponent(task)}&tty=false&command=${encodeURIComponent(JSON.stringify(words))}`;
    setSaid([]);
    setProblem("");
    setEnd("");
    setStage("opening");
    const offered = ["caravan.exec", ...(token() ? [`caravan.token.${token()}`] : [])];
    const one = new WebSocket(path, offered);
    socket.current = one;
    const decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
    let opened = false;
    let ended = false;
    let heartbeat = 0;
    one.onopen = () => {
      opened = true;
      setStage("open");
      heartbeat = window.setInterval(() => one.send("{}"), heartbeatMs);
    };
    one.onmessage = ({ data }) => {
      let message: Message;
      try {
        message = JSON.parse(data);
      } catch {
        return setProblem(String(data));
      }
      for (const stream of ["stdout", "stderr"] as const)
        if (message[stream]?.data) add({ text: decoders[stream].decode(bytes(message[stream].data), { stream: true }).replace(escapes, "") });
      if (!message.exited) return;
      ended = true;
      setEnd(`It ended with ${message.result?.exit_code ?? 0}.`);
    };
    one.onclose = () => {
      clearInterval(heartbeat);
      if (socket.current !== one) return;
      setStage("closed");
      if (opened && !ended) setEnd("The connection is closed.");
      if (!opened) void whyNot(path).then((why) => socket.current === one && setProblem(why));
    };
  };
  const send = (message: object) => socket.current?.readyState === WebSocket.OPEN && socket.current.send(JSON.stringify(message));
  const type = (event: Event) => {
    event.preventDefault();
    add({ typed: true, text: `${line}\n` });
    send({ stdin: { data: encoded(`${line}\n`) } });
    setLine("");
  };
  return (
    <div class="terminal">
      {stage !== "open" && (
        <form class="deeds" onSubmit={open}>
          <input ref={first} aria-label={`Command in ${task}`} value={command} autocomplete="off" spellcheck={false} onInput={(event) => setCommand(event.currentTarget.value)} />
          <button type="submit" aria-busy={stage === "opening"} aria-disabled={stage === "opening"}>
            {stage === "opening" ? "Opening…" : "Open a terminal"}
          </button>
        </form>
      )}
      {(stage === "open" || said.length > 0) && (
        <pre ref={box} tabIndex={0} role="log" aria-label={`Terminal in ${task}`}>
          {said.map(({ typed, text }, i) => (typed ? <span key={i} class="typed">{text}</span> : text))}
        </pre>
      )}
      {stage === "open" && (
        <form class="deeds" onSubmit={type}>
          <input ref={input} aria-label={`Line for ${task}`} value={line} autocomplete="off" spellcheck={false} onInput={(event) => setLine(event.currentTarget.value)} />
          <button type="submit">Send</button>
          <button type="button" onClick={() => send({ stdin: { close: true } })}>
            End of input
          </button>
          <button type="button" onClick={() => socket.current?.close()}>
            Close
          </button>
        </form>
      )}
      <div class="outcome" role="status">
        {end && <p class="quiet">{end}</p>}
        {problem && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
      </div>
    </div>
  );
}
