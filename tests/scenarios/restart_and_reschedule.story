# A failing batch task is restarted where it is, then elsewhere, then given up.
> node node-1
> run
job "flaky" {
  type = "batch"
  group "g" {
    restart {
      attempts = 1
      interval = "1h"
      delay    = "1s"
      mode     = "fail"
    }
    reschedule {
      attempts       = 1
      interval       = "1h"
      delay          = "5s"
      delay_function = "constant"
      unlimited      = false
    }
    task "t" {
      driver = "raw_exec"
      config {
        command = "/sim/run"
        args    = ["1s", "3"]
      }
    }
  }
}
.
> pass 4s
> events flaky
flaky.g[0] t: Received: Task received by client
flaky.g[0] t: Task Setup: Building Task Directory
flaky.g[0] t: Started: Task started by client
flaky.g[0] t: Terminated: Exit Code: 3
flaky.g[0] t: Restarting: Task restarting in 1.236467192s
flaky.g[0] t: Started: Task started by client
flaky.g[0] t: Terminated: Exit Code: 3
flaky.g[0] t: Not Restarting: Exceeded allowed attempts 1 in interval 1h0m0s and mode is "fail"
> pass 30s
> allocs flaky
flaky.g[0] v0 on node-1: wanted stop (alloc was rescheduled because it failed), is failed
flaky.g[0] v0 on node-1: wanted run, is failed
> job flaky
batch dead version 0
