# An important job takes the place of less important ones, when nothing else gives it room.
> node node-1 memory=1000
> node node-2 memory=1000
> run
job "low" {
  priority = 20
  group "g" {
    count = 2
    task "t" {
      driver = "raw_exec"
      config { command = "/sim/forever" }
      resources {
        cpu    = 100
        memory = 600
      }
    }
  }
}
.
> pass 5s
> allocs low
low.g[0] v0 on node-2: wanted run, is running
low.g[1] v0 on node-1: wanted run, is running

# Services may not unless operators let them; this one waits.
> run
job "high" {
  priority = 70
  group "g" {
    count = 1
    task "t" {
      driver = "raw_exec"
      config { command = "/sim/forever" }
      resources {
        cpu    = 100
        memory = 700
      }
    }
  }
}
.
> pass 2s
> allocs high
> evals high
job-register: complete
  g: 2 exhausted: memory
queued-allocs: blocked
  g: 2 exhausted: memory

# Now they may. Setting it asks nobody anew, so the job is submitted again.
> preempt system service
> run
job "high" {
  priority = 75
  group "g" {
    count = 1
    task "t" {
      driver = "raw_exec"
      config { command = "/sim/forever" }
      resources {
        cpu    = 100
        memory = 700
      }
    }
  }
}
.
> pass 10s
> allocs high
high.g[0] v1 on node-1: wanted run, is running
> evals high
job-register: complete
  g: 2 exhausted: memory
queued-allocs: canceled
  g: 2 exhausted: memory
job-register: complete
> allocs low
low.g[0] v0 on node-2: wanted run, is running
low.g[1] v0 on node-1: wanted evict (Preempted by high.g[0]), is complete
> evals low
job-register: complete
preemption: complete
  g: 2 exhausted: memory
queued-allocs: canceled
  g: 2 exhausted: memory
deployment-watcher: complete
  g: 2 exhausted: memory
queued-allocs: blocked
  g: 2 exhausted: memory

# System jobs may from the start: on node after node.
> run
job "agent" {
  priority = 90
  type     = "system"
  group "g" {
    count = 1
    task "t" {
      driver = "raw_exec"
      config { command = "/sim/forever" }
      resources {
        cpu    = 100
        memory = 500
      }
    }
  }
}
.
> pass 10s
> allocs agent
agent.g[0] v0 on node-1: wanted run, is running
agent.g[0] v0 on node-2: wanted run, is running
> allocs high
high.g[0] v1 on node-1: wanted evict (Preempted by agent.g[0]), is complete
> allocs low
low.g[0] v0 on node-2: wanted evict (Preempted by agent.g[0]), is complete
low.g[1] v0 on node-1: wanted evict (Preempted by high.g[0]), is complete
> evals low
job-register: complete
preemption: complete
  g: 2 exhausted: memory
queued-allocs: canceled
  g: 2 exhausted: memory
deployment-watcher: complete
  g: 2 exhausted: memory
queued-allocs: canceled
  g: 2 exhausted: memory
preemption: complete
  g: 2 exhausted: memory
queued-allocs: blocked
  g: 2 exhausted: memory

# What had to go comes back when there is room.
> node node-3 memory=2000
> pass 10s
> allocs high
high.g[0] v1 on node-1: wanted evict (Preempted by agent.g[0]), is complete
high.g[0] v1 on node-3: wanted run, is running
> allocs low
low.g[0] v0 on node-2: wanted evict (Preempted by agent.g[0]), is complete
low.g[0] v0 on node-3: wanted run, is running
low.g[1] v0 on node-1: wanted evict (Preempted by high.g[0]), is complete
> processes
t of agent.g[0] on node-1
t of agent.g[0] on node-2
t of agent.g[0] on node-3
t of high.g[0] on node-3
t of low.g[0] on node-3
