job "countdash" {
  group "api" {
    network {
      mode = "bridge"
    }

    service {
      name = "count-api"
      port = "9001"
      connect {
        sidecar_service {}
      }
    }

    task "web" {
      driver = "docker"
      config {
        image = "counter-api"
      }
    }
  }

  group "dashboard" {
    network {
      mode = "bridge"
      port "http" {
        static = 9002
        to     = 9002
      }
    }

    service {
      name = NOMAD_JOB_NAME
      port = 9002
      connect {
        sidecar_service {
          proxy {
            upstreams {
              destination_name = "count-api"
              local_bind_port  = 8080
            }
          }
        }
      }
    }

    task "init" {
      lifecycle {
        hook    = "prestart"
        sidecar = true
      }
      driver = "docker"
      config { image = "init" }
    }

    task "dashboard" {
      driver = "docker"
      leader = true
      env = {
        COUNTING_SERVICE_URL = "http://${NOMAD_UPSTREAM_ADDR_count_api}"
      }
      config {
        image   = "counter-dashboard"
        auth {
          username = "u"
          password = "p"
        }
      }
      csi_plugin {
        id        = "org.example.csi"
        type      = "monolith"
        mount_dir = "/csi"
      }
      action "migrate" {
        command = "/bin/migrate"
        args    = ["--all"]
      }
      scaling "cpu" {
        max = 2000
      }
    }

    scaling {
      min = 2
      max = 5
      policy {
        cooldown = "1m"
        check "load" {
          source = "prometheus"
          strategy "target-value" {
            target = 70
          }
        }
      }
    }
  }
}
