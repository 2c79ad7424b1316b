// SPDX-License-Identifier: Apache-2.0
// Talking to the agent that served the page: the token, one question, and a question that is asked
// again as soon as its answer changes (a blocking query).
import { useEffect, useState } from "preact/hooks";

const tokenKey = "caravan-token";
/// The agent holds a question this long when nothing changes.
const waitSeconds = 60;
const retryMs = 2000;

export class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export const token = (): string => sessionStorage.getItem(tokenKey) ?? "";
export function keepToken(secret: string): void {
  if (secret) sessionStorage.setItem(tokenKey, secret);
  else sessionStorage.removeItem(tokenKey);
}

export async function ask(path: string, signal?: AbortSignal, more: RequestInit = {}): Promise<Response> {
  const headers: Record<string, string> = {};
  if (token()) headers[isRegistry() ? "X-Consul-Token" : "X-Nomad-Token"] = token();
  const answer = await fetch(path, { ...more, headers, signal });
  if (!answer.ok) throw new Refusal(answer.status, (await answer.text()) || answer.statusText);
  return answer;
}

export const get = async <T>(path: string, signal?: AbortSignal): Promise<T> => (await ask(path, signal)).json();

/// A node that is slow to answer is given up by the servers after 30 seconds.
const writeMs = 60_000;
/// Never POST, which another site could send without being asked whether it may.
export async function change<T>(method: "PUT" | "DELETE", path: string, body?: unknown): Promise<T> {
  const answer = await ask(path, AbortSignal.timeout(writeMs), { method, body: body === undefined ? undefined : JSON.stringify(body) });
  return answer.json();
}

/// Which of the capabilities the token has in the namespace. What cannot be learned counts as had:
/// the agent refuses by itself.
const may = new Map<string, Promise<string[]>>();
export function useMay(ns: string, capabilities: string[]): ReadonlySet<string> {
  const path = `/v1/agent/may?namespace=${encodeURIComponent(ns)}&capability=${encodeURIComponent(capabilities.join(","))}`;
  const [had, setHad] = useState<ReadonlySet<string>>(new Set());
  useEffect(() => {
    let shown = true;
    if (!ns) return;
    const key = `${token()} ${path}`;
    if (!may.has(key)) may.set(key, get<string[]>(path).catch(() => (may.delete(key), capabilities)));
    void may.get(key)!.then((names) => shown && setHad(new Set(names)));
    return () => {
      shown = false;
    };
  }, [path, ns]);
  return had;
}
/// What a token may has changed, it seems.
export const forgetMay = (): void => may.clear();

/// The registry's port serves the same page, marked so, with its own part of it only.
export const isRegistry = (): boolean => document.documentElement.dataset.registry !== undefined;

export interface Live<T> {
  data?: T;
  error?: Error;
}

function paused(signal: AbortSignal): Promise<void> {
  if (!document.hidden) return Promise.resolve();
  return new Promise((resolve) => {
    const look = () => {
      if (!document.hidden || signal.aborted) resolve();
    };
    document.addEventListener("visibilitychange", look, { once: true, signal });
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/// The answer to `path`, kept up to date while the component is shown and the page is looked at.
/// "" asks nothing.
export function useLive<T>(path: string): Live<T> {
  const [live, setLive] = useState<Live<T> & { path: string }>({ path });
  useEffect(() => {
    if (!path) return;
    const end = new AbortController();
    void follow(end.signal);
    return () => end.abort();

    async function follow(signal: AbortSignal): Promise<void> {
      let index = "0";
      while (!signal.aborted) {
        await paused(signal);
        try {
          const wait = index === "0" ? "" : `${path.includes("?") ? "&" : "?"}index=${index}&wait=${waitSeconds}s`;
          const answer = await ask(path + wait, signal);
          const data = (await answer.json()) as T;
          if (signal.aborted) return;
          const next = answer.headers.get("X-Nomad-Index") ?? answer.headers.get("X-Consul-Index") ?? "0";
          if (next !== index || index === "0") setLive({ path, data });
          if (next === "0" || next === index) await sleep(next === "0" ? retryMs : 50);
          index = Number(next) < Number(index) ? "0" : next;
        } catch (error) {
          if (signal.aborted) return;
          setLive((before) => ({ path, data: before.path === path ? before.data : undefined, error: error as Error }));
          const refused = error instanceof Refusal && error.status < 500;
          await sleep(refused ? retryMs * 5 : retryMs);
          index = "0";
        }
      }
    }
  }, [path]);
  return live.path === path ? live : {};
}
