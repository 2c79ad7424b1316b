# S1-13: a sysbatch job runs once on each machine; a new machine runs it too, the others not again.
> node node-1
> node node-2
> run
job "sysctl" {
  type = "sysbatch"
  group "g" {
    task "set" {
      driver = "raw_exec"
      config {
        command = "/sim/run"
        args    = ["1s", "0"]
      }
    }
  }
}
.
> pass 5s
> job sysctl
sysbatch dead version 0
> allocs sysctl
sysctl.g[0] v0 on node-1: wanted run, is complete
sysctl.g[0] v0 on node-2: wanted run, is complete
> node node-3
> pass 5s
> allocs sysctl
sysctl.g[0] v0 on node-1: wanted run, is complete
sysctl.g[0] v0 on node-2: wanted run, is complete
sysctl.g[0] v0 on node-3: wanted run, is complete
> job sysctl
sysbatch dead version 0
