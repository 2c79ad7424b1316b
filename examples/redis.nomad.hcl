# Debian's redis-server as a plain process on a port that the scheduler picks.
job "redis" {
  type = "service"

  group "cache" {
    count = 1

    network {
      port "db" {}
    }

    service {
      name     = "redis"
      port     = "db"
      provider = "nomad"
    }

    task "redis" {
      driver = "raw_exec"

      config {
        command = "/usr/bin/redis-server"
        args    = ["--port", "${NOMAD_PORT_db}", "--bind", "127.0.0.1", "--dir", "${NOMAD_TASK_DIR}", "--save", ""]
      }

      resources {
        cpu    = 100
        memory = 64
      }
    }
  }
}
