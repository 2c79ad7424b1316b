// SPDX-License-Identifier: Apache-2.0
// A job file becomes a job. Reads HCL, its JSON form, and the JSON of the API; pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "hcl/diagnostic.hpp"
#include "hcl/outside.hpp"
#include "json/value.hpp"
#include "model/job.hpp"

namespace caravan::jobspec {

struct ParseInput {
  std::string file_name = "input.hcl";
  std::string source;
  // Where values of variables come from; later ones win.
  std::map<std::string, std::string> environment;                   // only NOMAD_VAR_* is looked at
  std::vector<std::pair<std::string, std::string>> variable_files;  // name, text
  std::vector<std::pair<std::string, std::string>> variables;       // name, text: from flags
  /// Otherwise values in files for variables that do not exist are warnings.
  bool strict = true;
  hcl::Outside outside;  // the file functions work only with files to work on
};

struct Parsed {
  std::optional<model::Job> job;  // complete, or absent after an error
  /// What the file said, in the shape of the API's Job, without defaults.
  json::Value json;
  hcl::Diagnostics diagnostics;
  /// "file:line:column" by JSON path ("Job.TaskGroups[0].Count"), to place what validation finds.
  std::map<std::string, std::string, std::less<>> places;

  /// The place of a path or of the nearest thing around it; "" when nothing is known.
  std::string place_of(std::string_view path) const;
};

Parsed parse(const ParseInput& input);

}  // namespace caravan::jobspec
