client { options { "driver.raw_exec.enable" = "1" } reserved = { cpu = 1, memory = 2 } }
plugin "docker" { config { volumes { enabled = true } } }
