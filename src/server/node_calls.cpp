// SPDX-License-Identifier: Apache-2.0
#include "server/node_calls.hpp"

namespace caravan::server {

io::Task<base::Result<std::string>> NodeCalls::call(const rpc::Caller& caller, std::string method,
                                                    std::string request) {
  if (method == "Catalog.Coordinate") co_return coordinates_.call(request);
  if (method.starts_with("Catalog."))
    co_return co_await registrations_.call(std::move(method), std::move(request));
  if (method.starts_with("Connect."))
    co_return co_await connect_.call(std::move(method), std::move(request));
  if (method == "Node.TaskData") co_return co_await task_data_.read(std::move(request));
  if (method == "Node.Identity") co_return co_await identities_.sign_node(std::move(request));
  if (method == "Node.Identities") co_return co_await identities_.sign(std::move(request));
  co_return co_await nodes_.call(caller, std::move(method), std::move(request));
}

io::Task<base::Status> NodeCalls::stream(const rpc::Caller& caller, std::string method,
                                         std::string head, io::Stream& stream) {
  return nodes_.stream(caller, std::move(method), std::move(head), stream);
}

}  // namespace caravan::server
