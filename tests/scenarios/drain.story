# A node is emptied one copy of a group at a time; batch work may finish until the deadline; system
# jobs go last.
> node node-1
> run
job "web" {
  group "app" {
    count = 3
    migrate {
      max_parallel     = 1
      min_healthy_time = "4s"
    }
    task "server" {
      driver = "raw_exec"
      config { command = "/sim/forever" }
    }
  }
}
.
> run
job "night" {
  type = "batch"
  group "g" {
    task "t" {
      driver = "raw_exec"
      config {
        command = "/sim/run"
        args    = ["600s", "0"]
      }
    }
  }
}
.
> run
job "agent" {
  type = "system"
  group "g" {
    task "t" {
      driver = "raw_exec"
      config { command = "/sim/forever" }
    }
  }
}
.
> pass 10s
> node node-2
> pass 2s
> drain node-1 60s
> pass 2s
> nodes
node-1 ready ineligible draining
node-2 ready
> allocs web
web.app[0] v0 on node-1: wanted run, is running
web.app[1] v0 on node-1: wanted stop (alloc is being migrated), is complete
web.app[1] v0 on node-2: wanted run, is running
web.app[2] v0 on node-1: wanted run, is running
> pass 30s
> allocs web
web.app[0] v0 on node-1: wanted stop (alloc is being migrated), is complete
web.app[0] v0 on node-2: wanted run, is running
web.app[1] v0 on node-1: wanted stop (alloc is being migrated), is complete
web.app[1] v0 on node-2: wanted run, is running
web.app[2] v0 on node-1: wanted stop (alloc is being migrated), is complete
web.app[2] v0 on node-2: wanted run, is running
> allocs night
night.g[0] v0 on node-1: wanted run, is running
> allocs agent
agent.g[0] v0 on node-1: wanted run, is running
agent.g[0] v0 on node-2: wanted run, is running
> pass 40s
> nodes
node-1 ready ineligible
node-2 ready
> allocs night
night.g[0] v0 on node-1: wanted stop (alloc is being migrated), is complete
night.g[0] v0 on node-2: wanted run, is running
> allocs agent
agent.g[0] v0 on node-1: wanted stop (alloc is being migrated), is complete
agent.g[0] v0 on node-2: wanted run, is running
