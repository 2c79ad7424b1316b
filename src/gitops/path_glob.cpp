// SPDX-License-Identifier: Apache-2.0
#include "gitops/path_glob.hpp"

#include <string>
#include <vector>

#include "base/text.hpp"

namespace caravan::gitops {
namespace {

/// Of one name. The last star is the only one that is ever come back to, so that no pattern takes
/// longer than the product of both lengths.
bool name_fits(std::string_view pattern, std::string_view name) {
  std::size_t p = 0, n = 0, star = std::string_view::npos, from = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      from = n;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == name[n])) {
      ++p, ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++from;
    } else {
      return false;
    }
  }
  return pattern.substr(p).find_first_not_of('*') == std::string_view::npos;
}

}  // namespace

bool path_fits(std::string_view pattern, std::string_view path) {
  while (pattern.starts_with("./"))
    pattern.remove_prefix(2);
  const std::vector<std::string> wanted = base::split(pattern, '/'), names = base::split(path, '/');
  // reach[i]: the first i parts of the pattern fit the names seen so far.
  std::vector<bool> reach(wanted.size() + 1);
  const auto skip_folders = [&] {
    for (std::size_t i = 0; i < wanted.size(); ++i)
      if (reach[i] && wanted[i] == "**") reach[i + 1] = true;
  };
  reach[0] = true;
  skip_folders();
  for (const std::string& name : names) {
    std::vector<bool> next(wanted.size() + 1);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      if (!reach[i]) continue;
      if (wanted[i] == "**")
        next[i] = true;
      else if (name_fits(wanted[i], name))
        next[i + 1] = true;
    }
    reach = std::move(next);
    skip_folders();
  }
  return reach.back();
}

}  // namespace caravan::gitops
