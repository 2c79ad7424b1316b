# Groups and jobs start once what they depend on is healthy; who has started goes on whatever becomes of others.
> node node-1
> run
job "web" {
  depends_on = ["shop"]
  group "app" {
    task "serve" {
      driver = "raw_exec"
      config {
        command = "/sim/forever"
      }
    }
  }
}
.
> run
job "shop" {
  group "db" {
    update {
      min_healthy_time = "10s"
    }
    task "serve" {
      driver = "raw_exec"
      config {
        command = "/sim/forever"
      }
    }
  }
  group "api" {
    depends_on = ["db"]
    update {
      min_healthy_time = "10s"
    }
    task "serve" {
      driver = "raw_exec"
      config {
        command = "/sim/forever"
      }
    }
  }
}
.
> pass 5s
> allocs shop
shop.db[0] v0 on node-1: wanted run, is running
> allocs web
> evals web
job-register: complete
queued-allocs: blocked
> pass 15s
> allocs shop
shop.api[0] v0 on node-1: wanted run, is running
shop.db[0] v0 on node-1: wanted run, is running
> allocs web
> pass 15s
> allocs shop
shop.api[0] v0 on node-1: wanted run, is running
shop.db[0] v0 on node-1: wanted run, is running
> allocs web
web.app[0] v0 on node-1: wanted run, is running
> deployment shop
v0 successful: Deployment completed successfully
  api: 1 wanted, 1 placed, 1 healthy, 0 unhealthy
  db: 1 wanted, 1 placed, 1 healthy, 0 unhealthy
> stop shop
> pass 10s
> allocs web
web.app[0] v0 on node-1: wanted run, is running
> run
job "shop" {
  depends_on = ["web"]
  group "db" {
    task "serve" {
      driver = "raw_exec"
      config {
        command = "/sim/forever"
      }
    }
  }
}
.
Job.DependsOn: jobs wait for each other: shop -> web -> shop
