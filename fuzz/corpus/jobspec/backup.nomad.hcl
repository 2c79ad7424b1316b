job "backup" {
  datacenters = ["dc1"]
  type        = "batch"
  priority    = 90

  periodic {
    cron             = "@monthly"
    prohibit_overlap = true
  }

  parameterized {
    meta_optional = ["target"]
  }

  meta {
    owner = "ops"
    tries = 3
  }

  group "backup" {
    ephemeral_disk {
      sticky  = true
      migrate = true
      size    = "50"
    }

    restart {
      delay = "1h"
    }

    task "run" {
      driver = "raw_exec"

      vault {
        policies = ["backup"]
      }

      template {
        env         = true
        destination = "secrets/env"
        data        = <<EOF
REPOSITORY={{ with secret "kv/backup/repository" }}{{ .Data.url }}{{ end }}
TARGET=${NOMAD_META_target}
EOF
      }

      template {
        destination = "secrets/run.sh"
        perms       = "755"
        data        = <<EOF
#!/bin/sh
exec restic backup "$${HOME}" --cache-dir {{ env "NOMAD_ALLOC_DIR" }}/data
EOF
      }

      dispatch_payload {
        file = "input.json"
      }

      config {
        command = "secrets/run.sh"
      }
    }
  }
}
