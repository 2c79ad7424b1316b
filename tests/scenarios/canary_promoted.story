# One canary runs beside the old version, in front of which nothing changes until it is promoted.
> node node-1
> node node-2
> run
job "api" {
  update {
    min_healthy_time  = "2s"
    healthy_deadline  = "20s"
    progress_deadline = "40s"
    health_check      = "task_states"
    canary            = 1
    max_parallel      = 1
  }
  group "app" {
    count = 3
    service {
      provider    = "nomad"
      name        = "api"
      tags        = ["live"]
      canary_tags = ["canary"]
    }
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
> deployment api
v0 successful: Deployment completed successfully
  app: 3 wanted, 3 placed, 3 healthy, 0 unhealthy
> job api
service running version 0, stable
# The first version has nothing to stand beside.
> run
job "api" {
  update {
    min_healthy_time  = "2s"
    healthy_deadline  = "20s"
    progress_deadline = "40s"
    health_check      = "task_states"
    canary            = 1
    max_parallel      = 1
  }
  group "app" {
    count = 3
    service {
      provider    = "nomad"
      name        = "api"
      tags        = ["live"]
      canary_tags = ["canary"]
    }
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
> pass 1s
> promote api
1 error occurred:
	* Task group "app" has 0/1 healthy allocations
> pass 9s
> deployment api
v0 successful: Deployment completed successfully
  app: 3 wanted, 3 placed, 3 healthy, 0 unhealthy
v1 running: Deployment is running but requires manual promotion
  app: 3 wanted, 1 placed, 1 healthy, 0 unhealthy, 1/1 canaries
> allocs api
api.app[0] v0 on node-2: wanted run, is running
api.app[0] v1 on node-1: wanted run, is running, a canary
api.app[1] v0 on node-1: wanted run, is running
api.app[2] v0 on node-2: wanted run, is running
> services
api of api.app[0]: canary
api of api.app[0]: live
api of api.app[1]: live
api of api.app[2]: live
# Meanwhile a lost copy of the old version comes back as what it was.
> cut node-2
> pass 60s
> allocs api
api.app[0] v0 on node-2: wanted stop (alloc is lost since its node is down), is lost
api.app[0] v1 on node-1: wanted run, is running, a canary
api.app[0] v0 on node-1: wanted run, is running
api.app[1] v0 on node-1: wanted run, is running
api.app[2] v0 on node-2: wanted stop (alloc is lost since its node is down), is lost
api.app[2] v0 on node-1: wanted run, is running
> promote api
> pass 30s
> deployment api
v0 successful: Deployment completed successfully
  app: 3 wanted, 3 placed, 3 healthy, 0 unhealthy
v1 successful: Deployment completed successfully
  app: 3 wanted, 3 placed, 3 healthy, 0 unhealthy, 1/1 canaries, promoted
> allocs api
api.app[0] v0 on node-2: wanted stop (alloc is lost since its node is down), is lost
api.app[0] v1 on node-1: wanted run, is running
api.app[0] v0 on node-1: wanted stop (alloc not needed due to job update), is complete
api.app[1] v0 on node-1: wanted stop (alloc is being updated due to job update), is complete
api.app[1] v1 on node-1: wanted run, is running
api.app[2] v0 on node-2: wanted stop (alloc is lost since its node is down), is lost
api.app[2] v0 on node-1: wanted stop (alloc is being updated due to job update), is complete
api.app[2] v1 on node-1: wanted run, is running
> services
api of api.app[0]: live
api of api.app[1]: live
api of api.app[2]: live
> job api
service running version 1, stable
> promote api
can't promote terminal deployment
