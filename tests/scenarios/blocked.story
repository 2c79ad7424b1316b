# What does not fit waits, says what it lacks, and is placed when room comes.
> node node-1 memory=1000
> run
job "big" {
  group "g" {
    count = 3
    task "t" {
      driver = "raw_exec"
      config { command = "/sim/forever" }
      resources {
        cpu    = 100
        memory = 400
      }
    }
  }
}
.
> pass 5s
> allocs big
big.g[0] v0 on node-1: wanted run, is running
big.g[1] v0 on node-1: wanted run, is running
> evals big
job-register: complete
  g: 1 exhausted: memory
queued-allocs: blocked
  g: 1 exhausted: memory
> run
job "elsewhere" {
  datacenters = ["dc9"]
  group "g" {
    task "t" {
      driver = "docker"
      config { image = "x" }
    }
  }
}
.
> pass 2s
> evals elsewhere
job-register: complete
  g: no node was looked at
queued-allocs: blocked
  g: no node was looked at
> stop elsewhere
> pass 1s
> job elsewhere
service dead version 1, stopped
> evals elsewhere
job-register: complete
  g: no node was looked at
queued-allocs: canceled
  g: no node was looked at
job-deregister: complete
> node node-2 class=large
> pass 5s
> allocs big
big.g[0] v0 on node-1: wanted run, is running
big.g[1] v0 on node-1: wanted run, is running
big.g[2] v0 on node-2: wanted run, is running
> evals big
job-register: complete
  g: 1 exhausted: memory
queued-allocs: complete
deployment-watcher: complete
deployment-watcher: complete
