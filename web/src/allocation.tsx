// SPDX-License-Identifier: Apache-2.0
// One allocation: its tasks, what happened to them, and their logs as they are written.
import { useEffect, useRef, useState } from "preact/hooks";
import { ask, change, useLive, useMay } from "./api";
import { Deeds, type Deed } from "./deeds";
import { Ago, Facts, Problem, Shown, Status, Table, shortId } from "./parts";
import { allocLink, evalLink, jobLink, nodeLink } from "./router";
import type { Allocation, TaskEvent } from "./shapes";
import { Terminal } from "./terminal";

/// Older text is dropped: the whole log is a file of the node.
const logCharactersMax = 200_000;
const logBytesBefore = 20_000;

function Logs({ alloc, task }: { alloc: string; task: string }) {
  const [type, setType] = useState("stdout");
  const [text, setText] = useState("");
  const [error, setError] = useState<Error | undefined>();
  const box = useRef<HTMLPreElement>(null);
  const follows = useRef(true);
  useEffect(() => {
    const end = new AbortController();
    setText("");
    setError(undefined);
    const query = `task=${encodeURIComponent(task)}&type=${type}&follow=true&plain=true&origin=end&offset=${logBytesBefore}`;
    void (async () => {
      try {
        const answer = await ask(`/v1/client/fs/logs/${alloc}?${query}`, end.signal);
        const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
        for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
          const { value } = piece;
          setText((before) => (before + value).slice(-logCharactersMax));
        }
      } catch (failure) {
        if (!end.signal.aborted) setError(failure as Error);
      }
    })();
    return () => end.abort();
  }, [alloc, task, type]);
  useEffect(() => {
    if (follows.current && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [text]);
  const scrolled = () => {
    const { scrollTop, scrollHeight, clientHeight } = box.current!;
    follows.current = scrollHeight - scrollTop - clientHeight < 40;
  };
  return (
    <div class="logs">
      <div role="group" aria-label="Which log">
        {["stdout", "stderr"].map((name) => (
          <button type="button" key={name} aria-pressed={type === name} onClick={() => setType(name)}>
            {name}
          </button>
        ))}
      </div>
      {error && <Problem error={error} />}
      <pre ref={box} tabIndex={0} aria-label={`${type} of ${task}`} onScroll={scrolled}>
        {text || "Nothing was written yet."}
      </pre>
    </div>
  );
}

const eventColumns = [
  { name: "When", of: (event: TaskEvent) => <Ago at={event.Time} />, narrow: true },
  { name: "What", of: (event: TaskEvent) => event.Type },
  { name: "", of: (event: TaskEvent) => event.DisplayMessage },
];

const lifecycle = ["namespace:alloc-lifecycle"];
const terminals = ["namespace:alloc-exec", "namespace:alloc-node-exec"];

/// Tasks of raw_exec are not walled in: a terminal in one is a terminal on the node.
function opensTerminal(alloc: Allocation, task: string, may: ReadonlySet<string>): boolean {
  const group = alloc.Job?.TaskGroups?.find(({ Name }) => Name === alloc.TaskGroup);
  const driver = group?.Tasks.find(({ Name }) => Name === task)?.Driver;
  const runs = alloc.ClientStatus === "running" && alloc.TaskStates?.[task]?.State === "running";
  return runs && may.has(terminals[0]) && (driver !== "raw_exec" || may.has(terminals[1]));
}

function restart(alloc: Allocation, task: string): Deed {
  return {
    name: task ? `Restart ${task}` : "Restart",
    doing: "Restarting…",
    said: task ? `${task} was restarted.` : "What ran of it was restarted.",
    needs: lifecycle[0],
    work: () => change("PUT", `/v1/client/allocation/${alloc.ID}/restart`, task ? { TaskName: task } : {}),
  };
}

function AllocDeeds({ alloc, task, may }: { alloc: Allocation; task: string | undefined; may: boolean }) {
  if (!may || alloc.DesiredStatus !== "run" || !["running", "pending"].includes(alloc.ClientStatus)) return null;
  const states = Object.entries(alloc.TaskStates ?? {});
  const runs = task !== undefined && alloc.TaskStates?.[task]?.State === "running";
  const stop: Deed = {
    name: "Stop",
    doing: "Stopping…",
    said: "It stops, and another one is placed for it.",
    needs: lifecycle[0],
    severe: true,
    sure: {
      title: `Stop ${alloc.Name}?`,
      text: `It ends on ${alloc.NodeName}. Its job goes on: another allocation is placed in its stead, here or elsewhere.`,
      yes: "Stop it",
    },
    work: () => change("PUT", `/v1/allocation/${alloc.ID}/stop`),
  };
  return (
    <Deeds
      label="Allocation"
      of={[alloc.ClientStatus === "running" && restart(alloc, ""), states.length > 1 && runs && restart(alloc, task), stop]}
    />
  );
}

export function AllocationPage({ id }: { id: string }) {
  const live = useLive<Allocation>(`/v1/allocation/${id}`);
  const may = useMay(live.data?.Namespace ?? "", [...lifecycle, ...terminals]);
  const [chosen, setChosen] = useState("");
  return (
    <Shown live={live}>
      {(alloc) => {
        const tasks = Object.entries(alloc.TaskStates ?? {});
        const task = tasks.some(([name]) => name === chosen) ? chosen : tasks[0]?.[0];
        const ports = alloc.AllocatedResources?.Shared?.Ports ?? [];
        return (
          <>
            <h1>
              {alloc.Name} <code class="quiet">{shortId(alloc.ID)}</code>
            </h1>
            <Facts
              of={[
                ["Status", <Status of={alloc.ClientStatus} />],
                ["Wanted", alloc.DesiredStatus],
                ["Job", <a href={jobLink(alloc.JobID, alloc.Namespace)}>{alloc.JobID}</a>],
                ["Node", <a href={nodeLink(alloc.NodeID)}>{alloc.NodeName}</a>],
                ["Evaluation", <a href={evalLink(alloc.EvalID)}>{shortId(alloc.EvalID)}</a>],
                ["Placed", <Ago at={alloc.CreateTime} />],
                ...ports.map((p): [string, string] => [`Port ${p.Label}`, `${p.HostIP}:${p.Value}${p.To > 0 ? ` → ${p.To}` : ""}`]),
              ]}
            />
            <AllocDeeds alloc={alloc} task={task} may={may.has(lifecycle[0])} />
            {alloc.ClientDescription && <p class="quiet">{alloc.ClientDescription}</p>}
            {alloc.DesiredDescription && <p class="quiet">{alloc.DesiredDescription}</p>}
            <p>
              {alloc.PreviousAllocation && <a href={allocLink(alloc.PreviousAllocation)}>The one before</a>}{" "}
              {alloc.NextAllocation && <a href={allocLink(alloc.NextAllocation)}>The one after</a>}
            </p>
            <h2>Tasks</h2>
            {tasks.length === 0 && <p class="quiet">Its node has not said anything of it yet.</p>}
            <div class="tabs" role="group" aria-label="Tasks">
              {tasks.map(([name, state]) => (
                <button type="button" key={name} aria-pressed={name === task} onClick={() => setChosen(name)}>
                  {name} <Status of={state.Failed ? "failed" : state.State} />
                </button>
              ))}
            </div>
            {task && (
              <>
                <h3>Logs</h3>
                <Logs key={`${id}/${task}`} alloc={id} task={task} />
                {opensTerminal(alloc, task, may) && (
                  <>
                    <h3>Terminal</h3>
                    <Terminal key={`${id}/${task}`} alloc={id} task={task} />
                  </>
                )}
                <h3>Events</h3>
                <Table
                  rows={[...(alloc.TaskStates?.[task]?.Events ?? [])].reverse()}
                  columns={eventColumns}
                  keyOf={(event) => `${event.Time} ${event.Type}`}
                  label="Events"
                  empty="None."
                  search={false}
                />
              </>
            )}
          </>
        );
      }}
    </Shown>
  );
}
