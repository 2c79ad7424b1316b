// SPDX-License-Identifier: Apache-2.0
// What somebody does here: buttons that say what is under way until the agent has answered, ask
// before what is hard to undo, and show a refusal where it was asked for.
import { useEffect, useRef, useState } from "preact/hooks";
import type { ComponentChildren } from "preact";
import { Refusal, forgetMay, token } from "./api";
import { base } from "./router";

export interface Deed {
  name: string;
  /// While it is under way.
  doing: string;
  /// Once the agent has answered: what comes of it shows by itself.
  said: string;
  work: () => Promise<unknown>;
  /// As a policy names it.
  needs: string;
  /// Asks before.
  sure?: { title: string; text: ComponentChildren; yes: string };
  /// What to do when it is refused for a reason that is no right.
  advice?: string;
  severe?: boolean;
}

/// Why something was not done, in full, and what to do about it.
function Refused({ error, deed }: { error: Error; deed: Deed }) {
  const status = error instanceof Refusal ? error.status : 0;
  const advice = deed.advice ? ` ${deed.advice}` : "";
  const message = error.message.trim().replace(/\.$/, "");
  return (
    <p class="problem" role="alert">
      {status === 403 ? (
        <>
          {token() ? "This token may not do this" : "Nobody may do this without a token"}: “{deed.name}” needs {deed.needs}. The
          agent said: {message}. <a href={`${base}/settings/tokens`}>Sign in with {token() ? "another one" : "one"}</a>
        </>
      ) : status >= 500 ? (
        `${status}: ${message}. See what became of it before you try again.${advice}`
      ) : status ? (
        `“${deed.name}” was refused (${status}): ${message}.${advice}`
      ) : (
        `The agent did not answer, so nobody knows whether “${deed.name}” was done. See what became of it before you try again.`
      )}
    </p>
  );
}

/// After that the page shows it, or will.
const saidMs = 10_000;
type Doing = { deed: Deed; error?: Error; done?: boolean };

/// What is under way of a group of deeds, or came of the last one.
export function useDoing() {
  const [doing, setDoing] = useState<Doing | undefined>();
  const busy = doing !== undefined && !doing.error && !doing.done;
  useEffect(() => {
    if (!doing?.done) return;
    const timer = setTimeout(() => setDoing(undefined), saidMs);
    return () => clearTimeout(timer);
  }, [doing]);
  const begin = async (deed: Deed) => {
    if (busy) return;
    setDoing({ deed });
    try {
      await deed.work();
      setDoing({ deed, done: true });
    } catch (error) {
      if (error instanceof Refusal && error.status === 403) forgetMay();
      setDoing({ deed, error: error as Error });
    }
  };
  const outcome = (
    <div class="outcome" role="status">
      {doing?.error && <Refused error={doing.error} deed={doing.deed} />}
      {doing?.done && <p class="quiet">{doing.deed.said}</p>}
    </div>
  );
  return { doing: busy ? doing.deed.name : undefined, begin, outcome };
}

/// Asks whether it is meant. Escape and the first button leave everything as it is.
function Question({ deed, close, yes }: { deed: Deed; close: () => void; yes: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const { title, text, yes: word } = deed.sure!;
  return (
    <dialog ref={dialog} aria-labelledby="question" onClose={close}>
      <h2 id="question">{title}</h2>
      <p>{text}</p>
      <div class="deeds end">
        <button type="button" onClick={() => dialog.current!.close()}>
          Cancel
        </button>
        <button
          type="button"
          class={deed.severe ? "severe" : "main"}
          onClick={() => {
            dialog.current!.close();
            yes();
          }}
        >
          {word}
        </button>
      </div>
    </dialog>
  );
}

/// A button that goes when its deed is done leaves the focus to its row, not to the whole page.
function useFocusKept() {
  const row = useRef<HTMLDivElement>(null);
  const had = useRef(false);
  useEffect(() => {
    if (had.current && document.activeElement === document.body) row.current?.focus({ preventScroll: true });
  });
  return {
    ref: row,
    tabIndex: -1,
    onFocusIn: () => (had.current = true),
    onFocusOut: (event: FocusEvent) =>
      queueMicrotask(() => {
        if ((event.target as Element).isConnected && !row.current?.contains(document.activeElement)) had.current = false;
      }),
  };
}

/// Buttons in a row; none when there is nothing that may be done.
export function Deeds({ of, label }: { of: (Deed | false | undefined)[]; label: string }) {
  const { doing, begin, outcome } = useDoing();
  const [asked, setAsked] = useState<Deed | undefined>();
  const keep = useFocusKept();
  return (
    <div class="doing" {...keep}>
      {of.some((deed) => deed) && (
        <div class="deeds" role="group" aria-label={label}>
          {/* What may not be done leaves a gap, so that no other one is moved and loses the focus. */}
          {of.map(
            (deed) =>
              deed && (
                <button
                  type="button"
                  key={deed.name}
                  class={deed.severe ? "severe" : undefined}
                  aria-disabled={doing !== undefined}
                  aria-busy={doing === deed.name}
                  onClick={() => doing === undefined && (deed.sure ? setAsked(deed) : void begin(deed))}
                >
                  {doing === deed.name ? deed.doing : deed.name}
                </button>
              ),
          )}
        </div>
      )}
      {asked && <Question deed={asked} close={() => setAsked(undefined)} yes={() => void begin(asked)} />}
      {outcome}
    </div>
  );
}

/// How many copies of a group are wanted; less and more are tried out here first.
export function Count(props: { of: string; count: number; min: number; max?: number; advice?: string; scale: (count: number) => Promise<unknown> }) {
  const { of, count, min, max, advice, scale } = props;
  const { doing, begin, outcome } = useDoing();
  const [wanted, setWanted] = useState(String(count));
  useEffect(() => setWanted(String(count)), [count]);
  const number = /^\d+$/.test(wanted) ? Number(wanted) : NaN;
  const fits = number >= min && (max === undefined || number <= max);
  const range = max === undefined ? `${min} or more` : `${min} to ${max}`;
  const step = (by: number) => setWanted(String(Math.min(max ?? Infinity, Math.max(min, (Number.isNaN(number) ? count : number) + by))));
  const submit = (event: Event) => {
    event.preventDefault();
    if (!fits || number === count) return;
    const name = `Scale to ${number}`;
    void begin({ name, doing: "Scaling…", said: `${of} is to have ${number}.`, needs: "namespace:scale-job", advice, work: () => scale(number) });
  };
  return (
    <div class="doing">
      <form class="deeds count" onSubmit={submit}>
        <button type="button" aria-label={`Fewer of ${of}`} aria-disabled={doing !== undefined || number <= min} onClick={() => step(-1)}>
          −
        </button>
        <input
          inputMode="numeric"
          autocomplete="off"
          aria-label={`Copies of ${of}`}
          aria-invalid={!fits}
          value={wanted}
          onInput={(event) => setWanted(event.currentTarget.value.trim())}
        />
        <button type="button" aria-label={`More of ${of}`} aria-disabled={doing !== undefined || number >= (max ?? Infinity)} onClick={() => step(1)}>
          +
        </button>
        {(doing || (fits && number !== count)) && (
          <button type="submit" class="main" aria-disabled={doing !== undefined} aria-busy={doing !== undefined}>
            {doing ? "Scaling…" : `Scale to ${number}`}
          </button>
        )}
        {(!fits || max !== undefined) && <span class={fits ? "quiet" : "wrong"}>{range}</span>}
      </form>
      {outcome}
    </div>
  );
}
