# A parameterized job waits for its parameters; each dispatch makes a job.
> node node-1
> run
job "mail" {
  type = "batch"
  parameterized {
    payload       = "required"
    meta_required = ["to"]
    meta_optional = ["cc"]
  }
  group "g" {
    task "t" {
      driver = "raw_exec"
      config {
        command = "/sim/run"
        args    = ["1m", "0"]
      }
    }
  }
}
.
> job mail
> evals mail
> dispatch mail to=ann
> dispatch mail payload=hello
> dispatch mail payload=hello to=ann bcc=eve
> dispatch mail payload=hello to=ann
> dispatch mail payload=hello to=ann prefix=vip token=once
> dispatch mail payload=hello to=ann token=once
> pass 5s
> children mail
> force mail
> dispatch nothing
> stop mail
> dispatch mail payload=hello to=ann
> pass 5m
> children mail
