# A canary that does not stay up fails the rollout, and the job goes back to what was stable.
> node node-1
> run
job "api" {
  update {
    min_healthy_time  = "2s"
    healthy_deadline  = "20s"
    progress_deadline = "40s"
    health_check      = "task_states"
    canary            = 1
    max_parallel      = 2
    auto_revert       = true
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
    canary            = 1
    max_parallel      = 2
    auto_revert       = true
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
      config { 
        command = "/sim/run"
        args    = ["500ms", "1"]
       }
      env { GENERATION = "2" }
    }
  }
}
.
> pass 10s
> deployment api
v0 successful: Deployment completed successfully
  app: 3 wanted, 3 placed, 3 healthy, 0 unhealthy
v1 running: Deployment is running but requires manual promotion
  app: 3 wanted, 1 placed, 0 healthy, 1 unhealthy, 1/1 canaries
> promote api
1 error occurred:
	* Task group "app" has 0/1 healthy allocations
> pass 50s
> deployment api
v0 successful: Deployment completed successfully
  app: 3 wanted, 3 placed, 3 healthy, 0 unhealthy
v1 failed: Failed due to progress deadline - rolling back to job version 0
  app: 3 wanted, 1 placed, 0 healthy, 1 unhealthy, 1/1 canaries
v2 successful: Deployment completed successfully
  app: 3 wanted, 3 placed, 3 healthy, 0 unhealthy
> allocs api
api.app[0] v2 on node-1: wanted run, is running
api.app[0] v1 on node-1: wanted run, is failed, a canary
api.app[1] v2 on node-1: wanted run, is running
api.app[2] v2 on node-1: wanted run, is running
> job api
service running version 2, stable
# What is unhealthy by word fails at once; an unchanged specification is not submitted again.
> run
job "api" {
  update {
    min_healthy_time  = "2s"
    healthy_deadline  = "20s"
    progress_deadline = "40s"
    health_check      = "task_states"
    canary            = 1
    max_parallel      = 2
    auto_revert       = true
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
      config { 
        command = "/sim/run"
        args    = ["500ms", "1"]
       }
      env { GENERATION = "3" }
    }
  }
}
.
> pass 5s
> fail api
> pass 20s
> deployment api
v0 successful: Deployment completed successfully
  app: 3 wanted, 3 placed, 3 healthy, 0 unhealthy
v1 failed: Failed due to progress deadline - rolling back to job version 0
  app: 3 wanted, 1 placed, 0 healthy, 1 unhealthy, 1/1 canaries
v2 successful: Deployment completed successfully
  app: 3 wanted, 3 placed, 3 healthy, 0 unhealthy
v3 failed: Deployment marked as failed - rolling back to job version 2
  app: 3 wanted, 1 placed, 0 healthy, 1 unhealthy, 1/1 canaries
v4 successful: Deployment completed successfully
  app: 3 wanted, 3 placed, 3 healthy, 0 unhealthy
> job api
service running version 4, stable
