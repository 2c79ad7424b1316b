// SPDX-License-Identifier: Apache-2.0
#include "ingress/certificate_store.hpp"

#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "base/text.hpp"
#include "crypto/certificate.hpp"
#include "http/tls.hpp"
#include "io/random_bytes.hpp"
#include "io/task.hpp"

namespace caravan::ingress {
namespace {

using namespace std::chrono_literals;

constexpr base::Duration issued_for = 90 * 24h, issued_before = 1h;
constexpr std::size_t certificates_max = 4096;
constexpr const char* default_file = "default.pem";

/// A name of a file out of a host or of another file's.
std::string file_name(std::string_view name) {
  std::string made;
  for (const char c : name)
    made += (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '.' || c == '-'
                ? c
                : '_';
  return "named/" + made + ".pem";
}

}  // namespace

CertificateStore::CertificateStore(io::World& world, CertificateSources sources, std::string folder)
    : world_(world), sources_(std::move(sources)), folder_(std::move(folder)) {}

std::vector<CertificateStore::Pair> CertificateStore::found() {
  std::vector<Pair> pairs;
  const auto read = [&](const std::string& name, const std::string& certificate,
                        const std::string& key) {
    base::Result<std::string> first = world_.disk.read_file(certificate);
    base::Result<std::string> second = world_.disk.read_file(key);
    if (first && second)
      pairs.push_back({name, *std::move(first), *std::move(second)});
    else
      problems_.push_back({"", "certificate " + name,
                           first ? second.error().message : first.error().message});
  };
  for (const auto& [certificate, key] : sources_.pairs)
    read(certificate, certificate, key);
  if (sources_.folder.empty()) return pairs;
  const base::Result<std::vector<io::FileInfo>> files = world_.disk.list(sources_.folder);
  if (!files) {
    problems_.push_back({"", "certificates", files.error().message});
    return pairs;
  }
  std::set<std::string> names;
  for (const io::FileInfo& file : *files)
    names.insert(file.name);
  for (const std::string& name : names) {
    const std::string path = sources_.folder + "/" + name;
    constexpr std::string_view half = "-cert.pem";
    if (name.ends_with(half)) {
      const std::string stem = name.substr(0, name.size() - half.size());
      read(name, path, sources_.folder + "/" + stem + "-key.pem");
    } else if (name.ends_with(".pem") && !name.ends_with("-key.pem")) {
      read(name, path, path);
    }
  }
  return pairs;
}

/// Only what fits together is shown to the data plane.
void CertificateStore::take(const Pair& pair, std::map<std::string, std::string>& wanted) {
  http::TlsMaterial material;
  material.certificate = pair.certificate;
  material.key = pair.key;
  const auto made = http::Tls::make(material);
  const auto facts = crypto::read_certificate(pair.certificate);
  std::string why;
  if (!made)
    why = made.error().message;
  else if (!facts)
    why = facts.error().message;
  else if (facts->not_after < world_.clock.now())
    why = "it ended at " + base::format_rfc3339(facts->not_after);
  else if (wanted.size() >= certificates_max)
    why = fmt::format("there are more than {}", certificates_max);
  if (!why.empty()) {
    problems_.push_back({"", "certificate " + pair.name, why});
    return;
  }
  const bool is_one_file = pair.certificate == pair.key;
  wanted[file_name(pair.name)] =
      is_one_file ? pair.certificate : pair.certificate + "\n" + pair.key;
}

base::Result<std::string> CertificateStore::issued(const std::string& name,
                                                   const std::vector<std::string>& hosts) {
  const base::Instant now = world_.clock.now();
  const auto known = issued_.find(name);
  if (known != issued_.end() && now < renew_at_[name]) return known->second;
  crypto::CertificateForm form;
  form.common_name = hosts.front();
  form.dns_names = hosts;
  form.not_before = now - issued_before;
  form.not_after = now + issued_for;
  form.serial = io::random_bytes(world_.random, 16);
  form.serial[0] = 1;  // positive, and not zero
  const crypto::CertificateKey key = crypto::CertificateKey::draw();
  std::optional<crypto::Issuer> issuer;
  if (!sources_.ca_certificate.empty()) {
    TRY(std::string certificate, world_.disk.read_file(sources_.ca_certificate));
    TRY(const std::string ca_key, world_.disk.read_file(sources_.ca_key));
    TRY(crypto::CertificateKey authority, crypto::CertificateKey::from_pem(ca_key));
    issuer = crypto::Issuer{std::move(certificate), std::move(authority)};
  }
  TRY(std::string certificate, crypto::issue(form, key, issuer));
  issued_[name] = certificate + "\n" + (issuer ? issuer->certificate + "\n" : "") + key.to_pem();
  renew_at_[name] = now + issued_for * 2 / 3;
  return issued_[name];
}

io::Task<base::Result<bool>> CertificateStore::refresh(const std::vector<std::string>& hosts) {
  problems_.clear();
  std::map<std::string, std::string> wanted;
  for (const Pair& pair : found())
    take(pair, wanted);
  const base::Result<std::string> other = issued("", {"caravan.invalid"});
  if (other)
    wanted[default_file] = *other;
  else
    problems_.push_back({"", "certificate of the ingress", other.error().message});
  if (!sources_.ca_certificate.empty())
    for (const std::string& host : hosts) {
      if (wanted.size() >= certificates_max || wanted.contains(file_name(host))) continue;
      const base::Result<std::string> made = issued(host, {host});
      if (made)
        wanted[file_name(host)] = *made;
      else
        problems_.push_back({"", "certificate for " + host, made.error().message});
    }
  if (wanted == there_) co_return false;
  for (const auto& [name, text] : wanted)
    if (const auto old = there_.find(name); old == there_.end() || old->second != text)
      CO_TRY_VOID(co_await world_.disk.replace_file(folder_ + "/" + name, text, 0600));
  if (const auto files = world_.disk.list(folder_ + "/named"))
    for (const io::FileInfo& file : *files)
      if (!wanted.contains("named/" + file.name))
        (void)world_.disk.remove(folder_ + "/named/" + file.name);
  there_ = std::move(wanted);
  co_return true;
}

}  // namespace caravan::ingress
