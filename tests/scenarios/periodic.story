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
> evals report
> children report
> pass 21m
> children report
> force report
> pass 1s
> children report
# What is collected stays counted; a stopped parent launches nothing, and its children run on.
> stop report
> pass 30m
> job report
> children report
