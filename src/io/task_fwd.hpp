// SPDX-License-Identifier: Apache-2.0
// Task<T> is Asio's awaitable, only declared here, so that headers which name it stay cheap.
#pragma once

namespace boost::asio {
class any_io_executor;
template <typename T, typename Executor>
class awaitable;
}  // namespace boost::asio

namespace caravan::io {

template <class T>
using Task = boost::asio::awaitable<T, boost::asio::any_io_executor>;

}  // namespace caravan::io
