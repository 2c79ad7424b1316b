// SPDX-License-Identifier: Apache-2.0
#include "bench/http_load.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <cstring>

#include <fmt/core.h>

namespace caravan::bench {
namespace {

void send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) wrong("an agent closes its connection");
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

std::uint64_t number_after(std::string_view head, std::string_view name) {
  const std::size_t at = head.find(name);
  std::uint64_t number = 0;
  if (at != std::string_view::npos)
    std::from_chars(head.data() + at + name.size(), head.data() + head.size(), number);
  return number;
}

/// An answer as it comes in.
class Incoming {
 public:
  /// Reads what is there. True: it is whole.
  bool read(int fd) {
    static thread_local std::string buffer(1 << 20, '\0');
    const ssize_t n = ::recv(fd, buffer.data(), buffer.size(), 0);
    if (n <= 0) wrong("an agent closes its connection");
    take({buffer.data(), static_cast<std::size_t>(n)});
    return has_head_ && received_ == length_;
  }
  HttpLoad::Answer answer() const { return {status_, index_, body_}; }
  int status() const { return status_; }
  void keep_body() { keeps_ = true; }

 private:
  void take(std::string_view bytes) {
    if (!has_head_) {
      head_ += bytes;
      const std::size_t end = head_.find("\r\n\r\n");
      if (end == std::string::npos) return;
      has_head_ = true;
      status_ = static_cast<int>(number_after(head_, "HTTP/1.1 "));
      length_ = number_after(head_, "Content-Length: ");
      index_ = number_after(head_, "X-Nomad-Index: ");
      received_ = head_.size() - end - 4;
      if (keeps_) body_ = head_.substr(end + 4);
      return;
    }
    received_ += bytes.size();
    if (keeps_) body_ += bytes;
  }

  std::string head_, body_;
  std::uint64_t length_ = 0, received_ = 0, index_ = 0;
  int status_ = 0;
  bool has_head_ = false, keeps_ = false;
};

struct Exchange {
  int fd = -1;
  double begun = 0;
  Incoming incoming;
};

/// Waits for any of them, and calls `done` with each whose answer is whole, until it says stop.
template <class Done>
void serve(std::vector<Exchange>& exchanges, Done done) {
  const int poll = ::epoll_create1(0);
  for (Exchange& exchange : exchanges) {
    epoll_event event{.events = EPOLLIN, .data = {.ptr = &exchange}};
    ::epoll_ctl(poll, EPOLL_CTL_ADD, exchange.fd, &event);
  }
  constexpr int patience_ms = 20'000;
  std::vector<epoll_event> events(256);
  for (bool go_on = true; go_on;) {
    const int n = ::epoll_wait(poll, events.data(), static_cast<int>(events.size()), patience_ms);
    if (n == 0) wrong("an agent does not answer");
    for (int i = 0; i < n && go_on; ++i) {
      Exchange& exchange = *static_cast<Exchange*>(events[static_cast<std::size_t>(i)].data.ptr);
      if (exchange.incoming.read(exchange.fd)) go_on = done(exchange);
    }
  }
  ::close(poll);
  for (const Exchange& exchange : exchanges)
    ::close(exchange.fd);
}

}  // namespace

std::string HttpLoad::request_for(const std::string& method, const std::string& target,
                                  const std::string& body) {
  return fmt::format("{} {} HTTP/1.1\r\nHost: bench\r\nContent-Length: {}\r\n\r\n{}", method,
                     target, body.size(), body);
}

int HttpLoad::connect() const {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port_);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return fd;
  ::close(fd);
  return -1;
}

HttpLoad::Answer HttpLoad::ask(const std::string& method, const std::string& target,
                               const std::string& body) {
  const int fd = connect();
  if (fd < 0) return {};
  send_all(fd, request_for(method, target, body));
  Incoming incoming;
  incoming.keep_body();
  while (!incoming.read(fd)) {
  }
  ::close(fd);
  return incoming.answer();
}

Samples HttpLoad::load(const std::function<std::string()>& next_request, int connections,
                       double seconds) {
  Samples samples;
  std::vector<Exchange> exchanges(static_cast<std::size_t>(connections));
  const double end = now() + seconds;
  for (Exchange& exchange : exchanges) {
    exchange.fd = connect();
    if (exchange.fd < 0) wrong("an agent takes no more connections");
    exchange.begun = now();
    send_all(exchange.fd, next_request());
  }
  serve(exchanges, [&](Exchange& exchange) {
    if (exchange.incoming.status() != 200)
      wrong(fmt::format("an agent answers {}", exchange.incoming.status()));
    const double time = now();
    samples.add(time - exchange.begun);
    exchange.incoming = {};
    exchange.begun = time;
    if (time < end) send_all(exchange.fd, next_request());
    return time < end;
  });
  return samples;
}

std::vector<int> HttpLoad::park(const std::string& target, int watchers) {
  std::vector<int> parked;
  for (int i = 0; i < watchers; ++i) {
    parked.push_back(connect());
    if (parked.back() < 0) wrong("an agent takes no more connections");
    send_all(parked.back(), request_for("GET", target));
  }
  ::usleep(500'000);  // until all of them wait
  return parked;
}

Samples HttpLoad::collect(const std::vector<int>& parked, double begin) {
  std::vector<Exchange> exchanges;
  for (const int fd : parked)
    exchanges.push_back({fd, begin, {}});
  Samples samples;
  std::size_t left = parked.size();
  serve(exchanges, [&](Exchange&) {
    samples.add(now() - begin);
    return --left > 0;
  });
  return samples;
}

}  // namespace caravan::bench
