# A periodic job runs nothing itself: at each of its times it makes a job that does.
> node node-1
> run
job "report" {
  type = "batch"
  periodic {
    crons = ["*/10 * * * *", "5 1 * * *"]
  }
  group "g" {
    task "t" {
      driver = "raw_exec"
      config {
        command = "/sim/run"
        args    = ["2m", "0"]
      }
    }
  }
}
.
> job report
batch running version 0
> evals report
> children report
0 pending, 0 running, 0 dead
> pass 21m
> children report
report/periodic-1767226200 dead
report/periodic-1767226800 running
0 pending, 1 running, 1 dead
> force report
report/periodic-1767226860
> pass 1s
> children report
report/periodic-1767226200 dead
report/periodic-1767226800 running
report/periodic-1767226860 running
0 pending, 2 running, 1 dead
# A stopped parent launches nothing, and its children run on.
> stop report
> pass 30m
> job report
batch dead version 1, stopped
> children report
report/periodic-1767226200 dead
report/periodic-1767226800 dead
report/periodic-1767226860 dead
0 pending, 0 running, 3 dead
