// SPDX-License-Identifier: Apache-2.0
// A job file from disk or standard input, parsed here: no agent is asked.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "cli/command.hpp"

namespace caravan::cli {

struct JobFile {
  std::string source;
  std::string format;                            // "hcl2" or "json"
  json::Value job;                               // in the shape of the API, without defaults
  std::map<std::string, std::string> variables;  // from -var
  std::string variable_files;                    // their texts, joined
};

/// The flags of every command that reads a job file.
std::vector<FlagSpec> job_file_flags(std::vector<FlagSpec> others = {});

/// Reads what `path` names, "-" being standard input. Errors: invalid, with file, line, column, the
/// line and a caret under the place.
base::Result<JobFile> read_job_file(const Context& context, const std::string& path);

/// A whole file or standard input. Errors: io.
base::Result<std::string> read_text(const std::string& path);

}  // namespace caravan::cli
