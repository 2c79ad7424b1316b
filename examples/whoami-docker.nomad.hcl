# A small HTTP server in a container, on a port that the scheduler picks.
job "whoami" {
  group "web" {
    network {
      port "http" { to = 80 }
    }

    service {
      name     = "whoami"
      port     = "http"
      provider = "nomad"

      check {
        type     = "http"
        path     = "/health"
        interval = "10s"
        timeout  = "2s"
      }
    }

    task "whoami" {
      driver = "docker"

      config {
        image = "traefik/whoami:v1.10"
        ports = ["http"]
      }

      resources {
        cpu    = 50
        memory = 32
      }
    }
  }
}
