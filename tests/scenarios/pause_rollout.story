# A paused rollout replaces nothing and does not fail; health may be said by hand.
> node node-1
> run
job "api" {
  update {
    min_healthy_time  = "2s"
    healthy_deadline  = "20s"
    progress_deadline = "40s"
    health_check      = "manual"
    max_parallel      = 1
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
> pass 5s
> deployment api
v0 running: Deployment is running
  app: 3 wanted, 3 placed, 0 healthy, 0 unhealthy
> well api
> pass 2s
> deployment api
v0 successful: Deployment completed successfully
  app: 3 wanted, 3 placed, 3 healthy, 0 unhealthy
> run
job "api" {
  update {
    min_healthy_time  = "2s"
    healthy_deadline  = "20s"
    progress_deadline = "40s"
    health_check      = "manual"
    max_parallel      = 1
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
> pass 2s
> pause api
> well api
> pass 120s
> deployment api
v0 successful: Deployment completed successfully
  app: 3 wanted, 3 placed, 3 healthy, 0 unhealthy
v1 paused: Deployment is paused
  app: 3 wanted, 1 placed, 1 healthy, 0 unhealthy
> allocs api
api.app[0] v0 on node-1: wanted stop (alloc is being updated due to job update), is complete
api.app[0] v1 on node-1: wanted run, is running
api.app[1] v0 on node-1: wanted run, is running
api.app[2] v0 on node-1: wanted run, is running
> resume api
> pass 2s
> deployment api
v0 successful: Deployment completed successfully
  app: 3 wanted, 3 placed, 3 healthy, 0 unhealthy
v1 running: Deployment is running
  app: 3 wanted, 2 placed, 1 healthy, 0 unhealthy
> unwell api
> pass 1s
> deployment api
v0 successful: Deployment completed successfully
  app: 3 wanted, 3 placed, 3 healthy, 0 unhealthy
v1 failed: Failed due to unhealthy allocations
  app: 3 wanted, 2 placed, 0 healthy, 2 unhealthy
> resume api
can't resume terminal deployment
> well api
can't set health of allocations for a terminal deployment
