# A system job's new version goes from node to node as each is well; it can be paused, and failed.
> node node-1
> node node-2
> node node-3
> node node-4
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
    task "t" {
      driver = "raw_exec"
      config { command = "/sim/forever" }
      env { GENERATION = "1" }
    }
  }
}
.
> pass 10s
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
    task "t" {
      driver = "raw_exec"
      config { command = "/sim/forever" }
      env { GENERATION = "2" }
    }
  }
}
.
> pass 5s
> pause agent
> pass 60s
> deployment agent
v0 successful: Deployment completed successfully
  g: 4 wanted, 4 placed, 4 healthy, 0 unhealthy
v1 paused: Deployment is paused
  g: 4 wanted, 2 placed, 2 healthy, 0 unhealthy
> allocs agent
agent.g[0] v0 on node-1: wanted run, is running
agent.g[0] v0 on node-2: wanted run, is running
agent.g[0] v0 on node-3: wanted stop (alloc is being updated due to job update), is complete
agent.g[0] v0 on node-4: wanted stop (alloc is being updated due to job update), is complete
agent.g[0] v1 on node-4: wanted run, is running
agent.g[0] v1 on node-3: wanted run, is running
> resume agent
> pass 1s
> fail agent
> pass 60s
> deployment agent
v0 successful: Deployment completed successfully
  g: 4 wanted, 4 placed, 4 healthy, 0 unhealthy
v1 failed: Deployment marked as failed
  g: 4 wanted, 3 placed, 3 healthy, 0 unhealthy
> processes
t of agent.g[0] on node-1
t of agent.g[0] on node-2
t of agent.g[0] on node-3
t of agent.g[0] on node-4
> allocs agent
agent.g[0] v0 on node-1: wanted run, is running
agent.g[0] v0 on node-2: wanted stop (alloc is being updated due to job update), is complete
agent.g[0] v0 on node-3: wanted stop (alloc is being updated due to job update), is complete
agent.g[0] v0 on node-4: wanted stop (alloc is being updated due to job update), is complete
agent.g[0] v1 on node-4: wanted run, is running
agent.g[0] v1 on node-3: wanted run, is running
agent.g[0] v1 on node-2: wanted run, is running
