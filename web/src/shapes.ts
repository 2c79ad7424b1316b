// SPDX-License-Identifier: Apache-2.0
// What is read of the agent's answers; they have more.
export interface JobStub {
  ID: string;
  Name: string;
  Namespace: string;
  Type: string;
  Priority: number;
  Status: string;
  Stop: boolean;
  Periodic: boolean;
  ParameterizedJob: boolean;
  ParentID: string;
  SubmitTime: number;
  JobSummary?: { Summary: Record<string, GroupSummary> | null };
}
export interface GroupSummary {
  Queued: number;
  Complete: number;
  Failed: number;
  Running: number;
  Starting: number;
  Lost: number;
  Unknown: number;
}
export interface Job {
  ID: string;
  Name: string;
  Namespace: string;
  Type: string;
  Priority: number;
  Status: string;
  StatusDescription: string;
  Stop: boolean;
  Version: number;
  SubmitTime: number;
  Datacenters: string[] | null;
  NodePool: string;
  JobModifyIndex: number;
  ParentID: string;
  Periodic: object | null;
  ParameterizedJob: object | null;
  TaskGroups: Group[];
}
export interface Group {
  Name: string;
  Count: number;
  Scaling: { Min: number; Max: number } | null;
  Tasks: { Name: string; Driver: string }[];
}
export interface JobRestart {
  Status: string;
  StatusDescription: string;
  Allocations: { ID: string; Progress: string }[] | null;
}
export interface AllocStub {
  ID: string;
  Name: string;
  Namespace: string;
  JobID: string;
  JobVersion?: number;
  Job?: { Version: number; TaskGroups?: Group[] };
  TaskGroup: string;
  NodeID: string;
  NodeName: string;
  DesiredStatus: string;
  DesiredDescription: string;
  ClientStatus: string;
  ClientDescription: string;
  CreateTime: number;
  ModifyTime: number;
  DeploymentStatus: { Healthy: boolean | null; Canary: boolean } | null;
  TaskStates: Record<string, TaskState> | null;
  AllocatedResources?: Resources | null;
}
export interface TaskState {
  State: string;
  Failed: boolean;
  Restarts: number;
  StartedAt: string | null;
  FinishedAt: string | null;
  Events: TaskEvent[] | null;
}
export interface TaskEvent {
  Type: string;
  Time: number;
  DisplayMessage: string;
}
export interface Resources {
  Tasks: Record<string, { Cpu: { CpuShares: number }; Memory: { MemoryMB: number } }> | null;
}
export interface Port {
  Label: string;
  Value: number;
  To: number;
  HostIP: string;
}
export interface Allocation extends AllocStub {
  EvalID: string;
  PreviousAllocation: string;
  NextAllocation: string;
  AllocatedResources: (Resources & { Shared: { Ports: Port[] | null } }) | null;
}
export interface NodeStub {
  ID: string;
  Name: string;
  Datacenter: string;
  NodeClass: string;
  NodePool: string;
  Address: string;
  Version: string;
  Status: string;
  StatusDescription: string;
  SchedulingEligibility: string;
  Drain: boolean;
  NodeResources?: { Cpu: { CpuShares: number }; Memory: { MemoryMB: number } };
  Drivers: Record<string, { Detected: boolean; Healthy: boolean; HealthDescription: string }> | null;
}
export interface Node extends NodeStub {
  Attributes: Record<string, string> | null;
  Meta: Record<string, string> | null;
  DrainStrategy: { ForceDeadline: string | null } | null;
  Events: { Message: string; Subsystem: string; Timestamp: string }[] | null;
}
export interface Deployment {
  ID: string;
  Namespace: string;
  JobID: string;
  JobVersion: number;
  Status: string;
  StatusDescription: string;
  ModifyTime?: number;
  TaskGroups: Record<
    string,
    {
      DesiredTotal: number;
      DesiredCanaries: number;
      PlacedAllocs: number;
      HealthyAllocs: number;
      UnhealthyAllocs: number;
      Promoted: boolean;
      RequireProgressBy: string | null;
    }
  > | null;
}
export interface Evaluation {
  ID: string;
  Namespace: string;
  JobID: string;
  Type: string;
  Priority: number;
  TriggeredBy: string;
  Status: string;
  StatusDescription: string;
  NodeID: string;
  BlockedEval: string;
  CreateTime: number;
  ModifyTime: number;
  QueuedAllocations: Record<string, number> | null;
  FailedTGAllocs: Record<string, { NodesEvaluated: number; CoalescedFailures: number }> | null;
}
export interface Why {
  Status: string;
  TriggeredBy: string;
  JobID: string;
  Namespace: string;
  JobStopped: boolean;
  Groups: {
    Name: string;
    Count: number;
    Queued: number;
    Placed: { AllocID: string; Name: string; NodeName: string }[];
    Now: {
      Nodes: number;
      Fitting: number;
      Classes: { Class: string; Nodes: number; Fitting: number; Obstacles: Record<string, number> }[];
      Relaxations: { Text: string; Nodes: number; NodeName: string }[];
      QuotaExhausted: string[];
      WaitsFor: string[];
    };
  }[];
}
export interface Services {
  Namespace: string;
  Services: { ServiceName: string; Tags: string[] | null }[];
}
export interface Instance {
  ID: string;
  ServiceName: string;
  Namespace: string;
  NodeID: string;
  Address: string;
  Port: number;
  Tags: string[] | null;
  JobID: string;
  AllocID: string;
}
export interface Health {
  Node: { Node: string; Address: string };
  Service: { ID: string; Service: string; Address: string; Port: number; Tags: string[] | null };
  Checks: { CheckID: string; Name: string; Status: string; Output: string; ServiceID: string }[];
}
