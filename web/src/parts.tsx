// SPDX-License-Identifier: Apache-2.0
// The pieces that pages are made of.
import { useEffect, useMemo, useState } from "preact/hooks";
import type { ComponentChildren, JSX } from "preact";
import { Refusal, type Live } from "./api";

const good = new Set(["running", "ready", "complete", "successful", "passing", "healthy", "success"]);
const bad = new Set(["failed", "lost", "down", "critical", "dead-failed", "unhealthy", "disconnected", "unknown"]);
const busy = new Set(["pending", "blocked", "starting", "initializing", "paused", "warning", "draining", "ineligible"]);

/// A state, told by its word and by colour.
export function Status({ of }: { of: string }) {
  const kind = good.has(of) ? "good" : bad.has(of) ? "bad" : busy.has(of) ? "busy" : "calm";
  return <span class={`status ${kind}`}>{of}</span>;
}

export const shortId = (id: string) => id.slice(0, 8);

const units: [string, number][] = [
  ["d", 86400],
  ["h", 3600],
  ["m", 60],
  ["s", 1],
];
/// How long ago a moment was; `at`: nanoseconds since 1970, or a date as text.
export function Ago({ at }: { at: number | string | null | undefined }) {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), 5000);
    return () => clearInterval(timer);
  }, []);
  const ms = typeof at === "number" ? at / 1e6 : Date.parse(at ?? "");
  if (!ms || Number.isNaN(ms) || ms < 0) return <span class="quiet">–</span>;
  const seconds = Math.max(0, Math.round((Date.now() - ms) / 1000));
  const [unit, size] = units.find(([, size]) => seconds >= size) ?? ["s", 1];
  const moment = new Date(ms);
  return (
    <time dateTime={moment.toISOString()} title={moment.toLocaleString()}>
      {Math.floor(seconds / size)}
      {unit} ago
    </time>
  );
}

/// What came of asking: the data, why there is none, or that it is on its way.
export function Shown<T>({ live, children }: { live: Live<T>; children: (data: T) => ComponentChildren }) {
  const { data, error } = live;
  return (
    <>
      {error && <Problem error={error} />}
      {data !== undefined ? children(data) : !error && <p class="quiet" aria-busy="true">Loading…</p>}
    </>
  );
}

export function Problem({ error }: { error: Error }) {
  const status = error instanceof Refusal ? error.status : 0;
  const text =
    status === 403
      ? "This token may not see this. Sign in with another one."
      : status === 404
        ? "There is no such thing here (any more)."
        : status
          ? `${status}: ${error.message}`
          : "The agent does not answer; what is shown may be old. Trying again.";
  return (
    <p class="problem" role="alert">
      {text}
    </p>
  );
}

export interface Column<Row> {
  name: string;
  of: (row: Row) => ComponentChildren;
  /// What is sorted and searched by; without it the column is not.
  by?: (row: Row) => string | number;
  narrow?: boolean;
}

const rowsAtOnce = 200;

/// Rows that can be searched and sorted; on a phone each row is a card.
export function Table<Row>(props: {
  rows: Row[];
  columns: Column<Row>[];
  keyOf: (row: Row) => string;
  label: string;
  empty: string;
  search?: boolean;
}) {
  const { rows, columns, keyOf, label, empty, search = true } = props;
  const [wanted, setWanted] = useState("");
  const [sort, setSort] = useState<{ column: number; down: boolean } | undefined>();
  const [room, setRoom] = useState(rowsAtOnce);
  const shown = useMemo(() => {
    const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
    const text = (row: Row) => columns.map((c) => (c.by ? String(c.by(row)) : "")).join(" ").toLowerCase();
    let found = words.length ? rows.filter((row) => words.every((word) => text(row).includes(word))) : rows;
    const by = sort && columns[sort.column]?.by;
    if (by) {
      const sign = sort.down ? -1 : 1;
      found = [...found].sort((a, b) => {
        const [x, y] = [by(a), by(b)];
        return sign * (typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y)));
      });
    }
    return found;
  }, [rows, wanted, sort, columns]);
  const header = (column: Column<Row>, i: number): JSX.Element => {
    const order = sort?.column === i ? (sort.down ? "descending" : "ascending") : "none";
    return (
      <th key={column.name} scope="col" aria-sort={column.by ? order : undefined}>
        {column.by ? (
          <button type="button" onClick={() => setSort({ column: i, down: sort?.column === i && !sort.down })}>
            {column.name}
            <span aria-hidden="true">{order === "none" ? "" : order === "ascending" ? " ↑" : " ↓"}</span>
          </button>
        ) : (
          column.name
        )}
      </th>
    );
  };
  return (
    <section class="rows" aria-label={label}>
      {search && rows.length > 0 && (
        <input
          type="search"
          class="search"
          placeholder="Search…  ( / )"
          aria-label={`Search ${label}`}
          value={wanted}
          onInput={(event) => setWanted(event.currentTarget.value)}
        />
      )}
      {shown.length === 0 ? (
        <p class="quiet">{rows.length ? "Nothing matches." : empty}</p>
      ) : (
        <table>
          <thead>
            <tr>{columns.map(header)}</tr>
          </thead>
          <tbody>
            {shown.slice(0, room).map((row) => (
              <tr key={keyOf(row)}>
                {columns.map((column) => (
                  <td key={column.name} data-label={column.name} class={column.narrow ? "narrow" : undefined}>
                    {column.of(row)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {shown.length > room && (
        <button type="button" class="more" onClick={() => setRoom(room + rowsAtOnce)}>
          {shown.length - room} more
        </button>
      )}
    </section>
  );
}

/// A row of facts under a title.
export function Facts({ of }: { of: [string, ComponentChildren][] }) {
  return (
    <dl class="facts">
      {of.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/// How many of something are in which state, as one bar.
export function Bar({ parts, label }: { parts: [string, number, string][]; label: string }) {
  const sum = parts.reduce((all, [, n]) => all + n, 0);
  const told = parts.filter(([, n]) => n > 0).map(([name, n]) => `${n} ${name}`);
  return (
    <span class="bar-line">
      <span class="bar" role="img" aria-label={`${label}: ${told.join(", ") || "none"}`}>
        {sum > 0 && parts.map(([name, n, kind]) => n > 0 && <i key={name} class={kind} style={{ flexGrow: n }} title={`${n} ${name}`} />)}
      </span>
      <span class="quiet">{told.join(", ") || "none"}</span>
    </span>
  );
}
