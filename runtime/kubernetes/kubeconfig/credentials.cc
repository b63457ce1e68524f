#include "runtime/kubernetes/kubeconfig/credentials.h"

#include <fmt/format.h>

#include "runtime/base/base64.h"
#include "runtime/kubernetes/kubeconfig/describe.h"
#include "runtime/kubernetes/kubeconfig/plugin.h"

namespace msctl::kubernetes::kubeconfig {
namespace {

// Tokens in files are replaced by others (the kubelet does so long before they end): looked at this often.
constexpr auto file_is_good_for = std::chrono::seconds{10};
// A credential that ends within the next request is no longer used.
constexpr auto spare = std::chrono::seconds{10};

base::Result<std::string> read(const system::Files& files, const std::string& path, const char* what) {
  auto bytes = files.read(path);
  if (!bytes)
    return base::fail(base::Code::badKubeconfig, fmt::format("{}: {}", what, bytes.error().message));
  return bytes;
}

}  // namespace

Credentials::Credentials(Access access, Outside outside) : access_(std::move(access)), outside_(outside) {}

base::Result<Credential> Credentials::current() {
  const std::lock_guard lock(mutex_);
  if (known_ && (!good_until_ || outside_.clock.wall() < *good_until_)) return credential_;
  auto made = make();
  if (!made) return made;
  made->number = credential_.number;
  // The number says whether connections that were opened with another certificate can still be used.
  if (!known_ || made->authorization != credential_.authorization ||
      made->certificate != credential_.certificate || made->key != credential_.key)
    ++made->number;
  known_ = true;
  credential_ = *made;
  return made;
}

bool Credentials::renew(const Credential& refused) {
  const std::lock_guard lock(mutex_);
  if (refused.number != credential_.number) return true;
  if (!access_.user.exec && access_.user.token_file.empty()) return false;
  known_ = false;
  return true;
}

base::Result<Credential> Credentials::make() {
  const User& user = access_.user;
  Credential out;
  good_until_.reset();
  out.certificate = user.certificate_data;
  out.key = user.key_data;
  if (out.certificate.empty() && !user.certificate_file.empty()) {
    auto bytes = read(outside_.files, user.certificate_file, "the client certificate");
    if (!bytes) return std::unexpected(bytes.error());
    out.certificate = std::move(*bytes);
  }
  if (out.key.empty() && !user.key_file.empty()) {
    auto bytes = read(outside_.files, user.key_file, "the client key");
    if (!bytes) return std::unexpected(bytes.error());
    out.key = std::move(*bytes);
  }
  std::string token = user.token;
  if (!user.token_file.empty()) {
    auto bytes = read(outside_.files, user.token_file, "the token");
    if (!bytes) return std::unexpected(bytes.error());
    token = std::move(*bytes);
    token.erase(token.find_last_not_of(" \t\r\n") + 1);
    if (token.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos)
      return base::fail(base::Code::badKubeconfig,
                        fmt::format("{} is no file with a token", user.token_file));
    good_until_ = outside_.clock.wall() + file_is_good_for;
  }
  if (!token.empty()) {
    out.authorization = "Bearer " + token;
  } else if (!user.user.empty()) {
    out.authorization = "Basic " + base::to_base64(user.user + ":" + user.password);
  } else if (user.exec) {
    std::string authorities = access_.cluster.authority_data;
    if (authorities.empty() && !access_.cluster.authority_file.empty() && user.exec->cluster_info) {
      auto bytes = read(outside_.files, access_.cluster.authority_file, "the certificate authority");
      if (!bytes) return std::unexpected(bytes.error());
      authorities = std::move(*bytes);
    }
    auto told = ask_plugin(*user.exec, access_.cluster, authorities, outside_);
    if (!told) return std::unexpected(told.error());
    if (!told->token.empty()) out.authorization = "Bearer " + told->token;
    if (!told->certificate.empty()) {
      out.certificate = std::move(told->certificate);
      out.key = std::move(told->key);
    }
    if (told->until) good_until_ = *told->until - spare;
  }
  return out;
}

std::string Credentials::describe() {
  const std::lock_guard lock(mutex_);
  std::string what;
  const base::WallTime now = outside_.clock.wall();
  if (credential_.authorization.starts_with("Bearer "))
    what = describe_token(std::string_view(credential_.authorization).substr(7), now);
  else if (!credential_.authorization.empty())
    what = "password";
  else if (!credential_.certificate.empty())
    what = describe_certificate(credential_.certificate, now);
  else
    what = "no credential";
  if (!access_.user.as.empty()) what += fmt::format(", acting as {}", access_.user.as);
  return access_.user.name.empty() ? what : fmt::format("'{}' ({})", access_.user.name, what);
}

}  // namespace msctl::kubernetes::kubeconfig
