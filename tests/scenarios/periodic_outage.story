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
hourly/periodic-1767229200 pending
hourly/periodic-1767232800 pending
2 pending, 0 running, 0 dead
> outage 10s
> pass 1m
> children hourly
hourly/periodic-1767229200 pending
hourly/periodic-1767232800 pending
2 pending, 0 running, 0 dead
> outage 3h
> pass 1m
> children hourly
hourly/periodic-1767229200 pending
hourly/periodic-1767232800 pending
hourly/periodic-1767243670 pending
3 pending, 0 running, 0 dead
> pass 1h
> children hourly
hourly/periodic-1767229200 pending
hourly/periodic-1767232800 pending
hourly/periodic-1767243670 pending
hourly/periodic-1767247200 pending
4 pending, 0 running, 0 dead
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
late/periodic-1767265330 pending
1 pending, 0 running, 0 dead
