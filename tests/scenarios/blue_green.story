# As many canaries as copies: the new version stands complete beside the old one.
> node node-1
> run
job "api" {
  update {
    min_healthy_time  = "2s"
    healthy_deadline  = "20s"
    progress_deadline = "40s"
    health_check      = "task_states"
    canary            = 3
    max_parallel      = 3
  }
  group "app" {
    count = 3
    restart {
      attempts = 0
      mode     = "fail"
    }
    reschedule {
      attempts  = 0
      unlimited = false
    }
    task "server" {
      driver = "raw_exec"
      config { command = "/sim/forever" }
      env { GENERATION = "1" }
    }
  }
}
.
> pass 10s
> run
job "api" {
  update {
    min_healthy_time  = "2s"
    healthy_deadline  = "20s"
    progress_deadline = "40s"
    health_check      = "task_states"
    canary            = 3
    max_parallel      = 3
  }
  group "app" {
    count = 3
    restart {
      attempts = 0
      mode     = "fail"
    }
    reschedule {
      attempts  = 0
      unlimited = false
    }
    task "server" {
      driver = "raw_exec"
      config { command = "/sim/forever" }
      env { GENERATION = "2" }
    }
  }
}
.
> pass 60s
> deployment api
v0 successful: Deployment completed successfully
  app: 3 wanted, 3 placed, 3 healthy, 0 unhealthy
v1 running: Deployment is running but requires manual promotion
  app: 3 wanted, 3 placed, 3 healthy, 0 unhealthy, 3/3 canaries
> allocs api
api.app[0] v0 on node-1: wanted run, is running
api.app[0] v1 on node-1: wanted run, is running, a canary
api.app[1] v0 on node-1: wanted run, is running
api.app[1] v1 on node-1: wanted run, is running, a canary
api.app[2] v0 on node-1: wanted run, is running
api.app[2] v1 on node-1: wanted run, is running, a canary
> promote api
> pass 5s
> deployment api
v0 successful: Deployment completed successfully
  app: 3 wanted, 3 placed, 3 healthy, 0 unhealthy
v1 successful: Deployment completed successfully
  app: 3 wanted, 3 placed, 3 healthy, 0 unhealthy, 3/3 canaries, promoted
> allocs api
api.app[0] v0 on node-1: wanted stop (alloc not needed due to job update), is complete
api.app[0] v1 on node-1: wanted run, is running
api.app[1] v0 on node-1: wanted stop (alloc not needed due to job update), is complete
api.app[1] v1 on node-1: wanted run, is running
api.app[2] v0 on node-1: wanted stop (alloc not needed due to job update), is complete
api.app[2] v1 on node-1: wanted run, is running
# Going back is a new rollout; giving it up leaves the old copies alone.
> run
job "api" {
  update {
    min_healthy_time  = "2s"
    healthy_deadline  = "20s"
    progress_deadline = "40s"
    health_check      = "task_states"
    canary            = 3
    max_parallel      = 3
  }
  group "app" {
    count = 3
    restart {
      attempts = 0
      mode     = "fail"
    }
    reschedule {
      attempts  = 0
      unlimited = false
    }
    task "server" {
      driver = "raw_exec"
      config { command = "/sim/forever" }
      env { GENERATION = "1" }
    }
  }
}
.
> pass 10s
> fail api
> pass 5s
> deployment api
v0 successful: Deployment completed successfully
  app: 3 wanted, 3 placed, 3 healthy, 0 unhealthy
v1 successful: Deployment completed successfully
  app: 3 wanted, 3 placed, 3 healthy, 0 unhealthy, 3/3 canaries, promoted
v2 failed: Deployment marked as failed
  app: 3 wanted, 3 placed, 3 healthy, 0 unhealthy, 3/3 canaries
> allocs api
api.app[0] v0 on node-1: wanted stop (alloc not needed due to job update), is complete
api.app[0] v1 on node-1: wanted run, is running
api.app[0] v2 on node-1: wanted stop (alloc not needed due to job update), is complete, a canary
api.app[1] v0 on node-1: wanted stop (alloc not needed due to job update), is complete
api.app[1] v1 on node-1: wanted run, is running
api.app[1] v2 on node-1: wanted stop (alloc not needed due to job update), is complete, a canary
api.app[2] v0 on node-1: wanted stop (alloc not needed due to job update), is complete
api.app[2] v1 on node-1: wanted run, is running
api.app[2] v2 on node-1: wanted stop (alloc not needed due to job update), is complete, a canary
