# A web service on every machine, reached at port 9999 of each: http://<any machine>:9999/web
job "web" {
  group "web" {
    count = 3

    # One on each machine.
    constraint {
      operator = "distinct_hosts"
      value    = "true"
    }

    network {
      port "http" {}
    }

    service {
      name     = "web"
      port     = "http"
      provider = "nomad"
      tags     = ["urlprefix-/web strip=/web"]

      check {
        type     = "http"
        path     = "/"
        interval = "2s"
        timeout  = "1s"
      }
    }

    task "server" {
      driver = "exec"

      config {
        command = "/bin/busybox"
        args    = ["httpd", "-f", "-p", "${NOMAD_PORT_http}", "-h", "${NOMAD_TASK_DIR}"]
      }

      template {
        destination = "local/index.html"
        data        = "I am {{ env \"NOMAD_ALLOC_NAME\" }}\n"
      }

      resources {
        cpu    = 50
        memory = 32
      }
    }
  }
}
