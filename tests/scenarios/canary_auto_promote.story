# Two canaries, promoted as soon as both are well; the rest follows one by one.
> node node-1
> run
job "api" {
  update {
    min_healthy_time  = "2s"
    healthy_deadline  = "20s"
    progress_deadline = "40s"
    health_check      = "task_states"
    canary            = 2
    max_parallel      = 1
    auto_promote      = true
  }
  group "app" {
    count = 4
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
    canary            = 2
    max_parallel      = 1
    auto_promote      = true
  }
  group "app" {
    count = 4
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
> deployment api
v0 successful: Deployment completed successfully
  app: 4 wanted, 4 placed, 4 healthy, 0 unhealthy
v1 running: Deployment is running pending automatic promotion
  app: 4 wanted, 2 placed, 0 healthy, 0 unhealthy, 2/2 canaries
> allocs api
api.app[0] v0 on node-1: wanted run, is running
api.app[0] v1 on node-1: wanted run, is running, a canary
api.app[1] v0 on node-1: wanted run, is running
api.app[1] v1 on node-1: wanted run, is running, a canary
api.app[2] v0 on node-1: wanted run, is running
api.app[3] v0 on node-1: wanted run, is running
> pass 5s
> deployment api
v0 successful: Deployment completed successfully
  app: 4 wanted, 4 placed, 4 healthy, 0 unhealthy
v1 running: Deployment is running
  app: 4 wanted, 4 placed, 3 healthy, 0 unhealthy, 2/2 canaries, promoted
> pass 15s
> deployment api
v0 successful: Deployment completed successfully
  app: 4 wanted, 4 placed, 4 healthy, 0 unhealthy
v1 successful: Deployment completed successfully
  app: 4 wanted, 4 placed, 4 healthy, 0 unhealthy, 2/2 canaries, promoted
> allocs api
api.app[0] v0 on node-1: wanted stop (alloc not needed due to job update), is complete
api.app[0] v1 on node-1: wanted run, is running
api.app[1] v0 on node-1: wanted stop (alloc not needed due to job update), is complete
api.app[1] v1 on node-1: wanted run, is running
api.app[2] v0 on node-1: wanted stop (alloc is being updated due to job update), is complete
api.app[2] v1 on node-1: wanted run, is running
api.app[3] v0 on node-1: wanted stop (alloc is being updated due to job update), is complete
api.app[3] v1 on node-1: wanted run, is running
# A newer version takes the canaries of the one before with it.
> run
job "api" {
  update {
    min_healthy_time  = "2s"
    healthy_deadline  = "20s"
    progress_deadline = "40s"
    health_check      = "task_states"
    canary            = 2
    max_parallel      = 1
    auto_promote      = true
  }
  group "app" {
    count = 4
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
      config { 
        command = "/sim/run"
        args    = ["500ms", "1"]
       }
      env { GENERATION = "3" }
    }
  }
}
.
> pass 2s
> run
job "api" {
  update {
    min_healthy_time  = "2s"
    healthy_deadline  = "20s"
    progress_deadline = "40s"
    health_check      = "task_states"
    canary            = 2
    max_parallel      = 1
    auto_promote      = true
  }
  group "app" {
    count = 4
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
      env { GENERATION = "4" }
    }
  }
}
.
> pass 1s
> deployment api
v0 successful: Deployment completed successfully
  app: 4 wanted, 4 placed, 4 healthy, 0 unhealthy
v1 successful: Deployment completed successfully
  app: 4 wanted, 4 placed, 4 healthy, 0 unhealthy, 2/2 canaries, promoted
v2 cancelled: Cancelled due to newer version of job
  app: 4 wanted, 2 placed, 0 healthy, 2 unhealthy, 2/2 canaries
v3 running: Deployment is running pending automatic promotion
  app: 4 wanted, 2 placed, 0 healthy, 0 unhealthy, 2/2 canaries
> pass 20s
> deployment api
v0 successful: Deployment completed successfully
  app: 4 wanted, 4 placed, 4 healthy, 0 unhealthy
v1 successful: Deployment completed successfully
  app: 4 wanted, 4 placed, 4 healthy, 0 unhealthy, 2/2 canaries, promoted
v2 cancelled: Cancelled due to newer version of job
  app: 4 wanted, 2 placed, 0 healthy, 2 unhealthy, 2/2 canaries
v3 successful: Deployment completed successfully
  app: 4 wanted, 4 placed, 4 healthy, 0 unhealthy, 2/2 canaries, promoted
