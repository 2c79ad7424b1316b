// SPDX-License-Identifier: Apache-2.0
// Every verb of the registry's command line gives its row of the table here; its file has its name.
#pragma once

#include "cli/command.hpp"

namespace caravan::cli::consul {

Command kv_delete_command();
Command kv_export_command();
Command kv_get_command();
Command kv_import_command();
Command kv_put_command();
Command lock_command();

}  // namespace caravan::cli::consul
