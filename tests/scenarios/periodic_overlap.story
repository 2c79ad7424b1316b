# With prohibit_overlap a time passes unused while an earlier instance runs.
> node node-1
> run
job "backup" {
  type = "batch"
  periodic {
    crons            = ["*/10 * * * *"]
    prohibit_overlap = true
  }
  group "g" {
    task "t" {
      driver = "raw_exec"
      config {
        command = "/sim/run"
        args    = ["25m", "0"]
      }
    }
  }
}
.
> pass 35m
> children backup
backup/periodic-1767226200 dead
0 pending, 0 running, 1 dead
> pass 10m
> children backup
backup/periodic-1767226200 dead
backup/periodic-1767228000 running
0 pending, 1 running, 1 dead
