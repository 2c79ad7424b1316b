# What this machine adds to the configuration that `caravan operator init` (on the first machine) or
# `caravan join` (on the others) writes beside this file. Every file of the folder counts, in the
# order of their names. Nothing here is needed; take away the # of what you want.

# Programs that talk to Consul find services, keys and names on the usual ports.
# catalog {}

# Every service that asks for it is reached on port 9999 of this machine (by HAProxy).
ingress {}

# Jobs may run programs without isolation.
# plugin "raw_exec" {
#   config {
#     enabled = true
#   }
# }

# The cluster's jobs and variables are what this repository says.
# gitops {
#   url = "https://git.example.org/infra.git"
# }
