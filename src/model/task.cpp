// SPDX-License-Identifier: Apache-2.0
#include "model/task.hpp"

#include <array>

namespace caravan::model {

std::string unbuilt_getter(std::string_view source) {
  struct Sign {
    std::string_view beginning, getter;
  };
  constexpr std::array signs = {
      Sign{"git::", "git"},       Sign{"git@", "git"},        Sign{"ssh://", "git"},
      Sign{"github.com/", "git"}, Sign{"gitlab.com/", "git"}, Sign{"bitbucket.org/", "git"},
      Sign{"hg::", "hg"},         Sign{"s3::", "s3"},         Sign{"gcs::", "gcs"}};
  for (const Sign& sign : signs)
    if (source.starts_with(sign.beginning)) return std::string(sign.getter);
  return "";
}

}  // namespace caravan::model
