# A canary whose node is lost comes back elsewhere once there is room, and still waits to be
# promoted.
> node node-1 cpu=250
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
    count = 2
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
> node node-2 cpu=100
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
    count = 2
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
> pass 10s
> allocs api
api.app[0] v0 on node-1: wanted run, is running
api.app[0] v1 on node-2: wanted run, is running, a canary
api.app[1] v0 on node-1: wanted run, is running
> cut node-2
> pass 40s
> allocs api
api.app[0] v0 on node-1: wanted run, is running
api.app[0] v1 on node-2: wanted stop (alloc is lost since its node is down), is lost, a canary
api.app[1] v0 on node-1: wanted run, is running
> promote api
1 error occurred:
	* Task group "app" has 0/1 healthy allocations
> evals api
job-register: complete
deployment-watcher: complete
deployment-watcher: complete
job-register: complete
deployment-watcher: complete
node-update: complete
  app: 1 exhausted: cpu
queued-allocs: blocked
  app: 1 exhausted: cpu
> node node-3
> pass 10s
> allocs api
api.app[0] v0 on node-1: wanted run, is running
api.app[0] v1 on node-2: wanted stop (alloc is lost since its node is down), is lost, a canary
api.app[0] v1 on node-3: wanted run, is running, a canary
api.app[1] v0 on node-1: wanted run, is running
> deployment api
v0 successful: Deployment completed successfully
  app: 2 wanted, 2 placed, 2 healthy, 0 unhealthy
v1 running: Deployment is running but requires manual promotion
  app: 2 wanted, 2 placed, 2 healthy, 0 unhealthy, 2/1 canaries
> promote api
> pass 20s
> deployment api
v0 successful: Deployment completed successfully
  app: 2 wanted, 2 placed, 2 healthy, 0 unhealthy
v1 successful: Deployment completed successfully
  app: 2 wanted, 3 placed, 3 healthy, 0 unhealthy, 2/1 canaries, promoted
> allocs api
api.app[0] v0 on node-1: wanted stop (alloc not needed due to job update), is complete
api.app[0] v1 on node-2: wanted stop (alloc is lost since its node is down), is lost
api.app[0] v1 on node-3: wanted run, is running
api.app[1] v0 on node-1: wanted stop (alloc is being updated due to job update), is complete
api.app[1] v1 on node-1: wanted run, is running
