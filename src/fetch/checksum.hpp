// SPDX-License-Identifier: Apache-2.0
// Whether a file is the one that was meant.
#pragma once

#include <string>

#include "fetch/folder.hpp"

namespace caravan::fetch {

/// `expected`: "md5:", "sha1:", "sha256:" or "sha512:" and hex digits. Throws Failure when the file
/// has another sum, naming both.
void verify(const Folder& folder, const std::string& name, const std::string& expected);

}  // namespace caravan::fetch
