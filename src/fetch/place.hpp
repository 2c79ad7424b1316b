// SPDX-License-Identifier: Apache-2.0
// The last step: what is whole moves to where the task expects it.
#pragma once

#include "fetch/folder.hpp"
#include "fetch/request.hpp"

namespace caravan::fetch {

/// Moves all that lies in `ready` to the request's destination: into a folder, beside what is there
/// already, a file in place of one of the same name; with mode "file" the only file there becomes
/// the destination. Gives everything the owner of the request. Throws Failure.
void place(const Request& request, const Folder& root, const Folder& ready);

}  // namespace caravan::fetch
