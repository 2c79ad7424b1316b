# In a system job canaries take the place of old copies, on a share of the nodes.
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
    canary            = 50
    max_parallel      = 2
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
> job agent
system running version 0, stable
> run
job "agent" {
  type = "system"
  update {
    min_healthy_time  = "2s"
    healthy_deadline  = "20s"
    progress_deadline = "40s"
    health_check      = "task_states"
    canary            = 50
    max_parallel      = 2
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
> pass 1s
> promote agent
1 error occurred:
	* Task group "g" has 0/2 healthy allocations
> pass 9s
> deployment agent
v0 successful: Deployment completed successfully
  g: 4 wanted, 4 placed, 4 healthy, 0 unhealthy
v1 running: Deployment is running but requires manual promotion
  g: 4 wanted, 2 placed, 2 healthy, 0 unhealthy, 2/2 canaries
> allocs agent
agent.g[0] v0 on node-1: wanted run, is running
agent.g[0] v0 on node-2: wanted run, is running
agent.g[0] v0 on node-3: wanted stop (alloc is being updated due to job update), is complete
agent.g[0] v0 on node-4: wanted stop (alloc is being updated due to job update), is complete
agent.g[0] v1 on node-3: wanted run, is running, a canary
agent.g[0] v1 on node-4: wanted run, is running, a canary
# A node that comes meanwhile waits, and one that loses its old copy gets it again.
> node node-5
> cut node-1
> pass 40s
> allocs agent
agent.g[0] v0 on node-1: wanted stop (alloc is lost since its node is down), is lost
agent.g[0] v0 on node-2: wanted run, is running
agent.g[0] v0 on node-3: wanted stop (alloc is being updated due to job update), is complete
agent.g[0] v0 on node-4: wanted stop (alloc is being updated due to job update), is complete
agent.g[0] v1 on node-3: wanted run, is running, a canary
agent.g[0] v1 on node-4: wanted run, is running, a canary
> heal node-1
> pass 40s
> allocs agent
agent.g[0] v0 on node-1: wanted stop (alloc is lost since its node is down), is lost
agent.g[0] v0 on node-2: wanted run, is running
agent.g[0] v0 on node-3: wanted stop (alloc is being updated due to job update), is complete
agent.g[0] v0 on node-4: wanted stop (alloc is being updated due to job update), is complete
agent.g[0] v1 on node-3: wanted run, is running, a canary
agent.g[0] v1 on node-4: wanted run, is running, a canary
agent.g[0] v0 on node-1: wanted run, is running
> deployment agent
v0 successful: Deployment completed successfully
  g: 4 wanted, 4 placed, 4 healthy, 0 unhealthy
v1 running: Deployment is running but requires manual promotion
  g: 5 wanted, 2 placed, 2 healthy, 0 unhealthy, 2/2 canaries
> promote agent
> pass 30s
> deployment agent
v0 successful: Deployment completed successfully
  g: 4 wanted, 4 placed, 4 healthy, 0 unhealthy
v1 successful: Deployment completed successfully
  g: 5 wanted, 5 placed, 5 healthy, 0 unhealthy, 2/2 canaries, promoted
> allocs agent
agent.g[0] v0 on node-1: wanted stop (alloc is lost since its node is down), is lost
agent.g[0] v0 on node-2: wanted stop (alloc is being updated due to job update), is complete
agent.g[0] v0 on node-3: wanted stop (alloc is being updated due to job update), is complete
agent.g[0] v0 on node-4: wanted stop (alloc is being updated due to job update), is complete
agent.g[0] v1 on node-3: wanted run, is running
agent.g[0] v1 on node-4: wanted run, is running
agent.g[0] v0 on node-1: wanted stop (alloc is being updated due to job update), is complete
agent.g[0] v1 on node-1: wanted run, is running
agent.g[0] v1 on node-2: wanted run, is running
agent.g[0] v1 on node-5: wanted run, is running
> job agent
system running version 1, stable
