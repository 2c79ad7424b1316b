// SPDX-License-Identifier: Apache-2.0
// For the tests of this chapter: a data source that is a dictionary.
#pragma once

#include <map>
#include <string>

#include "expr/template.hpp"

namespace caravan::expr {

class DictionarySource : public DataSource {
 public:
  std::map<Dependency, json::Value> data;
  base::Instant instant = base::Instant::from_seconds(1'700'000'000);

  base::Result<json::Value> fetch(const Dependency& dependency) override {
    const auto found = data.find(dependency);
    return found == data.end() ? json::Value(nullptr) : found->second;
  }
  base::Instant now() override { return instant; }
};

/// The text, or the error. In it `fixture` stands for a map with values of all kinds.
inline std::string rendered(std::string text, DictionarySource source = {}) {
  source.data[{"env", {"HOME"}}] = "/root";
  source.data[{"env", {"EMPTY"}}] = "";
  source.data[{"nomadVar", {"fixture"}}] =
      json::Object{{"big", 1e6},
                   {"half", 1.5},
                   {"none", nullptr},
                   {"list", json::Array{1, 2, "x"}},
                   {"map", json::Object{{"x", "y"}, {"a", nullptr}}}};
  for (std::size_t at = 0; (at = text.find("fixture", at)) != std::string::npos; at += 20)
    text.replace(at, 7, "(nomadVar `fixture`)");
  auto parsed = Template::parse(text);
  if (!parsed) return parsed.error().message;
  auto rendering = parsed->render(source);
  return rendering ? rendering->text : rendering.error().message;
}

}  // namespace caravan::expr
