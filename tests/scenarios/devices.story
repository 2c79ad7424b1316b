# Each instance of a device is one allocation's, until its node says that this has ended.
> node node-1 device=nvidia/gpu/T4:2
> node node-2
> run
job "train" {
  group "g" {
    count = 3
    update {
      max_parallel = 0
    }
    task "t" {
      driver = "raw_exec"
      config { command = "/sim/stubborn" }
      env { GENERATION = "1" }
      kill_timeout = "5s"
      resources {
        cpu    = 10
        memory = 16
        device "nvidia/gpu" {}
      }
    }
  }
}
.
> pass 5s
> allocs train
train.g[0] v0 on node-1: wanted run, is running
train.g[1] v0 on node-1: wanted run, is running
> devices train
train.g[0] t: nvidia/gpu/T4 node-1-0
train.g[1] t: nvidia/gpu/T4 node-1-1
> evals train
job-register: complete
  g: 1 filtered by missing devices
  g: 1 exhausted: devices: no devices match request
queued-allocs: blocked
  g: 1 filtered by missing devices
  g: 1 exhausted: devices: no devices match request
# A new version gets the devices of the old one, when that has ended.
> run
job "train" {
  group "g" {
    count = 2
    update {
      max_parallel = 0
    }
    task "t" {
      driver = "raw_exec"
      config { command = "/sim/stubborn" }
      env { GENERATION = "2" }
      kill_timeout = "5s"
      resources {
        cpu    = 10
        memory = 16
        device "nvidia/gpu" {}
      }
    }
  }
}
.
> pass 2s
> allocs train
train.g[0] v0 on node-1: wanted stop (alloc is being updated due to job update), is running
train.g[0] v1 on node-1: wanted run, is pending
train.g[1] v0 on node-1: wanted stop (alloc is being updated due to job update), is running
train.g[1] v1 on node-1: wanted run, is pending
> pass 10s
> allocs train
train.g[0] v0 on node-1: wanted stop (alloc is being updated due to job update), is complete
train.g[0] v1 on node-1: wanted run, is running
train.g[1] v0 on node-1: wanted stop (alloc is being updated due to job update), is complete
train.g[1] v1 on node-1: wanted run, is running
> devices train
train.g[0] t: nvidia/gpu/T4 node-1-0
train.g[1] t: nvidia/gpu/T4 node-1-1
# Who waits for one gets it when the one before has ended, which takes a while here.
> run
job "other" {
  group "g" {
    count = 1
    update {
      max_parallel = 0
    }
    task "t" {
      driver = "raw_exec"
      config { command = "/sim/forever" }
      env { GENERATION = "1" }
      kill_timeout = "5s"
      resources {
        cpu    = 10
        memory = 16
        device "gpu" {}
      }
    }
  }
}
.
> pass 2s
> devices other
> stop train
> pass 2s
> devices other
> pass 10s
> allocs other
other.g[0] v0 on node-1: wanted run, is running
> devices other
other.g[0] t: nvidia/gpu/T4 node-1-1
> run
job "none" {
  group "g" {
    count = 1
    update {
      max_parallel = 0
    }
    task "t" {
      driver = "raw_exec"
      config { command = "/sim/forever" }
      env { GENERATION = "1" }
      kill_timeout = "5s"
      resources {
        cpu    = 10
        memory = 16
        device "amd/gpu" {}
      }
    }
  }
}
.
> pass 2s
> evals none
job-register: complete
  g: 2 filtered by missing devices
queued-allocs: blocked
  g: 2 filtered by missing devices
