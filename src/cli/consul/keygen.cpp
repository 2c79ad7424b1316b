// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"
#include "cli/consul/verbs.hpp"
#include "io/linux/clock.hpp"

namespace caravan::cli::consul {
namespace {

constexpr std::size_t key_bytes = 32;

int run(Context& context) {
  io::linux_world::Random random;
  std::array<std::uint8_t, key_bytes> key;
  random.fill(key);
  context.out(base::base64_encode({reinterpret_cast<const char*>(key.data()), key.size()}));
  return 0;
}

}  // namespace

Command keygen_command() {
  return {.name = "keygen",
          .synopsis = "Draw a key for gossip",
          .usage = "",
          .help = "Draws a key of 32 bytes for `encrypt` in the agents' configuration.",
          .takes = "no arguments",
          .uses_api = false,
          .run = run};
}

}  // namespace caravan::cli::consul
