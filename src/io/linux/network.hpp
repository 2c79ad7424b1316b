// SPDX-License-Identifier: Apache-2.0
// TCP and UNIX sockets over Asio.
#pragma once

#include "io/network.hpp"

namespace caravan::io::linux_world {

class Network : public io::Network {
 public:
  Task<base::Result<std::unique_ptr<Listener>>> listen(Address address) override;
  Task<base::Result<std::unique_ptr<Stream>>> connect(Address address,
                                                      base::Duration timeout) override;
};

}  // namespace caravan::io::linux_world
