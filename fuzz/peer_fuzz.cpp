// SPDX-License-Identifier: Apache-2.0
// Any bytes as what agents say to each other: the first one says which message it is. What is read
// is written again and has to be read as the same.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "consensus/engine.hpp"
#include "wire/node_rpc.hpp"
#include "wire/server_rpc.hpp"
#include "wire/task_data.hpp"

namespace {

using namespace caravan;

template <class Message>
void read(std::string_view bytes) {
  const base::Result<Message> message = wire::decode<Message>(bytes);
  if (!message) return;
  const std::string once = wire::encode(*message);
  const base::Result<Message> again = wire::decode<Message>(once);
  if (!again || wire::encode(*again) != once) std::abort();
}

constexpr void (*readers[])(std::string_view) = {
    read<wire::ServerInfo>,
    read<wire::ServerFound>,
    read<wire::ServerSecrets>,
    read<wire::ServerStatus>,
    read<wire::NodeRegisterRequest>,
    read<wire::NodeHeartbeatRequest>,
    read<wire::NodeHeartbeatReply>,
    read<wire::NodeAllocsRequest>,
    read<wire::NodeReportRequest>,
    read<wire::NodeServicesRequest>,
    read<wire::AllocRequest>,
    read<wire::TaskDataRequest>,
    read<wire::TaskDataReply>,
    [](std::string_view bytes) { (void)wire::decode_allocs_reply(bytes); },
    [](std::string_view bytes) { (void)consensus::Engine::inspect(bytes); },
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  readers[data[0] % std::size(readers)](bytes);
  return 0;
}
