// SPDX-License-Identifier: Apache-2.0
// A story in a text file: lines that begin with "> " are told to a Site, what follows each is what
// it answered. README.md lists the words.
#pragma once

#include <string>

namespace caravan::scenarios {

/// The same text with the answers that are true today. Errors: std::logic_error for a line that is
/// not understood.
std::string retell(const std::string& text);

}  // namespace caravan::scenarios
