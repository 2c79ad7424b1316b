# A machine is unplugged: its work moves, and when it comes back it keeps nothing that is not its
# own.
> node node-1
> node node-2
> run
job "web" {
  group "app" {
    count = 2
    constraint {
      operator = "distinct_hosts"
      value    = "true"
    }
    task "server" {
      driver = "raw_exec"
      config { command = "/sim/forever" }
    }
  }
}
.
> pass 5s
> allocs web
web.app[0] v0 on node-2: wanted run, is running
web.app[1] v0 on node-1: wanted run, is running
> cut node-2
> pass 60s
> nodes
node-1 ready
node-2 down
> allocs web
web.app[0] v0 on node-2: wanted stop (alloc is lost since its node is down), is lost
web.app[1] v0 on node-1: wanted run, is running
> node node-3
> pass 10s
> allocs web
web.app[0] v0 on node-2: wanted stop (alloc is lost since its node is down), is lost
web.app[0] v0 on node-3: wanted run, is running
web.app[1] v0 on node-1: wanted run, is running
> heal node-2
> pass 30s
> nodes
node-1 ready
node-2 ready
node-3 ready
> allocs web
web.app[0] v0 on node-2: wanted stop (alloc is lost since its node is down), is lost
web.app[0] v0 on node-3: wanted run, is running
web.app[1] v0 on node-1: wanted run, is running
