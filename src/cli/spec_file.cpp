// SPDX-License-Identifier: Apache-2.0
#include "cli/spec_file.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/job_file.hpp"
#include "hcl/evaluate.hpp"
#include "hcl/parser.hpp"

namespace caravan::cli {
namespace {

class SpecReader {
 public:
  explicit SpecReader(hcl::Diagnostics& diagnostics) : run_(diagnostics) {}

  json::Object members(const hcl::Body& body, const std::vector<SpecKey>& keys) {
    json::Object object;
    for (const hcl::Attribute& attribute : body.attributes) {
      const SpecKey* key = find(keys, attribute.name, attribute.name_range);
      if (!key) continue;
      const std::optional<hcl::Value> value = run_.evaluate(*attribute.value, scope_);
      if (value) object[key->member] = value->to_json();
    }
    for (const hcl::Block& block : body.blocks) {
      const SpecKey* key = find(keys, block.type, block.type_range);
      if (!key) continue;
      if (!key->is_block)
        run_.error(block.header(), "Not a block", fmt::format("\"{}\" is set with =.", block.type));
      else if (key->repeats)
        append(object[key->member], members(*block.body, key->inside));
      else
        object[key->member] = members(*block.body, key->inside);
    }
    return object;
  }

  void error(const hcl::Range& where, std::string summary, std::string detail) {
    run_.error(where, std::move(summary), std::move(detail));
  }

 private:
  static void append(json::Value& list, json::Object element) {
    if (!list.as_array()) list = json::Array();
    list.as_array()->push_back(std::move(element));
  }
  const SpecKey* find(const std::vector<SpecKey>& keys, const std::string& name,
                      const hcl::Range& where) {
    if (keys.empty()) return &(any_ = SpecKey{name, name, false, {}});
    const auto found = std::ranges::find(keys, name, &SpecKey::name);
    if (found != keys.end()) return &*found;
    std::vector<std::string> names;
    for (const SpecKey& key : keys)
      names.push_back(key.name);
    error(where, "Unknown name",
          fmt::format("\"{}\" is none of {}.", base::printable(name, 64), base::join(names, ", ")));
    return nullptr;
  }

  hcl::Run run_;
  hcl::Scope scope_;
  SpecKey any_;
};

}  // namespace

base::Result<json::Object> read_spec(const std::string& path, const std::string& block,
                                     const std::vector<SpecKey>& keys) {
  TRY(std::string text, read_text(path));
  hcl::Diagnostics diagnostics;
  const hcl::File file = hcl::parse(path, std::move(text), hcl::Dialect::plain, diagnostics);
  json::Object object;
  if (!diagnostics.has_errors()) {
    SpecReader reader(diagnostics);
    const bool bare = block.empty() || file.body->blocks.empty();
    if (bare) {
      object = reader.members(*file.body, keys);
    } else {
      const hcl::Block& only = file.body->blocks[0];
      if (file.body->blocks.size() > 1 || only.type != block || only.labels.size() != 1)
        reader.error(only.header(), "Not what was expected",
                     fmt::format("The file has one block {} \"NAME\" {{ … }}.", block));
      else
        object = reader.members(*only.body, keys);
      if (only.labels.size() == 1) object["Name"] = only.labels[0].text;
    }
  }
  if (diagnostics.has_errors()) return base::invalid(std::string(base::trim(diagnostics.render())));
  return object;
}

}  // namespace caravan::cli
