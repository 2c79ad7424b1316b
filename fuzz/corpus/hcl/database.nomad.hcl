# Three nodes that find one another by name, each with a volume of its host.
variable "version" {
  type    = string
  default = "5.4.2"
}

variables {
  memory = 2048
}

locals {
  jar  = "exporter-${var.version}.jar"
  args = ["-Cnode.name=${local.node}", "-Cpath=${NOMAD_ALLOC_DIR}/data"]
  node = "${NOMAD_GROUP_NAME}-${NOMAD_ALLOC_INDEX}"
}

job "database" {
  namespace   = "default"
  datacenters = ["*"]

  group "nodes" {
    count = 3

    constraint {
      operator = "distinct_hosts"
      value    = "true"
    }

    constraint {
      attribute = "${attr.kernel.name}"
      value     = "linux"
    }

    constraint {
      attribute = "${attr.cpu.arch}"
      regexp    = "amd64|arm64"
    }

    network {
      mode = "bridge"
      port "http-rest" { to = 4200 }
      port "pg" { to = 5432 }
      port "disco" { to = 4300 }
      port "jmx" { to = 8080 }
    }

    volume "data" {
      type      = "host"
      source    = "database-data"
      read_only = false
    }

    volume "extra" {
      type            = "csi"
      source          = "vol"
      access_mode     = "single-node-writer"
      attachment_mode = "file-system"
      per_alloc       = true
      mount_options {
        fs_type     = "ext4"
        mount_flags = ["noatime"]
      }
    }

    dynamic "service" {
      for_each = { rest = "http-rest", pg = "pg" }
      content {
        provider = "consul"
        name     = "${NOMAD_JOB_NAME}-${service.key}"
        port     = service.value
        tags     = ["urlprefix-/${NOMAD_JOB_NAME} strip=/${NOMAD_JOB_NAME}"]

        check {
          type     = service.key == "rest" ? "http" : "tcp"
          path     = "/"
          interval = "5s"
          timeout  = "1s"
          header {
            Host   = ["a.example.com", "b.example.com"]
            Accept = "text/plain"
          }
        }
      }
    }

    task "node" {
      driver       = "docker"
      kill_signal  = "SIGTERM"
      kill_timeout = "180s"

      artifact {
        source      = "https://repo.example.com/${local.jar}"
        destination = "local/${local.jar}"
        mode        = "file"
        options {
          checksum = "sha256:00"
        }
      }

      config {
        image   = "crate:${var.version}"
        ports   = ["http-rest", "pg", "disco", "jmx"]
        args    = concat(local.args, ["-Ccluster.name=${upper("main")}"])
        ulimit {
          nofile = "65536:65536"
        }
        logging {
          type = "fluentd"
          config {
            tag = "${NOMAD_TASK_NAME}"
          }
        }
        mount {
          type   = "bind"
          source = "local"
        }
        mount {
          type   = "bind"
          source = "../alloc/html"
        }
      }

      volume_mount {
        volume      = "data"
        destination = "/data"
        read_only   = false
      }

      env {
        HEAP    = "${NOMAD_META_heap}"
        PORT    = "${NOMAD_HOST_PORT_disco}"
        DEBUG   = true
        RETRIES = 3
        OPTS    = <<-EOT
          -Xmx1g
          -javaagent:/local/${local.jar}
        EOT
      }

      resources {
        cpu        = 2000
        memory     = var.memory
        memory_max = var.memory * 2
      }

      identity {
        env  = true
        file = true
      }

      identity {
        name = "vault_default"
        aud  = ["vault.io"]
        ttl  = "1h"
      }
    }
  }
}
