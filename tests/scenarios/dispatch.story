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
batch running version 0
> evals mail
> dispatch mail to=ann
Payload is not provided but required by parameterized job
> dispatch mail payload=hello
Dispatch did not provide required meta keys: [to]
> dispatch mail payload=hello to=ann bcc=eve
Dispatch request included unpermitted metadata keys: [bcc]
> dispatch mail payload=hello to=ann
mail/dispatch-1767225600-83db23a7
> dispatch mail payload=hello to=ann prefix=vip token=once
mail/dispatch-vip-1767225600-08d4c695
> dispatch mail payload=hello to=ann token=once
mail/dispatch-vip-1767225600-08d4c695
> pass 5s
> children mail
mail/dispatch-1767225600-83db23a7 running
mail/dispatch-vip-1767225600-08d4c695 running
0 pending, 2 running, 0 dead
> force mail
can't force launch non-periodic job
> dispatch nothing
parameterized job not found
# What was collected stays counted.
> pass 2m
> gc
> children mail
0 pending, 0 running, 2 dead
> stop mail
> dispatch mail payload=hello to=ann
Specified job "mail" is stopped
