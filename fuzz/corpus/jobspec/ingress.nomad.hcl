# A proxy in front of everything: host ports, templates that read keys and secrets.
job "ingress" {
  datacenters = ["dc1"]
  type        = "service"
  priority    = 90

  group "proxy" {
    network {
      port "http" {
        static = 80
      }
      port "https" { static = 443 }
      port "admin" { static = "8080" }
    }

    service {
      name = "ingress"
      port = "https"

      check {
        type     = "tcp"
        port     = "http"
        interval = "10s"
        timeout  = "2s"
      }
    }

    ephemeral_disk {
      sticky  = true
      migrate = true
    }

    restart {
      mode = "delay"
    }

    task "proxy" {
      driver = "docker"

      config {
        image        = "proxy:v3"
        network_mode = "host"
        volumes = [
          "local/proxy.toml:/etc/proxy/proxy.toml",
          "secrets/ca.crt:/etc/ssl/ca.crt:ro",
        ]
      }

      template {
        destination = "local/proxy.toml"
        data        = <<-EOF
          [entryPoints.http]
          address = ":{{ env "NOMAD_PORT_http" }}"
          {{- if keyExists "proxy/config/acme_email" }}
          email = {{ key "proxy/config/acme_email" | toJSON }}
          {{- end }}
          rule = "Host(`{{ "{{ .Name }}" }}.example.com`)"
        EOF
      }

      template {
        destination = "secrets/ca.crt"
        data        = "{{ with secret \"pki/cert/ca\" }}{{ .Data.certificate }}{{ end }}"
        perms       = 600
      }

      resources {
        memory = 128
      }
    }
  }
}
