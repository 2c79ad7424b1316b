// SPDX-License-Identifier: Apache-2.0
// Any packet as a question, and what is answered to it: within what the asker can take, whole, and
// under the number that was asked.
#include <cstdint>
#include <cstdlib>

#include "dns/answers.hpp"
#include "dns/message.hpp"
#include "state/store.hpp"

namespace {
using namespace caravan;

struct Registry {
  state::Store store;
  Registry() {
    wire::ChangeCatalog change;
    wire::CatalogPut& put = change.put.emplace_back();
    put.node.name = "n1";
    put.node.address = "10.0.0.1";
    put.node.meta = {{"rack", "1"}};
    for (int i = 0; i < 40; ++i) {
      model::CatalogService& service = put.services.emplace_back();
      service.id = "web" + std::to_string(i);
      service.name = i % 3 == 0 ? "web" : "We.ird \\ name";
      service.address = i % 5 == 0 ? "host.example.com" : i % 2 == 0 ? "2001:db8::1" : "";
      service.tags = {"v1", "a.b"};
    }
    store.apply(1, wire::encode_command({.time_ns = 1, .body = std::move(change)}));
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Registry registry;
  static const dns::Settings settings;
  static const dns::Visible all;
  const std::string_view packet(reinterpret_cast<const char*>(data), size);
  const auto question = dns::read_question(packet);
  // Whatever is read the short way is read as the library reads it.
  if (const auto plain = dns::plain_question(packet)) {
    const auto other = dns::unusual_question(packet);
    if (!other || *other != *plain) std::abort();
  }
  if (!question || !dns::is_ours(settings, question->name)) return 0;
  const state::Snapshot tables = registry.store.snapshot();
  const dns::Reply reply =
      dns::answer(*question, {*tables, settings, all, 1, [](std::size_t n) { return n / 2; }});
  for (const std::size_t limit : {512, 1400, 65'535}) {
    const std::string written = dns::write_within(*question, reply, limit, true);
    if (written.size() > limit || dns::number_of(written) != question->id) std::abort();
  }
  return 0;
}
