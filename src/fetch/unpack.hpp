// SPDX-License-Identifier: Apache-2.0
// Archives and compressed files, taken apart.
#pragma once

#include <string>

#include "fetch/folder.hpp"
#include "fetch/request.hpp"

namespace caravan::fetch {

/// The ending that says what a file is ("tar.gz", "zip", "xz" …); "" for no archive.
std::string archive_kind(const std::string& file_name);

/// Takes `name` apart into the folder `into`, which is empty. A compressed single file arrives
/// there under its name without the ending. Throws Failure: a damaged archive, one that would
/// write outside, devices in it, the limits of the request.
void unpack(const Request& request, const Folder& from, const std::string& name,
            const std::string& file_name, const std::string& kind, const Folder& into);

}  // namespace caravan::fetch
