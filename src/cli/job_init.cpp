// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include <fmt/core.h>

#include "cli/verbs.hpp"

namespace caravan::cli {
namespace {

constexpr const char* default_name = "example.nomad.hcl";

constexpr std::string_view short_example = R"hcl(job "hello" {
  group "web" {
    task "clock" {
      driver = "raw_exec"
      config {
        command = "/bin/sh"
        args    = ["-c", "while true; do date; sleep 5; done"]
      }
      resources {
        cpu    = 50
        memory = 32
      }
    }
  }
}
)hcl";

constexpr std::string_view example =
    R"hcl(# A job that runs on any Linux node where the raw_exec driver is on, as in `agent -dev`.
# Run it with `job run example.nomad.hcl`, and see it with `job status hello`.
job "hello" {
  # "service" runs until it is stopped, "batch" until it is done, "system" once on every node.
  type = "service"

  # A group is what is placed together on one node; count says how often.
  group "web" {
    count = 1

    # How often a task may fail on its node before its allocation does.
    restart {
      attempts = 2
      interval = "30m"
      delay    = "15s"
      mode     = "fail"
    }

    task "clock" {
      driver = "raw_exec"

      config {
        command = "/bin/sh"
        args    = ["-c", "while true; do echo \"$GREETING, it is $(date)\"; sleep 5; done"]
      }

      env {
        GREETING = "hello"
      }

      # MHz of CPU and MiB of memory: what the scheduler sets aside.
      resources {
        cpu    = 50
        memory = 32
      }
    }
  }
}
)hcl";

int run(Context& context) {
  const std::string path = context.words.empty() ? default_name : context.words[0];
  const std::string_view text = context.flags.on("short") ? short_example : example;
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (file < 0 && errno == EEXIST)
    return context.fail(fmt::format("Job '{}' already exists", path));
  if (file < 0)
    return context.fail(fmt::format("Failed to write '{}': {}", path, std::strerror(errno)));
  const bool written = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (::close(file) != 0 || !written)
    return context.fail(fmt::format("Failed to write '{}': {}", path, std::strerror(errno)));
  context.out(fmt::format("Example job file written to {}", path));
  return 0;
}

}  // namespace

Command job_init_command() {
  return {.name = "job init",
          .alias = "init",
          .synopsis = "Write an example job file",
          .usage = "[options] [<file>]",
          .help =
              "Writes a job that runs at once, to example.nomad.hcl or to the file that is\nnamed. "
              "A file that exists is left alone.",
          .flags = {{"short", "", "Without the comments."}},
          .words_max = 1,
          .takes = "no arguments or one: <file>",
          .uses_api = false,
          .run = run};
}

}  // namespace caravan::cli
