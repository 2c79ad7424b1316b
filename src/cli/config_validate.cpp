// SPDX-License-Identifier: Apache-2.0
#include <filesystem>

#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/job_file.hpp"
#include "cli/verbs.hpp"
#include "config/load.hpp"

namespace caravan::cli {
namespace {

namespace fs = std::filesystem;

bool is_config_name(const std::string& name) {
  const bool temporary = name.starts_with('.') || name.starts_with('#') || name.ends_with('~');
  return !temporary && (name.ends_with(".hcl") || name.ends_with(".json"));
}

/// The file itself, or the configuration files of a directory in the order of their names.
base::Result<std::vector<std::string>> files_at(const std::string& path) {
  std::error_code error;
  if (!fs::exists(path, error))
    return base::invalid(fmt::format("{}: no such file or directory", path));
  if (!fs::is_directory(path, error)) return std::vector<std::string>{path};
  std::vector<std::string> files;
  for (fs::directory_iterator at(path, error), end; !error && at != end; at.increment(error))
    if (!at->is_directory(error) && is_config_name(at->path().filename().string()))
      files.push_back(at->path().string());
  if (error) return base::invalid(fmt::format("{}: {}", path, error.message()));
  std::ranges::sort(files);
  return files;
}

int run(Context& context) {
  config::AgentConfig config;
  hcl::Diagnostics diagnostics;
  for (const std::string& path : context.words) {
    const base::Result<std::vector<std::string>> files = files_at(path);
    if (!files) return context.fail("Error parsing configuration", files.error());
    for (const std::string& file : *files) {
      base::Result<std::string> text = read_text(file);
      if (!text) return context.fail("Error parsing configuration", text.error());
      config::apply(config, file, std::move(*text), diagnostics);
    }
  }
  if (diagnostics.has_errors())
    return context.fail("Error parsing configuration:\n" +
                        std::string(base::trim(diagnostics.render())));
  std::string wrong;
  for (const std::string& problem : config::problems(config))
    wrong += "\n  * " + problem;
  if (!wrong.empty()) return context.fail("Configuration is invalid:" + wrong);
  for (const std::string& key : config::not_built(config))
    context.err("Warning: set, and without effect yet: " + key);
  context.out("Configuration is valid!");
  return 0;
}

}  // namespace

Command config_validate_command() {
  return {.name = "config validate",
          .synopsis = "Check configuration files of an agent",
          .usage = "<path> [<path>...]",
          .help =
              "Reads the files, and those of directories, as an agent would, and says what "
              "is\nwrong with them. No agent is asked.",
          .words_min = 1,
          .words_max = 256,
          .takes = "at least one argument: <path>",
          .uses_api = false,
          .run = run};
}

}  // namespace caravan::cli
