// SPDX-License-Identifier: Apache-2.0
#include "driver/docker/image.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <fmt/core.h>

#include "base/text.hpp"
#include "driver/docker/registry_auth.hpp"
#include "io/task.hpp"
#include "json/reader.hpp"

namespace caravan::driver::docker {
namespace {

constexpr std::size_t piece_bytes = 256 * 1024;
constexpr std::size_t progress_bytes_max = 1024 * 1024;

/// A file of the task as a request's body.
class FileBody : public http::Outgoing {
 public:
  FileBody(std::unique_ptr<io::File> file, std::uint64_t size)
      : file_(std::move(file)), size_(size) {}
  std::uint64_t size() const override { return size_; }
  base::Result<std::string> next() override {
    TRY(std::string piece, file_->read_at(at_, std::min<std::uint64_t>(piece_bytes, size_ - at_)));
    at_ += piece.size();
    if (piece.empty() && at_ < size_)
      return base::fail(base::Code::io, "the image's archive became shorter while it was read");
    return piece;
  }

 private:
  std::unique_ptr<io::File> file_;
  std::uint64_t size_, at_ = 0;
};

/// Progress comes as lines of JSON; the status was 200 before anything could go wrong.
base::Status check_line(const std::string& line) {
  const base::Result<json::Value> said = json::parse(line);
  if (!said) return {};
  const std::string* error = said->at("error").as_string();
  if (!error) return {};
  const bool missing = error->find("not found") != std::string::npos ||
                       error->find("manifest unknown") != std::string::npos;
  return base::fail(missing ? base::Code::not_found : base::Code::io, *error);
}

io::Task<base::Status> read_progress(http::Incoming& incoming) {
  std::string text;
  while (true) {
    CO_TRY(const std::string piece, co_await incoming.read());
    text += piece;
    for (std::size_t end; (end = text.find('\n')) != std::string::npos; text.erase(0, end + 1))
      CO_TRY_VOID(check_line(text.substr(0, end)));
    if (text.size() > progress_bytes_max) co_return base::invalid("the engine's progress is no text");
    if (piece.empty()) co_return check_line(text);
  }
}

io::Task<base::Status> pull_now(Api& api, std::string path, std::string auth,
                                base::Duration timeout) {
  http::Request ask = request("POST", std::move(path));
  if (!auth.empty()) ask.headers.add("X-Registry-Auth", std::move(auth));
  CO_TRY(const std::unique_ptr<http::Incoming> answer, co_await api.open(std::move(ask), timeout));
  co_return co_await read_progress(*answer);
}

io::Task<base::Status> pull(Api& api, const Config& config, const Options& options) {
  using namespace boost::asio::experimental::awaitable_operators;
  const ImageName name = parse_image(config.image);
  const base::Result<std::string> found =
      co_await registry_auth(api.world(), name, config, options);
  if (!found && !config.auth_soft_fail) co_return std::unexpected(found.error());
  const std::string tag = name.digest.empty() ? name.tag : name.digest;
  std::string path = fmt::format("/images/create?fromImage={}&tag={}",
                                 base::percent_encode(name.repository), base::percent_encode(tag));
  const base::Duration timeout =
      config.pull_timeout.count() > 0 ? config.pull_timeout : options.pull_timeout;
  std::string auth = found.value_or("");
  auto raced = co_await (pull_now(api, std::move(path), std::move(auth), timeout) ||
                         api.world().clock.sleep(timeout));
  if (raced.index() == 1)
    co_return base::fail(base::Code::timeout,
                         fmt::format("image \"{}\" was not pulled within {}; image_pull_timeout "
                                     "gives it more time",
                                     config.image, base::format_duration(timeout)));
  const base::Status& pulled = std::get<0>(raced);
  if (pulled) co_return base::Status();
  const base::Code code =
      pulled.error().code == base::Code::not_found ? base::Code::invalid : pulled.error().code;
  co_return base::fail(
      code, fmt::format("cannot pull image \"{}\": {}", config.image, pulled.error().message));
}

io::Task<base::Status> load(Api& api, const TaskSpec& spec, const Config& config,
                            base::Duration timeout) {
  io::Disk& disk = api.world().disk;
  CO_TRY(const std::string folder, disk.follow_links(spec.task_dir + "/local"));
  CO_TRY(const std::string path, disk.follow_links(folder + "/" + config.load));
  if (!path.starts_with(folder + "/"))
    co_return base::invalid(fmt::format("config.load: \"{}\" is outside the task's local folder",
                                        base::printable(config.load, 200)));
  if (!disk.exists(path))
    co_return base::invalid(
        fmt::format("config.load: there is no local/{}", base::printable(config.load, 200)));
  CO_TRY(std::unique_ptr<io::File> file, disk.open_to_read(path));
  CO_TRY(const std::uint64_t size, file->size());
  FileBody body(std::move(file), size);
  http::Request ask = request("POST", "/images/load?quiet=1");
  ask.headers.add("Content-Type", "application/x-tar");
  CO_TRY(const std::unique_ptr<http::Incoming> answer,
         co_await api.send(std::move(ask), body, timeout));
  const base::Status loaded = co_await read_progress(*answer);
  if (loaded) co_return base::Status();
  co_return base::fail(loaded.error().code, fmt::format("config.load: {}", loaded.error().message));
}

io::Task<base::Result<bool>> is_present(Api& api, const Config& config) {
  const ImageName name = parse_image(config.image);
  const std::string full =
      name.digest.empty() ? name.repository + ":" + name.tag : name.repository + "@" + name.digest;
  std::string path = "/images/" + base::percent_encode(full) + "/json";
  base::Result<json::Value> found = co_await api.call("GET", std::move(path));
  if (!found && config.image.find(':') == std::string::npos) {  // perhaps the id of one
    path = "/images/" + base::percent_encode(config.image) + "/json";
    found = co_await api.call("GET", std::move(path));
  }
  if (found) co_return true;
  if (found.error().code == base::Code::not_found) co_return false;
  co_return std::unexpected(found.error());
}

}  // namespace

ImageName parse_image(std::string_view text) {
  ImageName name;
  std::string_view rest = text;
  if (rest.starts_with("https://")) rest.remove_prefix(8);
  if (const std::size_t at = rest.find('@'); at != std::string_view::npos) {
    name.digest = rest.substr(at + 1);
    rest = rest.substr(0, at);
  }
  const std::size_t colon = rest.rfind(':'), slash = rest.rfind('/');
  // "host:5000/app" has a port and no tag.
  if (colon != std::string_view::npos && (slash == std::string_view::npos || colon > slash)) {
    name.tag = rest.substr(colon + 1);
    rest = rest.substr(0, colon);
  }
  name.repository = rest;
  if (name.tag.empty() && name.digest.empty()) name.tag = "latest";
  return name;
}

std::string ImageName::registry() const {
  const std::size_t slash = repository.find('/');
  const std::string first = repository.substr(0, slash);
  const bool is_host = slash != std::string::npos &&
                       (first.find_first_of(".:") != std::string::npos || first == "localhost");
  return is_host ? first : "docker.io";
}

io::Task<base::Status> provide_image(Api& api, const TaskSpec& spec, const Config& config,
                                     const Options& options, const Tell& tell) {
  if (!config.load.empty()) {
    co_await tell("Loading image from path");
    co_return co_await load(api, spec, config, options.pull_timeout);
  }
  const bool must_pull = config.force_pull || parse_image(config.image).is_latest();
  if (!must_pull) {
    CO_TRY(const bool present, co_await is_present(api, config));
    if (present) co_return base::Status();
  }
  co_await tell("Downloading image");
  co_return co_await pull(api, config, options);
}

}  // namespace caravan::driver::docker
