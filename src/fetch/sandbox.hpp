// SPDX-License-Identifier: Apache-2.0
// The cage: what follows can write below `root` only, reads what a download needs, and has no
// powers beyond owning files.
#pragma once

#include <string>
#include <vector>

namespace caravan::fetch {

/// Ends this process when its parent does; nothing it starts may gain privileges.
void bind_to_parent();

/// Landlock where the kernel has it, seccomp, and all capabilities but three dropped. `readable`:
/// further paths. Throws Failure.
void enter_sandbox(const std::string& root, const std::vector<std::string>& readable);

}  // namespace caravan::fetch
