// SPDX-License-Identifier: Apache-2.0
#include "api/nomad/node_stream.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "base/text.hpp"
#include "io/task.hpp"
#include "json/writer.hpp"

namespace caravan::api::nomad {
namespace {

using namespace std::chrono_literals;
using namespace boost::asio::experimental::awaitable_operators;
using io::Task;

/// An empty frame, so that proxies keep the connection.
constexpr base::Duration heartbeat = 1s;
constexpr std::size_t frame_bytes = 64 * 1024;

/// One step of a framed stream, as clients decode it.
std::string frame(const Framing& framing, std::string_view bytes) {
  json::Object object;
  if (framing.offset != 0) object["Offset"] = framing.offset;
  object["Data"] = base::base64_encode(bytes);
  if (!framing.file.empty()) object["File"] = framing.file;
  return json::to_string(object);
}

base::Result<std::string> parse_first_line(const std::string& line) {
  if (line.starts_with("ok ")) return line.substr(3);
  if (line.starts_with("error ") && line.size() > 8) {
    const auto code =
        static_cast<base::Code>(base::parse_int(line.substr(6, line.find(' ', 6) - 6))
                                    .value_or(static_cast<int>(base::Code::internal)));
    return base::fail(code, line.substr(line.find(' ', 6) + 1));
  }
  return base::fail(base::Code::internal, "the node's answer is not understood");
}

Task<void> copy(Call& call, io::Clock& clock, Framing framing, const MoreBytes& more) {
  while (true) {
    auto raced = co_await (more() || clock.sleep(heartbeat));
    std::string out;
    if (raced.index() == 1) {
      if (!framing.plain) out = "{}";
    } else {
      std::string& piece = std::get<0>(raced);
      if (piece.empty()) break;
      framing.offset += framing.file.empty() ? 0 : static_cast<std::int64_t>(piece.size());
      out = framing.plain ? std::move(piece) : frame(framing, piece);
    }
    if (!out.empty() && !co_await call.responder.write(out)) co_return;
  }
  (void)co_await call.responder.end();  // the client may be gone; there is nobody to tell
}

}  // namespace

Task<base::Result<std::string>> read_first_line(io::Stream& stream, std::string& rest) {
  std::string buffer(frame_bytes, '\0');
  while (rest.find('\n') == std::string::npos) {
    CO_TRY(const std::size_t n, co_await stream.read_some(buffer));
    if (n == 0) co_return base::fail(base::Code::unavailable, "the node hung up");
    rest.append(buffer, 0, n);
  }
  const std::size_t end = rest.find('\n');
  const std::string line = rest.substr(0, end);
  rest.erase(0, end + 1);
  co_return parse_first_line(line);
}

Task<base::Result<Answer>> stream_out(Call& call, io::Clock& clock, Framing framing,
                                      MoreBytes more) {
  http::Response start;
  start.headers.add("Content-Type",
                    framing.plain ? "text/plain; charset=utf-8" : "application/json");
  start.headers.add("X-Content-Type-Options", "nosniff");
  Answer answer;
  answer.sent = true;
  CO_TRY_VOID(co_await call.responder.begin(std::move(start)));
  co_await (copy(call, clock, std::move(framing), more) || call.responder.hung_up());
  co_return answer;
}

MoreBytes bytes_of(std::shared_ptr<io::Stream> stream, std::string heard) {
  const auto first = std::make_shared<std::string>(std::move(heard));
  return [stream, first]() -> Task<std::string> {
    if (!first->empty()) co_return std::exchange(*first, {});
    std::string buffer(frame_bytes, '\0');
    const base::Result<std::size_t> n = co_await stream->read_some(buffer);
    buffer.resize(n ? *n : 0);
    co_return buffer;
  };
}

}  // namespace caravan::api::nomad
