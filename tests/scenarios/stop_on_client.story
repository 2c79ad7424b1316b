# The node ends by itself what must not run twice, and the servers wait for as long before they
# place it anew.
> node node-1
> run
job "db" {
  group "app" {
    disconnect {
      stop_on_client_after = "1m"
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
> nodes
node-1 down
node-2 ready
> processes
t of db.app[0] on node-1
> pass 25s
> processes
> allocs db
db.app[0] v0 on node-1: wanted run, is running
> pass 35s
> processes
t of db.app[0] on node-2
> allocs db
db.app[0] v0 on node-1: wanted stop (alloc is lost since its node is down), is lost
db.app[0] v0 on node-2: wanted run, is running
> heal node-1
> pass 60s
> allocs db
db.app[0] v0 on node-1: wanted stop (alloc is lost since its node is down), is lost
db.app[0] v0 on node-2: wanted run, is running
> run
job "both" {
  group "app" {
    disconnect {
      lost_after           = "1m"
      stop_on_client_after = "1m"
    }
    task "t" {
      driver = "raw_exec"
      config { command = "/sim/forever" }
    }
  }
}
.
1 error occurred:
	* Job.TaskGroups[0].Disconnect.LostAfter and StopOnClientAfter exclude each other
