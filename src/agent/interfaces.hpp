// SPDX-License-Identifier: Apache-2.0
// The machine's network interfaces, for addresses that name one.
#pragma once

#include "config/sockaddr.hpp"

namespace caravan::agent {

class LinuxInterfaces : public config::Interfaces {
 public:
  base::Result<std::vector<config::InterfaceAddress>> list() override;
};

}  // namespace caravan::agent
