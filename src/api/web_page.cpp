// SPDX-License-Identifier: Apache-2.0
#include "api/web_page.hpp"

#include <boost/asio/awaitable.hpp>
#include <fmt/core.h>

#include "base/hash.hpp"

extern "C" {
extern const char caravan_page_html_begin[], caravan_page_html_end[];
extern const char caravan_page_js_begin[], caravan_page_js_end[];
extern const char caravan_page_css_begin[], caravan_page_css_end[];
extern const char caravan_page_icon_begin[], caravan_page_icon_end[];
}

namespace caravan::api {
namespace {

using io::Task;
using Result = base::Result<Answer>;

/// It runs what it was served with, talks to whoever served it, and is shown in no frame.
constexpr const char* content_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

struct File {
  File(const char* type, std::string bytes)
      : content_type(type),
        body(std::make_shared<const http::SharedBody>(std::move(bytes))),
        tag(fmt::format("\"{:016x}\"", base::hash64(body->plain()))) {}
  const char* content_type;
  std::shared_ptr<const http::SharedBody> body;
  std::string tag;
};

/// The page, marked as that of the registry.
std::string html(bool is_registry) {
  std::string text(caravan_page_html_begin, caravan_page_html_end);
  constexpr std::string_view root = "<html ";
  if (const std::size_t at = text.find(root); is_registry && at != std::string::npos)
    text.insert(at + root.size(), "data-registry ");
  return text;
}

class WebPage {
 public:
  explicit WebPage(bool is_registry)
      : files_{{"", {"text/html; charset=utf-8", html(is_registry)}},
               {"assets/page.js", {"text/javascript", {caravan_page_js_begin, caravan_page_js_end}}},
               {"assets/page.css", {"text/css", {caravan_page_css_begin, caravan_page_css_end}}},
               {"assets/icon.svg",
                {"image/svg+xml", {caravan_page_icon_begin, caravan_page_icon_end}}}} {}

  Task<Result> begin(Call&) {
    Answer answer;
    answer.status = 307;
    answer.content_type = "text/plain";
    answer.headers.add("Location", "/ui/");
    co_return answer;
  }

  Task<Result> file(Call& call) {
    const auto rest = call.params.find("rest");
    const auto found = files_.find(rest == call.params.end() ? "" : rest->second);
    if (found == files_.end() && rest->second.starts_with("assets/"))
      co_return base::fail(base::Code::not_found, "the page has no such file");
    co_return served(call.request, found == files_.end() ? files_.at("") : found->second);
  }

 private:
  static Answer served(const http::Request& request, const File& file) {
    Answer answer;
    answer.content_type = file.content_type;
    answer.headers.add("ETag", file.tag);
    answer.headers.add("Cache-Control", "no-cache");  // asked again each time, and seldom sent
    answer.headers.add("X-Content-Type-Options", "nosniff");
    answer.headers.add("Referrer-Policy", "no-referrer");
    answer.headers.add("Content-Security-Policy", content_policy);
    if (request.headers.get("If-None-Match") == file.tag)
      answer.status = 304;
    else
      answer.shared = file.body;
    return answer;
  }

  const std::map<std::string, File> files_;
};

}  // namespace

std::vector<Route> web_page_routes(bool is_registry) {
  const auto to = handlers_of(std::make_shared<WebPage>(is_registry));
  std::vector<Route> routes{{"GET", "/", acl::Capability::anyone, to(&WebPage::begin), true}};
  for (const char* path : {"/ui", "/ui/", "/ui/:rest"})
    routes.push_back({"GET", path, acl::Capability::anyone, to(&WebPage::file), true});
  return routes;
}

}  // namespace caravan::api
