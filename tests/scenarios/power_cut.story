# A machine that comes back begins nothing again before the servers say what is still wanted: its
# work may have moved meanwhile.
> node node-1
> run
job "db" {
  group "app" {
    task "server" {
      driver = "raw_exec"
      config { command = "/sim/forever" }
    }
  }
}
.
> pass 5s
> processes
server of db.app[0] on node-1
> crash node-1
> processes
> node node-2
> pass 30s
> processes
server of db.app[0] on node-2
> allocs db
db.app[0] v0 on node-1: wanted stop (alloc is lost since its node is down), is lost
db.app[0] v0 on node-2: wanted run, is running
# It does not hear the servers yet.
> cut node-1
> boot node-1
> pass 30s
> processes
server of db.app[0] on node-2
> heal node-1
> pass 30s
> nodes
node-1 ready
node-2 ready
> processes
server of db.app[0] on node-2
> allocs db
db.app[0] v0 on node-1: wanted stop (alloc is lost since its node is down), is lost
db.app[0] v0 on node-2: wanted run, is running
# Here nobody has taken over: it runs again, in the same allocation.
> crash node-2
> pass 5s
> boot node-2
> pass 10s
> processes
server of db.app[0] on node-2
> allocs db
db.app[0] v0 on node-1: wanted stop (alloc is lost since its node is down), is lost
db.app[0] v0 on node-2: wanted run, is running
