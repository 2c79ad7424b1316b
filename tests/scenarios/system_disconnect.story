# A system job waits for a silent node: what runs there is unknown, not lost, and nothing is done.
> node node-1
> node node-2
> run
job "agent" {
  type = "system"
  update {
    min_healthy_time  = "2s"
    healthy_deadline  = "20s"
    progress_deadline = "40s"
    health_check      = "task_states"
    max_parallel      = 1
  }
  group "g" {
    restart {
      attempts = 0
      mode     = "fail"
    }
    disconnect {
      lost_after = "5m"
    }
    task "t" {
      driver = "raw_exec"
      config { command = "/sim/forever" }
      env { GENERATION = "1" }
    }
  }
}
.
> pass 10s
> cut node-1
> pass 60s
> nodes
node-1 disconnected
node-2 ready
> allocs agent
agent.g[0] v0 on node-1: wanted run, is unknown
agent.g[0] v0 on node-2: wanted run, is running
> evals agent
job-register: complete
deployment-watcher: complete
deployment-watcher: complete
node-update: complete
max-disconnect-timeout: pending
# A new version passes it by, and finds it when it is back.
> run
job "agent" {
  type = "system"
  update {
    min_healthy_time  = "2s"
    healthy_deadline  = "20s"
    progress_deadline = "40s"
    health_check      = "task_states"
    max_parallel      = 1
  }
  group "g" {
    restart {
      attempts = 0
      mode     = "fail"
    }
    disconnect {
      lost_after = "5m"
    }
    task "t" {
      driver = "raw_exec"
      config { command = "/sim/forever" }
      env { GENERATION = "2" }
    }
  }
}
.
> pass 20s
> allocs agent
agent.g[0] v0 on node-1: wanted run, is unknown
agent.g[0] v0 on node-2: wanted stop (alloc is being updated due to job update), is complete
agent.g[0] v1 on node-2: wanted run, is running
> deployment agent
v0 successful: Deployment completed successfully
  g: 2 wanted, 2 placed, 2 healthy, 0 unhealthy
v1 successful: Deployment completed successfully
  g: 1 wanted, 1 placed, 1 healthy, 0 unhealthy
> heal node-1
> pass 60s
> nodes
node-1 ready
node-2 ready
> allocs agent
agent.g[0] v0 on node-1: wanted stop (alloc is being updated due to job update), is complete
agent.g[0] v0 on node-2: wanted stop (alloc is being updated due to job update), is complete
agent.g[0] v1 on node-2: wanted run, is running
agent.g[0] v1 on node-1: wanted run, is running
> processes
t of agent.g[0] on node-1
t of agent.g[0] on node-2
# Not heard from for too long, it is given up, and begins anew when it comes back.
> cut node-2
> pass 6m
> allocs agent
agent.g[0] v0 on node-1: wanted stop (alloc is being updated due to job update), is complete
agent.g[0] v0 on node-2: wanted stop (alloc is being updated due to job update), is complete
agent.g[0] v1 on node-2: wanted stop (alloc is lost since its node is down), is lost
agent.g[0] v1 on node-1: wanted run, is running
> heal node-2
> pass 60s
> allocs agent
agent.g[0] v0 on node-1: wanted stop (alloc is being updated due to job update), is complete
agent.g[0] v0 on node-2: wanted stop (alloc is being updated due to job update), is complete
agent.g[0] v1 on node-2: wanted stop (alloc is lost since its node is down), is lost
agent.g[0] v1 on node-1: wanted run, is running
agent.g[0] v1 on node-2: wanted run, is running
> processes
t of agent.g[0] on node-1
t of agent.g[0] on node-2
