// SPDX-License-Identifier: Apache-2.0
// UDP over Asio.
#pragma once

#include "io/datagrams.hpp"

namespace caravan::io::linux_world {

class Datagrams : public io::Datagrams {
 public:
  Task<base::Result<std::unique_ptr<DatagramSocket>>> bind(Address address) override;
};

}  // namespace caravan::io::linux_world
