// SPDX-License-Identifier: Apache-2.0
// Addresses of the page are those that links to Nomad's have ("/ui/jobs/web@default"), so that
// bookmarks keep working.
import { useEffect, useState } from "preact/hooks";

export const base = "/ui";
const moved = new EventTarget();

export function go(to: string, replace = false): void {
  history[replace ? "replaceState" : "pushState"](null, "", to);
  moved.dispatchEvent(new Event("moved"));
  window.scrollTo(0, 0);
}

export interface Place {
  parts: string[];
  query: URLSearchParams;
}

const here = (): Place => ({
  parts: location.pathname.slice(base.length).split("/").filter(Boolean).map(decodeURIComponent),
  query: new URLSearchParams(location.search),
});

export function usePlace(): Place {
  const [place, setPlace] = useState(here);
  useEffect(() => {
    const look = () => setPlace(here());
    const click = (event: MouseEvent) => {
      const link = (event.target as Element).closest?.("a");
      const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
      if (!link || !plain || link.target || link.origin !== location.origin || !link.pathname.startsWith(base)) return;
      event.preventDefault();
      go(link.pathname + link.search);
    };
    moved.addEventListener("moved", look);
    window.addEventListener("popstate", look);
    document.addEventListener("click", click);
    return () => {
      moved.removeEventListener("moved", look);
      window.removeEventListener("popstate", look);
      document.removeEventListener("click", click);
    };
  }, []);
  return place;
}

const part = encodeURIComponent;
export const jobLink = (id: string, ns: string) => `${base}/jobs/${part(`${id}@${ns}`)}`;
export const allocLink = (id: string) => `${base}/allocations/${id}`;
export const nodeLink = (id: string) => `${base}/clients/${id}`;
export const evalLink = (id: string) => `${base}/evaluations/${id}`;
export const serviceLink = (name: string, ns: string) => `${base}/services/${part(`${name}@${ns}`)}`;

/// "web@default" → its two parts; a name may have an "@" of its own.
export function splitName(text: string): [string, string] {
  const at = text.lastIndexOf("@");
  return at < 0 ? [text, "default"] : [text.slice(0, at), text.slice(at + 1)];
}
