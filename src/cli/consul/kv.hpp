// SPDX-License-Identifier: Apache-2.0
// What the verbs of the key-value store have in common.
#pragma once

#include <string>

#include "cli/command.hpp"

namespace caravan::cli::consul {

/// "/v1/kv/a%2Fb". A leading slash is no part of a key.
std::string kv_path(std::string key);

/// Data as a command line gives it: the text itself, "@file", or "-" for standard input.
/// Errors: io.
base::Result<std::string> data_of(const std::string& word);

/// The bytes of an entry. Errors: invalid.
base::Result<std::string> value_of(const json::Value& entry);

}  // namespace caravan::cli::consul
