# Without a replacement the copy is simply waited for; once it is lost it is replaced.
> node node-1
> run
job "web" {
  group "app" {
    disconnect {
      lost_after = "5m"
      replace    = false
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
> node node-2
> pass 5s
> cut node-1
> pass 40s
> allocs web
web.app[0] v0 on node-1: wanted run, is unknown
> heal node-1
> pass 40s
> allocs web
web.app[0] v0 on node-1: wanted run, is running
> cut node-1
> pass 6m
> allocs web
web.app[0] v0 on node-1: wanted stop (alloc is lost since its node is down), is lost
web.app[0] v0 on node-2: wanted run, is running
