// SPDX-License-Identifier: Apache-2.0
#include "io/request.hpp"

#include <atomic>

namespace caravan::io {
namespace asio = boost::asio;
namespace {

struct Request {
  base::Uuid id;
  std::atomic<bool> is_taken = false;
};

/// An executor that does what another one does, and bears an id. Asio's rules for executors ask for
/// each of these members.
class RequestExecutor {
 public:
  RequestExecutor(asio::any_io_executor lane, std::shared_ptr<Request> request)
      : lane_(std::move(lane)), request_(std::move(request)) {}

  Request& request() const { return *request_; }

  template <class Property>
    requires asio::can_query<const asio::any_io_executor&, Property>::value
  decltype(auto) query(const Property& property) const {
    return asio::query(lane_, property);
  }
  template <class Property>
    requires asio::can_require<const asio::any_io_executor&, Property>::value
  RequestExecutor require(const Property& property) const {
    return {asio::require(lane_, property), request_};
  }
  template <class Property>
    requires asio::can_prefer<const asio::any_io_executor&, Property>::value
  RequestExecutor prefer(const Property& property) const {
    return {asio::prefer(lane_, property), request_};
  }
  template <class Function>
  void execute(Function&& function) const {
    lane_.execute(std::forward<Function>(function));
  }
  friend bool operator==(const RequestExecutor& a, const RequestExecutor& b) noexcept {
    return a.lane_ == b.lane_ && a.request_ == b.request_;
  }

 private:
  asio::any_io_executor lane_;
  std::shared_ptr<Request> request_;
};

}  // namespace

asio::any_io_executor with_request(asio::any_io_executor lane, base::Uuid request) {
  const auto held = std::make_shared<Request>(request);
  return RequestExecutor(std::move(lane), held);
}

Task<base::Uuid> take_request() {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  const auto* tagged = executor.target<RequestExecutor>();
  if (!tagged || tagged->request().is_taken.exchange(true)) co_return base::Uuid();
  co_return tagged->request().id;
}

}  // namespace caravan::io
