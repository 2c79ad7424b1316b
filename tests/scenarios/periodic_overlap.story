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
> pass 10m
> children backup
