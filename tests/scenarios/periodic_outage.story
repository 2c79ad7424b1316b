# Launches that were missed while there was no server become one; none happens twice.
> run
job "hourly" {
  type = "batch"
  periodic {
    crons = ["@hourly"]
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
> pass 2h
> children hourly
> outage 10s
> pass 1m
> children hourly
> outage 3h
> pass 1m
> children hourly
> pass 1h
> children hourly
# A job that was registered before its first time, and missed that, is caught up with too.
> run
job "late" {
  type = "batch"
  periodic {
    crons = ["@hourly"]
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
> outage 5h
> pass 1m
> children late
