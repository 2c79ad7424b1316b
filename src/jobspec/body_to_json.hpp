// SPDX-License-Identifier: Apache-2.0
// A body read by its schema into JSON of the public API's shape.
#pragma once

#include <map>
#include <string>

#include "hcl/reader.hpp"
#include "jobspec/schema.hpp"

namespace caravan::jobspec {

/// Where each value of the JSON was written, by path: "Job.TaskGroups[0].Count".
using Places = std::map<std::string, hcl::Range, std::less<>>;

class BodyToJson {
 public:
  BodyToJson(hcl::Run& run, Places& places) : run_(run), places_(places) {}

  /// Errors are in the run's diagnostics; the object has what could be read.
  json::Object read(const Schema& schema, const hcl::View& view, const std::string& path);

  /// A value as the schema wants it. Nothing after an error, which is reported.
  std::optional<json::Value> convert(const hcl::Value& value, Kind kind, std::string_view name,
                                     const hcl::Range& where);

 private:
  void read_block(const BlockRow& row, hcl::BodyReader& reader, json::Object& object,
                  const std::string& path);
  void read_map(const BlockRow& row, hcl::BodyReader& reader, json::Object& object,
                const std::string& path);
  bool add_members(json::Object& into, const hcl::Value& value, Shape shape,
                   const hcl::Range& where);

  hcl::Run& run_;
  Places& places_;
};

}  // namespace caravan::jobspec
