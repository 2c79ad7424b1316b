// SPDX-License-Identifier: Apache-2.0
// Which files of a repository are meant. Pure.
#pragma once

#include <string_view>

namespace caravan::gitops {

/// Whether a relative path fits a pattern: `*` stands for any characters of one name, `?` for one
/// of them, `**` as a whole name for any number of folders, none included.
bool path_fits(std::string_view pattern, std::string_view path);

}  // namespace caravan::gitops
