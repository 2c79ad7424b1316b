// SPDX-License-Identifier: Apache-2.0
// Brings the bytes of a URL into a file.
#pragma once

#include "fetch/folder.hpp"
#include "fetch/request.hpp"

namespace caravan::fetch {

/// Into `name` of the folder, which must not exist. Throws Failure: what the server or the network
/// said, the limits of the request.
void download(const Request& request, const Folder& into, const std::string& name);

/// The URL as a user may read it in a log: without user, password and query.
std::string shown(const std::string& url);

}  // namespace caravan::fetch
