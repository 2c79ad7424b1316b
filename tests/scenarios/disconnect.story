# A node that is not heard from keeps its allocations for a while, as unknown; another one takes
# their place, and when the node comes back one of both goes.
> node node-1
> run
job "web" {
  group "app" {
    disconnect {
      lost_after = "5m"
      reconcile  = "keep_original"
    }
    update {
      max_parallel = 0
    }
    task "t" {
      driver = "raw_exec"
      config { command = "/sim/forever" }
    }
  }
}
.
> pass 5s
> allocs web
web.app[0] v0 on node-1: wanted run, is running
> node node-2
> pass 5s
> cut node-1
> pass 40s
> nodes
node-1 disconnected
node-2 ready
> allocs web
web.app[0] v0 on node-1: wanted run, is unknown
web.app[0] v0 on node-2: wanted run, is running
> evals web
job-register: complete
node-update: complete
max-disconnect-timeout: pending
> heal node-1
> pass 40s
> nodes
node-1 ready
node-2 ready
> allocs web
web.app[0] v0 on node-1: wanted run, is running
web.app[0] v0 on node-2: wanted stop (alloc not needed due to disconnected client reconnect), is complete
# Not heard from for too long, it is lost, and its replacement stays.
> cut node-1
> pass 40s
> allocs web
web.app[0] v0 on node-1: wanted run, is unknown
web.app[0] v0 on node-2: wanted stop (alloc not needed due to disconnected client reconnect), is complete
web.app[0] v0 on node-2: wanted run, is running
> pass 6m
> allocs web
web.app[0] v0 on node-1: wanted stop (alloc is lost since its node is down), is lost
web.app[0] v0 on node-2: wanted stop (alloc not needed due to disconnected client reconnect), is complete
web.app[0] v0 on node-2: wanted run, is running
> heal node-1
> pass 40s
> allocs web
web.app[0] v0 on node-1: wanted stop (alloc is lost since its node is down), is lost
web.app[0] v0 on node-2: wanted stop (alloc not needed due to disconnected client reconnect), is complete
web.app[0] v0 on node-2: wanted run, is running
