// SPDX-License-Identifier: Apache-2.0
// For the tests of this chapter: a host with a private network, a tunnel and a public address.
#pragma once

#include "config/sockaddr.hpp"

namespace caravan::config {

class FakeInterfaces : public Interfaces {
 public:
  base::Result<std::vector<InterfaceAddress>> list() override {
    return std::vector<InterfaceAddress>{
        {"lo", "127.0.0.1", 8, true, true, false},      {"eth1", "8.8.4.4", 24, true, false, false},
        {"wg0", "172.30.0.1", 16, true, false, false},  {"eth0", "fd00::5", 64, true, false, false},
        {"eth0", "192.168.1.5", 24, true, false, true},
    };
  }
};

}  // namespace caravan::config
