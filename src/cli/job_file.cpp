// SPDX-License-Identifier: Apache-2.0
#include "cli/job_file.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <unistd.h>

#include <fmt/core.h>

#include "base/text.hpp"
#include "io/linux/clock.hpp"
#include "io/linux/disk.hpp"
#include "jobspec/jobspec.hpp"

extern char** environ;

namespace caravan::cli {
namespace {

namespace fs = std::filesystem;

/// Files for file(), fileset() and their like: paths are relative to where the command runs.
class LocalFiles : public hcl::Files {
 public:
  base::Result<std::string> read(const std::string& path) override { return disk_.read_file(path); }
  base::Result<bool> exists(const std::string& path) override { return disk_.exists(path); }
  base::Result<std::vector<std::string>> list(const std::string& directory) override {
    std::vector<std::string> found;
    std::error_code error;
    for (fs::recursive_directory_iterator at(directory, error), end; !error && at != end;
         at.increment(error))
      if (at->is_regular_file(error))
        found.push_back(at->path().lexically_relative(directory).generic_string());
    if (error) return base::fail(base::Code::io, fmt::format("{}: {}", directory, error.message()));
    return found;
  }
  base::Result<std::string> absolute(const std::string& path) override {
    std::error_code error;
    const std::string whole = fs::absolute(path, error).lexically_normal().string();
    if (error) return base::fail(base::Code::io, fmt::format("{}: {}", path, error.message()));
    return whole;
  }
  base::Result<std::string> home() override { return env_or("HOME", "/"); }

 private:
  io::linux_world::Disk disk_;
};

class LocalEntropy : public hcl::Entropy {
 public:
  void fill(std::span<std::uint8_t> bytes) override { random_.fill(bytes); }

 private:
  io::linux_world::Random random_;
};

std::map<std::string, std::string> variables_of_environment() {
  std::map<std::string, std::string> found;
  for (char** at = environ; *at; ++at) {
    const std::string_view pair = *at;
    const std::size_t equals = pair.find('=');
    if (pair.starts_with("NOMAD_VAR_") && equals != std::string_view::npos)
      found.emplace(pair.substr(0, equals), pair.substr(equals + 1));
  }
  return found;
}

base::Result<jobspec::ParseInput> input_of(const Context& context, const std::string& path,
                                           JobFile& file) {
  jobspec::ParseInput input;
  input.file_name = path == "-" ? "stdin" : path;
  input.environment = variables_of_environment();
  input.strict = context.flags.on("hcl2-strict", true);
  for (const std::string& name : context.flags.all("var-file")) {
    TRY(std::string text, read_text(name));
    file.variable_files += text + "\n";
    input.variable_files.emplace_back(name, std::move(text));
  }
  for (const std::string& pair : context.flags.all("var")) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string::npos)
      return base::invalid(
          fmt::format("-var: \"{}\" is not name=value", base::printable(pair, 128)));
    input.variables.emplace_back(pair.substr(0, equals), pair.substr(equals + 1));
    file.variables[pair.substr(0, equals)] = pair.substr(equals + 1);
  }
  return input;
}

}  // namespace

base::Result<std::string> read_text(const std::string& path) {
  if (path == "-") {
    std::string text;
    char buffer[16 * 1024];
    for (std::size_t n; (n = std::fread(buffer, 1, sizeof buffer, stdin)) > 0;)
      text.append(buffer, n);
    return text;
  }
  std::error_code error;
  const std::string whole = fs::absolute(path, error).string();
  const fs::file_status status = fs::status(path, error);
  const auto refuse = [&](const char* why) {
    return base::fail(
        base::Code::io,
        fmt::format("Error getting jobfile from \"{}\": source path error: stat {}: {}", path,
                    whole, why));
  };
  if (status.type() == fs::file_type::not_found) return refuse("no such file or directory");
  if (status.type() == fs::file_type::directory) return refuse("is a directory");
  return io::linux_world::Disk().read_file(path);
}

std::vector<FlagSpec> job_file_flags(std::vector<FlagSpec> others) {
  others.push_back({"json", "", "The file is JSON, as 'job run -output' or the API writes it."});
  others.push_back({"hcl2-strict", "",
                    "Whether values for variables that do not exist are errors. Default = true"});
  others.push_back({"var", "name=value", "The value of a variable; may be repeated."});
  others.push_back({"var-file", "path", "A file of values of variables; may be repeated."});
  return others;
}

base::Result<JobFile> read_job_file(const Context& context, const std::string& path) {
  JobFile file;
  TRY(jobspec::ParseInput input, input_of(context, path, file));
  TRY(file.source, read_text(path));
  input.source = file.source;
  LocalFiles files;
  LocalEntropy entropy;
  input.outside = {&files, &entropy};
  file.format =
      context.flags.on("json") || base::trim(file.source).starts_with('{') ? "json" : "hcl2";
  jobspec::Parsed parsed = jobspec::parse(input);
  if (parsed.diagnostics.has_errors())
    return base::invalid(fmt::format("Error parsing job file from {}:\n{}", input.file_name,
                                     base::trim(parsed.diagnostics.render())));
  file.job = std::move(parsed.json);
  return file;
}

}  // namespace caravan::cli
