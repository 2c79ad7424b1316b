# What runs for as long as it may ends as a failure, on its node and everywhere: nobody starts it again.
> node node-1
> node node-2
> run
job "report" {
  type = "batch"
  group "g" {
    max_run_duration = "30s"
    reschedule {
      attempts  = 3
      interval  = "1h"
      delay     = "5s"
      unlimited = false
    }
    task "quick" {
      driver = "raw_exec"
      config {
        command = "/sim/run"
        args    = ["5s", "0"]
      }
    }
    task "slow" {
      driver = "raw_exec"
      config {
        command = "/sim/forever"
      }
    }
  }
}
.
> pass 20s
> allocs report
report.g[0] v0 on node-2: wanted run, is running
> run
job "report" {
  type = "batch"
  group "g" {
    max_run_duration = "1m"
    reschedule {
      attempts  = 3
      interval  = "1h"
      delay     = "5s"
      unlimited = false
    }
    task "quick" {
      driver = "raw_exec"
      config {
        command = "/sim/run"
        args    = ["5s", "0"]
      }
    }
    task "slow" {
      driver = "raw_exec"
      config {
        command = "/sim/forever"
      }
    }
  }
}
.
> pass 25s
> allocs report
report.g[0] v1 on node-2: wanted run, is running
> pass 20s
> allocs report
report.g[0] v1 on node-2: wanted run, is failed
> events report
report.g[0] quick: Received: Task received by client
report.g[0] quick: Task Setup: Building Task Directory
report.g[0] quick: Started: Task started by client
report.g[0] quick: Terminated: Exit Code: 0
report.g[0] slow: Received: Task received by client
report.g[0] slow: Task Setup: Building Task Directory
report.g[0] slow: Started: Task started by client
report.g[0] slow: Max Run Duration Exceeded: The group ran for its max_run_duration of 1m0s
report.g[0] slow: Killing: Sent interrupt. Waiting 5s before force killing
report.g[0] slow: Terminated: Exit Code: 0, Signal: 2
report.g[0] slow: Killed: Task successfully killed
> pass 10m
> allocs report
report.g[0] v1 on node-2: wanted run, is failed
> job report
batch dead version 1
> processes
