// SPDX-License-Identifier: Apache-2.0
#include "cli/debug_bundle.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "json/writer.hpp"

namespace caravan::cli {
namespace {

constexpr std::size_t part_max = 40;

}  // namespace

void DebugBundle::add(const std::string& file, std::string_view text) {
  std::string& content = files_[file];
  const std::size_t room =
      std::min(file_bytes_max - content.size(), all_bytes_max - std::min(bytes_, all_bytes_max));
  if (text.size() > room) {
    cut_.insert(file);
    text = text.substr(0, room);
  }
  content += text;
  bytes_ += text.size();
}

void DebugBundle::miss(const std::string& what, const std::string& why) {
  missing_.emplace_back(what, why);
}

consensus::Files DebugBundle::files(json::Object facts) const {
  json::Object sizes;
  consensus::Files all;
  for (const auto& [file, content] : files_) {
    sizes[file] = static_cast<std::int64_t>(content.size());
    all[name_ + "/" + file] = content;
  }
  json::Array missing, cut;
  for (const auto& [what, why] : missing_)
    missing.push_back(json::Object{{"What", what}, {"Error", why}});
  for (const std::string& file : cut_)
    cut.push_back(file);
  facts["Files"] = std::move(sizes);
  facts["Missing"] = std::move(missing);
  facts["CutOff"] = std::move(cut);
  all[name_ + "/index.json"] = json::to_pretty(facts, 2) + "\n";
  return all;
}

std::string file_part(std::string_view text) {
  std::string part(text.substr(0, part_max));
  for (char& c : part) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
    if (!is_plain) c = '_';
  }
  if (part.starts_with('.')) part[0] = '_';
  return part.empty() ? "_" : part;
}

std::vector<std::string> comma_list(const std::string& text) {
  std::vector<std::string> parts;
  for (const std::string& part : base::split(text, ','))
    if (const std::string_view word = base::trim(part); !word.empty()) parts.emplace_back(word);
  return parts;
}

}  // namespace caravan::cli
