# A system job's canaries promote themselves when they are well, and when they are not, all is as before.
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
    canary            = 25
    max_parallel      = 2
    auto_revert       = true
    auto_promote      = true
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
> deployment agent
v0 successful: Deployment completed successfully
  g: 4 wanted, 4 placed, 4 healthy, 0 unhealthy
> run
job "agent" {
  type = "system"
  update {
    min_healthy_time  = "2s"
    healthy_deadline  = "20s"
    progress_deadline = "40s"
    health_check      = "task_states"
    canary            = 25
    max_parallel      = 2
    auto_revert       = true
    auto_promote      = true
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
> pass 30s
> deployment agent
v0 successful: Deployment completed successfully
  g: 4 wanted, 4 placed, 4 healthy, 0 unhealthy
v1 successful: Deployment completed successfully
  g: 4 wanted, 4 placed, 4 healthy, 0 unhealthy, 1/1 canaries, promoted
> allocs agent
agent.g[0] v0 on node-1: wanted stop (alloc is being updated due to job update), is complete
agent.g[0] v0 on node-2: wanted stop (alloc is being updated due to job update), is complete
agent.g[0] v0 on node-3: wanted stop (alloc is being updated due to job update), is complete
agent.g[0] v0 on node-4: wanted stop (alloc is being updated due to job update), is complete
agent.g[0] v1 on node-4: wanted run, is running
agent.g[0] v1 on node-2: wanted run, is running
agent.g[0] v1 on node-3: wanted run, is running
agent.g[0] v1 on node-1: wanted run, is running
> run
job "agent" {
  type = "system"
  update {
    min_healthy_time  = "2s"
    healthy_deadline  = "20s"
    progress_deadline = "40s"
    health_check      = "task_states"
    canary            = 25
    max_parallel      = 2
    auto_revert       = true
    auto_promote      = true
  }
  group "g" {
    restart {
      attempts = 0
      mode     = "fail"
    }
    task "t" {
      driver = "raw_exec"
      config {
        command = "/sim/run"
        args    = ["1s", "1"]
      }
    }
  }
}
.
> pass 90s
> deployment agent
v0 successful: Deployment completed successfully
  g: 4 wanted, 4 placed, 4 healthy, 0 unhealthy
v1 successful: Deployment completed successfully
  g: 4 wanted, 4 placed, 4 healthy, 0 unhealthy, 1/1 canaries, promoted
v2 failed: Failed due to progress deadline - rolling back to job version 1
  g: 4 wanted, 41 placed, 0 healthy, 40 unhealthy, 41/1 canaries
v3 successful: Deployment completed successfully
  g: 4 wanted, 4 placed, 4 healthy, 0 unhealthy
> job agent
system running version 3, stable
> processes
t of agent.g[0] on node-1
t of agent.g[0] on node-2
t of agent.g[0] on node-3
t of agent.g[0] on node-4
