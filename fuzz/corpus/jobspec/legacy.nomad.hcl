# As jobs were written before 1.0: networks in resources, port maps, text where numbers are meant.
job "logs" {
  datacenters = ["dc1", "dc2"]
  type        = "system"

  update {
    stagger      = "10s"
    max_parallel = 1
  }

  group "fluentd" {
    update {
      auto_revert = true
    }

    restart {
      attempts = 10
      interval = "5m"
      delay    = "25s"
      mode     = "delay"
    }

    task "fluentd" {
      driver = "docker"

      config {
        image       = "fluentd"
        dns_servers = ["${attr.unique.network.ip-address}"]
        port_map = {
          http = 24224
        }
      }

      logs {
        max_files     = 2
        max_file_size = 5
      }

      service {
        name = "${TASKGROUP}-${TASK}-service"
        port = "9001"
        tags = ["a"]
        check {
          name     = "alive"
          type     = "http"
          method   = "GET"
          path     = "/"
          port     = "http"
          interval = "10s"
          timeout  = "2s"
        }
      }

      resources {
        cpu    = "128"
        memory = "64"
        network {
          mbits = 10
          port "http" {
            static = "29200"
          }
          port "admin" {}
        }
      }
    }
  }
}
