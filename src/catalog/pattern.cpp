// SPDX-License-Identifier: Apache-2.0
#include "catalog/pattern.hpp"

#include <re2/re2.h>

#include "base/text.hpp"

namespace caravan::catalog {
namespace {

constexpr std::int64_t memory_max = 1 << 16;  // bytes, of one that is compiled
constexpr std::size_t known_max = 2048;      // then all are forgotten

}  // namespace

base::Result<Pattern> Pattern::parse(const std::string& text) {
  re2::RE2::Options options(re2::RE2::Quiet);
  options.set_max_mem(memory_max);
  auto compiled = std::make_shared<const re2::RE2>(text, options);
  if (!compiled->ok()) return base::invalid(base::printable(compiled->error(), 100));
  return Pattern(std::move(compiled));
}

bool Pattern::matches(std::string_view text) const {
  return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *compiled_);
}

std::optional<std::vector<std::string>> Pattern::groups(std::string_view text) const {
  std::vector<re2::StringPiece> caught(
      static_cast<std::size_t>(compiled_->NumberOfCapturingGroups()) + 1);
  const re2::StringPiece whole(text.data(), text.size());
  if (!compiled_->Match(whole, 0, whole.size(), re2::RE2::UNANCHORED, caught.data(),
                        static_cast<int>(caught.size())))
    return {};
  std::vector<std::string> groups;
  groups.reserve(caught.size());
  for (const re2::StringPiece& group : caught)
    groups.emplace_back(group.data() ? std::string(group.data(), group.size()) : std::string());
  return groups;
}

std::optional<Pattern> Patterns::find(const std::string& text) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = known_.find(text);
    if (found != known_.end()) return found->second;
  }
  base::Result<Pattern> read = Pattern::parse(text);
  std::optional<Pattern> made;
  if (read) made = *std::move(read);
  const std::lock_guard lock(mutex_);
  if (known_.size() >= known_max) known_.clear();
  known_[text] = made;
  return made;
}

}  // namespace caravan::catalog
