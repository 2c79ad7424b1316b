# S1-11: four instances on distinct hosts find three machines; the fourth waits, says why, and is
# placed when a machine comes.
> node node-1
> node node-2
> node node-3
> run
job "crate" {
  constraint {
    operator = "distinct_hosts"
    value    = "true"
  }
  group "db" {
    count = 4
    task "crate" {
      driver = "raw_exec"
      config { command = "/sim/forever" }
    }
  }
}
.
> pass 5s
> allocs crate
crate.db[0] v0 on node-3: wanted run, is running
crate.db[1] v0 on node-1: wanted run, is running
crate.db[2] v0 on node-2: wanted run, is running
> evals crate
job-register: complete
  db: 3 filtered by distinct_hosts
queued-allocs: blocked
  db: 3 filtered by distinct_hosts
> node node-4
> pass 5s
> allocs crate
crate.db[0] v0 on node-3: wanted run, is running
crate.db[1] v0 on node-1: wanted run, is running
crate.db[2] v0 on node-2: wanted run, is running
crate.db[3] v0 on node-4: wanted run, is running
> evals crate
job-register: complete
  db: 3 filtered by distinct_hosts
queued-allocs: complete
