#include "cli/join/registries.h"

#include <algorithm>
#include <filesystem>
#include <thread>

namespace msctl::cli::join {
namespace {

namespace fs = std::filesystem;

// Where Docker's and Podman's users put the authorities of their registries.
std::vector<std::string> authorities_of(const Context& context, const std::string& authority) {
  std::vector<std::string> folders{"/etc/docker/certs.d/", "/etc/containers/certs.d/"};
  if (auto home = context.variable("HOME")) folders.push_back(*home + "/.config/containers/certs.d/");
  std::vector<std::string> out;
  for (const std::string& folder : folders) {
    std::error_code error;
    for (const auto& each : fs::directory_iterator(folder + authority, error))
      if (each.path().extension() == ".crt") out.push_back(each.path().string());
  }
  std::ranges::sort(out);
  return out;
}

http::ClientOptions client_options(Context& context) {
  http::ClientOptions out;
  out.idle_timeout = std::chrono::seconds(120);  // a registry may move a large layer before it answers
  out.interrupted = [&context] { return context.signals.interrupted(); };
  out.authorities = [&context](const std::string& authority) { return authorities_of(context, authority); };
  return out;
}

}  // namespace

Registries::Registries(Context& context)
    : context_(context),
      credentials_([&context](const std::string& name) { return context.variable(name); }, processes_),
      client_(client_options(context)) {}

base::Result<std::optional<image::Credential>> Registries::credential(const std::string& name) {
  const auto user = context_.variable("MSCTL_REGISTRY_USER");
  const auto password = context_.variable("MSCTL_REGISTRY_PASSWORD");
  if (name == own_ && user && password && !user->empty()) return image::Credential{*user, *password, {}};
  return credentials_.find(name);
}

image::Registry& Registries::of(const std::string& name) {
  const std::lock_guard lock(mutex_);
  auto& found = all_[name];
  if (!found) {
    image::RegistryOptions options;
    options.credential = [this, name] { return credential(name); };
    options.interrupted = [this] { return context_.signals.interrupted(); };
    options.sleep = [this](base::Duration duration) {
      const auto end = std::chrono::steady_clock::now() + duration;
      while (std::chrono::steady_clock::now() < end && !context_.signals.interrupted())
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    };
    found = std::make_unique<image::Registry>(client_, name, std::move(options));
  }
  return *found;
}

}  // namespace msctl::cli::join
