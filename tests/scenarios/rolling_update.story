# A new version rolls out two at a time; a version that does not stay up stops the roll.
> node node-1
> run
job "api" {
  update {
    max_parallel     = 2
    min_healthy_time = "2s"
    healthy_deadline = "20s"
    progress_deadline = "40s"
    health_check     = "task_states"
  }
  group "app" {
    count = 4
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
  app: 4 wanted, 4 placed, 4 healthy, 0 unhealthy
> run
job "api" {
  update {
    max_parallel     = 2
    min_healthy_time = "2s"
    healthy_deadline = "20s"
    progress_deadline = "40s"
    health_check     = "task_states"
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
      env { GENERATION = "2" }
    }
  }
}
.
> pass 60s
> deployment api
v0 successful: Deployment completed successfully
  app: 4 wanted, 4 placed, 4 healthy, 0 unhealthy
v1 failed: Failed due to progress deadline
  app: 4 wanted, 2 placed, 0 healthy, 2 unhealthy
> allocs api
api.app[0] v0 on node-1: wanted stop (alloc is being updated due to job update), is complete
api.app[0] v1 on node-1: wanted run, is failed
api.app[1] v0 on node-1: wanted stop (alloc is being updated due to job update), is complete
api.app[1] v1 on node-1: wanted run, is failed
api.app[2] v0 on node-1: wanted run, is running
api.app[3] v0 on node-1: wanted run, is running
